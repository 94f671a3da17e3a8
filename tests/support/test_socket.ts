import { connect, type Socket } from "node:net";
import { patiently } from "./patience.ts";

/** How a connection ended: the peer closed it, or it broke. */
export type SocketEnd = "end" | "reset";

const NOTHING = new Uint8Array(0);

/** A TCP connection to a server under test, with nothing between the test and its bytes. */
export class TestSocket implements AsyncDisposable {
  /** Settles when the peer has closed the connection, or it broke. */
  readonly ended: Promise<SocketEnd>;
  readonly #socket: Socket;
  readonly #gone: Promise<void>;
  #unread: Uint8Array = NOTHING;
  #onBytes: (bytes: Uint8Array) => void;
  #onNews?: () => void;
  #end?: SocketEnd;
  #isHurried = true;

  private constructor(socket: Socket) {
    const ended = Promise.withResolvers<SocketEnd>();
    const gone = Promise.withResolvers<void>();
    this.ended = ended.promise;
    this.#gone = gone.promise;
    this.#socket = socket;
    this.#onBytes = this.#keep;
    const over = (end: SocketEnd) => {
      this.#end ??= end;
      ended.resolve(this.#end);
      this.#onNews?.();
    };
    socket.on("data", (bytes: Uint8Array) => this.#onBytes(bytes));
    socket.once("end", () => over("end"));
    socket.on("error", () => over("reset"));
    socket.once("close", () => {
      over("reset");
      gone.resolve();
    });
  }

  /** Connects to a port of the loopback interface. */
  static async open(port: number): Promise<TestSocket> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = connect({ host: "127.0.0.1", port, noDelay: true, allowHalfOpen: true });
    socket.once("connect", resolve);
    socket.once("error", reject);
    await promise;
    socket.off("error", reject);
    return new TestSocket(socket);
  }

  /** Waits until the connection has ended. */
  over(): Promise<SocketEnd> {
    return patiently(this.ended, () => "the connection was not closed");
  }

  /** How the server names this connection: `127.0.0.1:port`. */
  get name(): string {
    return `127.0.0.1:${this.#socket.localPort}`;
  }

  /** From now on what is read may take any time to come: who waits for it sees to that. */
  unhurried(): this {
    this.#isHurried = false;
    return this;
  }

  /** Sends bytes, or text in Latin 1. */
  send(bytes: Uint8Array | string): void {
    if (!this.#socket.destroyed) this.#socket.write(typeof bytes === "string" ? latin1(bytes) : bytes);
  }

  /** Sends bytes and waits until the system has taken them, so that the next ones make a packet of their own. */
  async sendAlone(bytes: Uint8Array): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.write(bytes, () => resolve());
    await patiently(promise, () => `${bytes.length} bytes were not taken`);
  }

  /** The next bytes up to and with the text; undefined when the connection ends before. */
  async readThrough(text: string): Promise<string | undefined> {
    const at = () => fromLatin1(this.#unread).indexOf(text);
    await this.#untilNews(() => at() >= 0);
    return at() < 0 ? undefined : fromLatin1(this.#take(at() + text.length));
  }

  /** The next so many bytes; fewer when the connection ends before. */
  async read(count: number): Promise<Uint8Array> {
    await this.#untilNews(() => this.#unread.length >= count);
    return this.#take(Math.min(count, this.#unread.length));
  }

  /** From now on bytes are handed over as they come, beginning with those that have not been read. */
  flow(onBytes: (bytes: Uint8Array) => void): void {
    this.#onBytes = onBytes;
    const unread = this.#take(this.#unread.length);
    if (unread.length > 0) onBytes(unread);
  }

  /** Reads nothing more, so that what the server sends piles up. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Says that nothing more will be sent, and goes on reading. */
  finish(): void {
    this.#socket.end();
  }

  /** Cuts the connection. */
  async cut(): Promise<void> {
    this.#socket.destroy();
    await this.#gone;
  }

  /** Cuts the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.cut();
  }

  #keep(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.#unread.length + bytes.length);
    joined.set(this.#unread);
    joined.set(bytes, this.#unread.length);
    this.#unread = joined;
    this.#onNews?.();
  }

  #take(count: number): Uint8Array {
    const taken = this.#unread.subarray(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken;
  }

  async #untilNews(isThere: () => boolean): Promise<void> {
    while (!isThere() && this.#end === undefined) {
      const news = Promise.withResolvers<void>();
      this.#onNews = news.resolve;
      const missing = () => `nothing more came after ${this.#unread.length} unread bytes`;
      await (this.#isHurried ? patiently(news.promise, missing) : news.promise);
    }
  }
}

/** Text as bytes, a character each. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function fromLatin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
