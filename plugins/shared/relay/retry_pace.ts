import type { Clock } from "../../../kernel/clock.ts";

/** Attempts that follow a failure without a pause. */
const FAST_RETRIES = 2;

/** The pause between further ones, in milliseconds. */
const RETRY_MS = 1000;

/** After so long without anything new a stream is given up, in milliseconds. */
const GIVE_UP_MS = 10_000;

/** A connection that brought something for so long, in milliseconds, was a good one: what follows it may be fast again. */
export const GOOD_MS = 1000;

/** When a stream is asked for again that was lost, or cannot be had yet, and when no more. */
export class RetryPace {
  readonly #clock: Pick<Clock, "now">;
  #newsAt: number;
  #goodMs = 0;
  #connectedAt = 0;
  #attempts = 0;

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
    this.#newsAt = clock.now();
  }

  /** Whether it has been tried for long enough. */
  get isOver(): boolean {
    return this.leftMs <= 0;
  }

  /** For how long it may still be tried, in milliseconds. */
  get leftMs(): number {
    return this.#newsAt + GIVE_UP_MS - this.#clock.now();
  }

  /** A server has accepted. */
  connected(): void {
    this.#connectedAt = this.#clock.now();
  }

  /** Something new has come, so many milliseconds after the server had accepted. */
  news(afterMs: number = this.#clock.now() - this.#connectedAt): void {
    this.#newsAt = this.#clock.now();
    this.#goodMs = afterMs;
  }

  /** How long to wait until the next attempt, in milliseconds, after one that has failed. */
  next(): number {
    if (this.#goodMs >= GOOD_MS) this.#attempts = 0;
    this.#goodMs = 0;
    return this.#attempts++ < FAST_RETRIES ? 0 : RETRY_MS;
  }
}
