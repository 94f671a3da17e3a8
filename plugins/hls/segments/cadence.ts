/** How much of a new interval goes into the average: enough to follow another frame rate within a second. */
const WEIGHT = 1 / 8;

/** Learns how far apart things are that come about regularly; times in microseconds. */
export class Cadence {
  #last: number | undefined;
  #interval: number | undefined;

  /** The usual interval; undefined before there were two. */
  get interval(): number | undefined {
    return this.#interval;
  }

  /** Notes that one came at `time`; gives how long after the one before it came, if there was one. */
  note(time: number): number | undefined {
    const interval = this.#last === undefined ? undefined : time - this.#last;
    this.#last = time;
    if (interval === undefined || interval <= 0) return undefined;
    this.#interval = this.#interval === undefined ? interval : this.#interval + (interval - this.#interval) * WEIGHT;
    return interval;
  }

  /** The next one has nothing to do with the last: there was a break. */
  pause(): void {
    this.#last = undefined;
  }
}
