/** So many values are kept: five minutes at one every two seconds. */
export const SERIES_LENGTH = 150;

/** The newest values of a figure, with their times in seconds, as charts want them. */
export class Series {
  readonly times: number[] = [];
  readonly values: (number | null)[] = [];

  /** Takes the next value; null for one that is not known. */
  add(time: number, value: number | null): void {
    this.times.push(time);
    this.values.push(value);
    if (this.times.length <= SERIES_LENGTH) return;
    this.times.shift();
    this.values.shift();
  }

  /** The newest value; null when it is not known. */
  get newest(): number | null {
    return this.values.at(-1) ?? null;
  }
}

/** How fast counters grow that are read now and then, each under its own name. */
export class Rates {
  #before = new Map<string, number>();
  #at?: number;

  /**
   * How much each counter grew per second since the last time; those that are new, and those that began anew, are left out.
   *
   * `time` is in seconds.
   */
  of(counters: ReadonlyMap<string, number>, time: number): Map<string, number> {
    const seconds = this.#at === undefined ? 0 : time - this.#at;
    const rates = new Map<string, number>();
    for (const [name, value] of counters) {
      const before = this.#before.get(name);
      if (before !== undefined && value >= before && seconds > 0) rates.set(name, (value - before) / seconds);
    }
    this.#before = new Map(counters);
    this.#at = time;
    return rates;
  }
}
