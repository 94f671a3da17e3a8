import { connect, type Socket } from "node:net";

const decoder = new TextDecoder("latin1");

/** How long a test waits for what must happen before it fails. */
const PATIENCE_MS = 60_000;

/** A peer of a server under test. It closes only when it is told to, even when the server has closed its side. */
export class TcpClient implements Disposable {
  received = "";
  /** The server has closed its side, or the whole connection. */
  isEnded = false;
  readonly socket: Socket;
  #onNews: () => void = () => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Uint8Array) => {
      this.received += decoder.decode(bytes);
      this.#onNews();
    });
    for (const event of ["end", "close"]) {
      socket.on(event, () => {
        this.isEnded = true;
        this.#onNews();
      });
    }
    socket.on("error", () => {});
  }

  /** Connects to a port of this machine. */
  static async connect(port: number): Promise<TcpClient> {
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
    const client = new TcpClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  send(data: string | Uint8Array): void {
    this.socket.write(typeof data === "string" ? new TextEncoder().encode(data) : data);
  }

  /** Waits until what was received matches, and takes it away. */
  async take(pattern: RegExp): Promise<string> {
    await this.#until(() => pattern.test(this.received), `never received ${pattern}, but "${this.received}"`);
    const taken = this.received;
    this.received = "";
    return taken;
  }

  /** Waits until the server closes, and returns all that it sent. */
  async ended(): Promise<string> {
    await this.#until(() => this.isEnded, `the server never closed; received "${this.received}"`);
    return this.received;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  async #until(condition: () => boolean, failure: string): Promise<void> {
    if (condition()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(failure)), PATIENCE_MS);
    this.#onNews = () => condition() && resolve();
    await promise.finally(() => clearTimeout(timer));
  }
}

/** Lets the event loop turn until the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never came true: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
