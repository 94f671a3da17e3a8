import { type Clock, every, type Timer } from "../../kernel/clock.ts";

/** How often the lag is measured, in milliseconds. */
const PERIOD_MS = 500;

/** So many of the newest measurements are recent. */
const RECENT = 10;

/** How much later than it should the event loop comes to what it has to do. */
export class LoopLag implements Disposable {
  readonly #timer: Timer;
  #worst = 0;
  #recent: readonly number[] = [];

  constructor(clock: Clock) {
    let due = clock.now() + PERIOD_MS;
    this.#timer = every(clock, PERIOD_MS, () => {
      const now = clock.now();
      const lag = Math.max(0, now - due);
      this.#recent = [lag, ...this.#recent.slice(0, RECENT - 1)];
      this.#worst = Math.max(this.#worst, lag);
      due = now + PERIOD_MS;
    });
  }

  /** The newest measurement, in seconds. */
  get newest(): number {
    return (this.#recent[0] ?? 0) / 1000;
  }

  /** The worst of the last five seconds, in seconds. */
  get recentWorst(): number {
    return Math.max(0, ...this.#recent) / 1000;
  }

  /** The worst since it was last asked for, in seconds. */
  takeWorst(): number {
    const worst = this.#worst / 1000;
    this.#worst = 0;
    return worst;
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}
