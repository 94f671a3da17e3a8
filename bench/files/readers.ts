import { createConnection, type Socket } from "node:net";
import { lines } from "../lines.ts";

/** Readers to be made. */
export interface ReadersOrder {
  readonly host: string;
  readonly port: number;
  readonly readers: number;
  /** What is asked for, in turn. */
  readonly paths: readonly string[];
  /** Bytes of each of them. */
  readonly bytes: number;
  /** How often each reader asks for the next one, in milliseconds; one that is late asks at once. */
  readonly everyMs: number;
}

/** What readers saw while they were measured. */
export interface ReadersReport {
  readonly seconds: number;
  readonly requests: number;
  readonly bytes: number;
  /** Readers that got nothing in that time. */
  readonly starved: number;
  /** Readers whose connection is over. */
  readonly closed: number;
}

const READ_BYTES = 256 * 1024;
const buffer = new Uint8Array(READ_BYTES);
const decoder = new TextDecoder("latin1");

/** One connection that reads one path after the other, each to its end. */
class Reader {
  requests = 0;
  bytes = 0;
  isClosed = false;
  readonly #order: ReadersOrder;
  readonly #socket: Socket;
  #turn: number;
  /** Of the body that is being read; undefined while its head is awaited. */
  #left?: number;
  #head = "";
  #due = performance.now();

  constructor(order: ReadersOrder, turn: number) {
    this.#order = order;
    this.#turn = turn;
    const { host, port } = order;
    const onread = { buffer, callback: (count: number) => this.#receive(buffer.subarray(0, count)) };
    this.#socket = createConnection({ host, port, noDelay: true, onread });
    this.#socket.on("error", () => {});
    this.#socket.once("close", () => this.isClosed = true);
    this.#ask();
  }

  #next(): void {
    const wait = (this.#due += this.#order.everyMs) - performance.now();
    if (wait > 0) setTimeout(() => this.#ask(), wait);
    else this.#ask();
  }

  #ask(): void {
    this.#due = Math.max(this.#due, performance.now() - this.#order.everyMs);
    const path = this.#order.paths[this.#turn++ % this.#order.paths.length];
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
  }

  #receive(bytes: Uint8Array): boolean {
    this.bytes += bytes.length;
    if (this.#left === undefined) this.#readHead(bytes);
    else this.#left -= bytes.length;
    if (this.#left === 0) {
      this.#left = undefined;
      this.requests++;
      this.#next();
    }
    return true;
  }

  #readHead(bytes: Uint8Array): void {
    this.#head += decoder.decode(bytes.subarray(0, 4096));
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return;
    if (!this.#head.startsWith("HTTP/1.1 200 ")) throw new Error(`The server answered ${this.#head.slice(0, end)}`);
    const before = this.#head.length - Math.min(bytes.length, 4096);
    this.#left = this.#order.bytes - (bytes.length - (end + 4 - before));
    this.#head = "";
  }
}

/** Reads until its input ends; a line of input ends one time of measuring, which it reports, and begins the next. */
async function work(order: ReadersOrder): Promise<void> {
  const readers: Reader[] = [];
  for (let i = 0; i < order.readers; i++) {
    readers.push(new Reader(order, i));
    // Spread over the time in which each asks once.
    if (i % 20 === 19) await new Promise((resolve) => setTimeout(resolve, order.everyMs * 20 / order.readers));
  }
  let from = performance.now();
  for await (const _ of lines(Deno.stdin.readable)) {
    const report: ReadersReport = {
      seconds: (performance.now() - from) / 1000,
      requests: readers.reduce((sum, { requests }) => sum + requests, 0),
      bytes: readers.reduce((sum, { bytes }) => sum + bytes, 0),
      starved: readers.filter(({ bytes }) => bytes === 0).length,
      closed: readers.filter(({ isClosed }) => isClosed).length,
    };
    console.log(JSON.stringify(report));
    for (const reader of readers) reader.requests = reader.bytes = 0;
    from = performance.now();
  }
  Deno.exit();
}

if (import.meta.main) await work(JSON.parse(Deno.args[0]));
