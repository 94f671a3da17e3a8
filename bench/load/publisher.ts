import { createConnection, type Socket } from "node:net";
import { concat } from "../../media/bytes.ts";
import type { Address } from "./address.ts";
import { sharedNow } from "./clock.ts";
import { CONFIGS, FrameSource } from "./frames.ts";
import { type Publishing, publishing, type Step } from "./publishing.ts";

/** How long a server may take to let a publisher in, in milliseconds. */
const ADMISSION_MS = 10_000;

/** One connection that sends a stream. */
export class Publisher {
  /** Bytes sent so far. */
  bytes = 0;
  /** Why the connection is over; undefined while it is open. */
  closed?: string;
  readonly #publishing: Publishing;
  readonly #source: FrameSource;
  readonly #address: Address;
  readonly #socket: Socket;
  #received: Uint8Array = new Uint8Array(0);
  #onNews = ignore;
  #startedAt = 0;

  constructor(address: Address, kbps: number) {
    this.#address = address;
    this.#publishing = publishing(address);
    this.#source = new FrameSource(kbps);
    this.#socket = createConnection({ host: address.host, port: address.port, noDelay: true });
    this.#socket.on("data", (bytes: Uint8Array) => this.#heard(bytes));
    this.#socket.on("error", (error) => this.#close(error.message));
    this.#socket.once("close", () => this.#close("the server closed the connection"));
  }

  /**
   * Asks to publish; settles when the server has agreed.
   *
   * @throws {Error} when it does not
   */
  async open(): Promise<void> {
    const overdue = setTimeout(() => this.#close("the server did not answer"), ADMISSION_MS);
    try {
      for (const step of this.#publishing.steps) await this.#take(step);
    } finally {
      clearTimeout(overdue);
    }
    this.#onNews = ignore;
    for (const frame of CONFIGS) this.#write(this.#publishing.encode(frame));
  }

  /** Sets when the stream begins, on the clock of {@linkcode sharedNow}. */
  startAt(time: number): void {
    this.#startedAt = time;
  }

  /** When the next frame is due. */
  get dueAt(): number {
    return this.#startedAt + this.#source.dueAt;
  }

  /** Sends the next frame. */
  sendNext(): void {
    this.#write(this.#publishing.encode(this.#source.next(sharedNow())));
  }

  async #take({ send, isAnswered }: Step): Promise<void> {
    this.#received = new Uint8Array(0);
    this.#write(send);
    while (!isAnswered(this.#received)) {
      if (this.closed) throw new Error(`Cannot publish ${this.#address.stream}: ${this.closed}`);
      await new Promise<void>((resolve) => this.#onNews = resolve);
    }
  }

  #write(bytes: Uint8Array): void {
    if (this.closed) return;
    this.bytes += bytes.length;
    this.#socket.write(bytes);
  }

  #heard(bytes: Uint8Array): void {
    if (this.#startedAt === 0) this.#received = concat([this.#received, bytes]);
    this.#onNews();
  }

  #close(reason: string): void {
    this.closed ??= reason;
    this.#socket.destroy();
    this.#onNews();
  }
}

function ignore(): void {}
