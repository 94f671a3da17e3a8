import { type ClientEnd, ClientError, type ClientOptions } from "../../kernel/sessions/client.ts";
import { type Clock, systemClock, type Timer } from "../../kernel/clock.ts";
import { shownAddress } from "./client_address.ts";

/** How long connecting may take, in milliseconds, unless something else is asked for. */
const CONNECT_MS = 10_000;

/** Bytes that may wait for the server before a writer is asked to wait too. */
export const HIGH_WATER: number = 1024 * 1024;

/** A client's connection from dialling to its end, of which the first reason stays. */
export abstract class ClientLink {
  /** Settles when the connection is gone, with the reason; never rejects. */
  readonly closed: Promise<ClientEnd>;
  /** How it has ended. */
  over?: ClientEnd;
  protected readonly url: URL;
  protected readonly clock: Clock;
  readonly #signal?: AbortSignal;
  readonly #closed = Promise.withResolvers<ClientEnd>();
  #timer?: Timer;

  /** Throws what `options.signal` has been aborted with already. */
  constructor(url: URL, { signal, timeoutMs = CONNECT_MS, clock = systemClock }: ClientOptions) {
    signal?.throwIfAborted();
    this.url = url;
    this.clock = clock;
    this.closed = this.#closed.promise;
    this.#signal = signal;
    this.#endAfter(timeoutMs, `it did not answer within ${timeoutMs / 1000} s`);
    signal?.addEventListener("abort", this.#abort);
  }

  /**
   * Waits for a step on the way to the server.
   *
   * @throws {ClientError} when the connection ends before; what the signal is aborted with
   */
  reached<T>(step: Promise<T>): Promise<T> {
    return Promise.race([step, this.#failure()]);
  }

  /** The server has accepted: from now on there is no hurry. */
  accepted(): void {
    this.#timer?.[Symbol.dispose]();
  }

  /** Ends it; the first reason stays. */
  end(code: string, message: string): void {
    if (this.over) return;
    this.over = { code, message };
    this.#timer?.[Symbol.dispose]();
    this.#signal?.removeEventListener("abort", this.#abort);
    this.cut();
    this.#closed.resolve(this.over);
  }

  /** The server has been told that nothing more comes: it is cut off if it does not take the rest in so many milliseconds. */
  endWithin(ms: number): void {
    this.#endAfter(ms, "it did not take the rest in time");
  }

  /** The error for those who go on after the end. */
  errorOf({ code, message }: ClientEnd): ClientError {
    return new ClientError(code, `${shownAddress(this.url)}: ${message}`);
  }

  /** Cuts the connection. */
  protected abstract cut(): void;

  readonly #abort = (): void => this.end("left", "this side gave up");

  #endAfter(ms: number, words: string): void {
    this.#timer = this.clock.setTimeout(() => this.end("timeout", words), ms);
  }

  async #failure(): Promise<never> {
    const end = await this.closed;
    this.#signal?.throwIfAborted();
    throw this.errorOf(end);
  }
}
