import { createConnection, type Socket } from "node:net";

/** What was answered. */
export interface HlsAnswer {
  readonly status: number;
  /** Of the body. */
  readonly bytes: number;
  /** The body of a playlist; undefined for everything else, of which nothing is kept. */
  readonly text?: string;
}

/** Most bytes of one read. */
const READ_BYTES = 256 * 1024;

/** One buffer for all connections: each read is done with before the next one begins. */
const buffer = new Uint8Array(READ_BYTES);

const decoder = new TextDecoder("latin1");

/** A request that waits for its answer. */
interface Asked {
  readonly isText: boolean;
  readonly resolve: (answer: HlsAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** One connection that asks for one thing after the other, reads into one static buffer and keeps playlists alone. */
export class HlsConnection {
  /** Bytes of bodies so far. */
  bytes = 0;
  readonly #socket: Socket;
  readonly #headers: string;
  #asked?: Asked;
  #head = "";
  #status = 0;
  #left = -1;
  #length = 0;
  #text: string[] = [];
  #closed?: Error;

  /** `from` is the address of this machine that it comes from. */
  constructor(host: string, port: number, from: string, userAgent: string) {
    this.#headers = `Host: ${host}:${port}\r\nUser-Agent: ${userAgent}\r\n\r\n`;
    const onread = { buffer, callback: (count: number) => this.#receive(buffer.subarray(0, count)) };
    this.#socket = createConnection({ host, port, localAddress: from, noDelay: true, onread });
    this.#socket.on("error", (error) => this.#close(error));
    this.#socket.once("close", () => this.#close(new Error("the server closed the connection")));
  }

  /** Asks for a path; rejects when the connection is over. One at a time. */
  get(path: string): Promise<HlsAnswer> {
    if (this.#closed) return Promise.reject(this.#closed);
    this.#socket.write(`GET ${path} HTTP/1.1\r\n${this.#headers}`);
    const { promise, resolve, reject } = Promise.withResolvers<HlsAnswer>();
    this.#asked = { isText: path.includes(".m3u8"), resolve, reject };
    return promise;
  }

  #receive(bytes: Uint8Array): boolean {
    if (this.#left >= 0) this.#body(bytes);
    else this.#begin(bytes);
    return true;
  }

  #begin(bytes: Uint8Array): void {
    const before = this.#head.length;
    this.#head += decoder.decode(bytes);
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const head = this.#head.slice(0, end);
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    if (length === undefined) return this.#close(new Error(`an answer has no length: ${head}`));
    this.#status = Number(head.split(" ", 2)[1]);
    this.#head = "";
    this.#left = this.#length = Number(length);
    this.#body(bytes.subarray(end + 4 - before));
  }

  #body(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.#left -= bytes.length;
    if (this.#asked?.isText) this.#text.push(decoder.decode(bytes));
    if (this.#left > 0) return;
    const text = this.#asked?.isText ? this.#text.join("") : undefined;
    this.#text = [];
    this.#left = -1;
    this.#asked?.resolve({ status: this.#status, bytes: this.#length, text });
  }

  #close(error: Error): void {
    this.#closed ??= error;
    this.#socket.destroy();
    this.#asked?.reject(this.#closed);
  }
}
