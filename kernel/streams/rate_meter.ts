/** One slot a second: a power of two, and enough for a window of a minute besides the second that is not over yet. */
const SLOTS = 64;

/** The longest window that a {@linkcode RateMeter} knows, in seconds. */
export const MAX_RATE_WINDOW = 60;

/** Measures amounts per second over the last whole seconds, at the price of one addition per amount. */
export class RateMeter {
  readonly #slots = new Uint32Array(SLOTS);
  #second = -1;
  #startedAt = 0;

  /** Counts an amount that came at `nowMs`, on a clock that never goes back. */
  add(amount: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#second) this.#turn(second, nowMs);
    this.#slots[second % SLOTS] += amount;
  }

  /**
   * The amount per second over the last `window` whole seconds before `nowMs`, at most {@linkcode MAX_RATE_WINDOW}; over
   * fewer while the meter is younger. What came in the current second does not count yet.
   */
  perSecond(window: number, nowMs: number): number {
    if (this.#second < 0) return 0;
    const end = Math.floor(nowMs / 1000);
    const begin = Math.max(end - Math.min(window, MAX_RATE_WINDOW), Math.floor(this.#startedAt / 1000));
    let sum = 0;
    for (let second = begin; second < Math.min(end, this.#second + 1); second++) {
      if (second > this.#second - SLOTS) sum += this.#slots[second % SLOTS];
    }
    const seconds = end - Math.max(begin, this.#startedAt / 1000);
    return sum / Math.max(1, seconds);
  }

  #turn(second: number, nowMs: number): void {
    if (this.#second < 0) this.#startedAt = nowMs;
    const first = Math.max(this.#second + 1, second - SLOTS + 1);
    for (let passed = first; passed <= second; passed++) this.#slots[passed % SLOTS] = 0;
    this.#second = second;
  }
}
