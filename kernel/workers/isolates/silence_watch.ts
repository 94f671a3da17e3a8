import { type Clock, every, type Timer } from "../../clock.ts";

/** How often it is looked whether a worker has said something, in milliseconds; it does so every second. */
export const CHECK_MS = 5000;

/** One that has not at so many looks in a row is stuck for good. */
export const MOST_SILENT = 6;

/**
 * Watches that a worker goes on saying something.
 *
 * Looks count, not the time: when the whole process has stood still, as one that was stopped for a while, no worker could say
 * anything, and only one look has gone by.
 */
export class SilenceWatch implements Disposable {
  readonly #timer: Timer;
  #silent = 0;

  /** `onSilence` hears at each look from then on for how many seconds nothing was heard. */
  constructor(clock: Clock, onSilence: (seconds: number) => void) {
    this.#timer = every(clock, CHECK_MS, () => {
      if (++this.#silent >= MOST_SILENT) onSilence(this.#silent * CHECK_MS / 1000);
    });
  }

  /** It has said something. */
  heard(): void {
    this.#silent = 0;
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}
