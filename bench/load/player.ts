import { createConnection, type Socket } from "node:net";
import type { Address } from "./address.ts";
import type { Greeting } from "./greeting.ts";
import { HttpHead } from "./http_head.ts";

/** What is done with the stream that a player receives. */
export type Use = {
  /** Called with what has just arrived, in a buffer that is used again afterwards; false stops reading for good. */
  readonly onBytes?: (bytes: Uint8Array) => boolean;
};

/** Most bytes of one read. */
const READ_BYTES = 256 * 1024;

/** One buffer for all players: each read is done with before the next one begins. */
const buffer = new Uint8Array(READ_BYTES);

/**
 * One connection that asks for a stream and counts what it gets.
 *
 * What is read lands in one static buffer: that costs half of what `data` events cost, and is close to a program in C.
 */
export class Player {
  /** Bytes of the stream so far. */
  bytes = 0;
  /** Milliseconds from dialling to the stream's first byte. */
  firstByteMs?: number;
  /** Why the connection is over; undefined while it is open. */
  closed?: string;
  readonly #greeting: Greeting;
  readonly #use: Use;
  readonly #socket: Socket;
  readonly #dialledAt = performance.now();
  readonly #head?: HttpHead;
  #left: number;

  constructor({ host, port }: Address, greeting: Greeting, use: Use = {}) {
    this.#greeting = greeting;
    this.#use = use;
    const { answer } = greeting;
    this.#left = "bytes" in answer ? answer.bytes : 0;
    if ("status" in answer) this.#head = new HttpHead(answer.status);
    const onread = { buffer, callback: (count: number) => this.#receive(buffer.subarray(0, count)) };
    this.#socket = createConnection({ host, port, noDelay: true, onread });
    this.#socket.on("error", (error) => this.#close(error.message));
    this.#socket.once("close", () => this.#close("the server closed the connection"));
    this.#socket.write(greeting.first);
  }

  /** True once the stream's first byte or the end has come. */
  get isSettled(): boolean {
    return this.firstByteMs !== undefined || this.closed !== undefined;
  }

  #receive(bytes: Uint8Array): boolean {
    return this.firstByteMs === undefined ? this.#begin(bytes) : this.#stream(bytes);
  }

  #stream(bytes: Uint8Array): boolean {
    this.bytes += bytes.length;
    return this.#use.onBytes?.(bytes) ?? true;
  }

  #begin(bytes: Uint8Array): boolean {
    const rest = this.#head ? this.#afterHead(this.#head, bytes) : this.#afterAnswer(bytes);
    if (rest.length === 0) return true;
    if (this.bytes + rest.length > this.#greeting.overhead) this.firstByteMs = performance.now() - this.#dialledAt;
    return this.#stream(rest);
  }

  #afterHead(head: HttpHead, bytes: Uint8Array): Uint8Array {
    const rest = head.read(bytes);
    if (head.fault) this.#close(head.fault);
    return rest;
  }

  #afterAnswer(bytes: Uint8Array): Uint8Array {
    const answered = this.#left === 0;
    const taken = Math.min(this.#left, bytes.length);
    this.#left -= taken;
    if (!answered && this.#left === 0) this.#socket.write(this.#greeting.second!);
    return bytes.subarray(taken);
  }

  #close(reason: string): void {
    this.closed ??= reason;
    this.#socket.destroy();
  }
}
