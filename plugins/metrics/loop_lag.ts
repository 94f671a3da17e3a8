import { type Clock, every, type Timer } from "../../kernel/clock.ts";

/** How often the lag is measured, in milliseconds. */
const PERIOD_MS = 500;

/** How much later than it should the event loop comes to what it has to do. */
export class LoopLag implements Disposable {
  readonly #timer: Timer;
  #worst = 0;
  #newest = 0;

  constructor(clock: Clock) {
    let due = clock.now() + PERIOD_MS;
    this.#timer = every(clock, PERIOD_MS, () => {
      const now = clock.now();
      this.#newest = Math.max(0, now - due);
      this.#worst = Math.max(this.#worst, this.#newest);
      due = now + PERIOD_MS;
    });
  }

  /** The newest measurement, in seconds. */
  get newest(): number {
    return this.#newest / 1000;
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
