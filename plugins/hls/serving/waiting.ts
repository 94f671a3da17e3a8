import type { Clock } from "../../../kernel/clock.ts";

/** How a wait went: what was waited for is there, it did not come in time, or too many wait already. */
export type WaitResult = "there" | "late" | "full";

/** So many requests may wait for one playlist at once; each holds a connection and little memory. */
const MAX_WAITING = 20_000;

/** Requests that wait for what is to come. */
export class Waiting {
  readonly #clock: Clock;
  readonly #limit: number;
  #news = Promise.withResolvers<void>();
  #count = 0;

  /** `limit` is how many may wait. */
  constructor(clock: Clock, limit: number = MAX_WAITING) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** How many wait. */
  get count(): number {
    return this.#count;
  }

  /** Waits until a condition holds, which is looked at after each {@linkcode Waiting.notify}; at most `ms`. */
  async until(holds: () => boolean, ms: number): Promise<WaitResult> {
    if (holds()) return "there";
    if (this.#count >= this.#limit) return "full";
    let isLate = false;
    const late = Promise.withResolvers<void>();
    using _timer = this.#clock.setTimeout(() => {
      isLate = true;
      late.resolve();
    }, ms);
    this.#count++;
    try {
      while (!isLate && !holds()) await Promise.race([this.#news.promise, late.promise]);
      return holds() ? "there" : "late";
    } finally {
      this.#count--;
    }
  }

  /** Something has changed. */
  notify(): void {
    if (this.#count === 0) return;
    const { resolve } = this.#news;
    this.#news = Promise.withResolvers<void>();
    resolve();
  }
}
