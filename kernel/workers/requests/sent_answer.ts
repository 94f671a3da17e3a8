import { Writable } from "node:stream";
import type { AnswerWord, Post, SentHead } from "../messages.ts";

type Headers = Record<string, string | string[]>;

/**
 * The answer to a request of a worker: what routes use of Node's answers, written to the connection there. There is one
 * write on its way at a time.
 */
export class SentAnswer extends Writable {
  statusCode = 200;
  headersSent = false;
  shouldKeepAlive = true;
  /** It is always the turn of this answer: those before it wait in the worker. */
  readonly socket: object = {};
  readonly #id: number;
  readonly #post: Post<AnswerWord>;
  readonly #headers: Headers = {};
  #head?: SentHead;
  #onTaken?: (error?: Error | null) => void;

  constructor(id: number, post: Post<AnswerWord>) {
    super();
    this.#id = id;
    this.#post = post;
  }

  /** Sets a header of the head that is to be written. */
  setHeader(name: string, value: string | number | readonly string[]): this {
    this.#headers[name.toLowerCase()] = typeof value === "object" ? [...value] : String(value);
    return this;
  }

  /** A header that has been set. */
  getHeader(name: string): string | string[] | undefined {
    return this.#headers[name.toLowerCase()];
  }

  /** Writes the head, with what {@linkcode SentAnswer.setHeader} has set; it goes off with the first bytes. */
  writeHead(status: number, headers: Readonly<Record<string, unknown>> = {}): this {
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.setHeader(name, value as string);
    }
    this.statusCode = status;
    this.#head = { status, headers: this.#headers };
    this.headersSent = true;
    return this;
  }

  /** The worker's connection has taken the last write. */
  taken(): void {
    const onTaken = this.#onTaken;
    this.#onTaken = undefined;
    onTaken?.();
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: (error?: Error | null) => void): void {
    const copy = new Uint8Array(chunk);
    this.#onTaken = callback;
    this.#post({ type: "answer", id: this.#id, head: this.#takeHead(), chunk: copy }, [copy.buffer]);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#post({ type: "answered", id: this.#id, head: this.#takeHead() });
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    if (!this.writableFinished) this.#post({ type: "break", id: this.#id });
    this.#onTaken?.(error ?? new Error("The answer was broken off"));
    this.#onTaken = undefined;
    callback(error);
  }

  #takeHead(): SentHead | undefined {
    const head = this.#head;
    this.#head = undefined;
    return head;
  }
}
