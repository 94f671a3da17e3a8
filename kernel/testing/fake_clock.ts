import type { Clock, Timer } from "../clock.ts";

interface Pending {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now = 0;
  #order = 0;
  readonly #epoch: number;
  readonly #pending = new Set<Pending>();

  /** Starts at `date`, by default 2026-01-01T00:00:00Z. */
  constructor(date: Date = new Date("2026-01-01T00:00:00Z")) {
    this.#epoch = date.getTime();
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#pending.size;
  }

  now(): number {
    return this.#now;
  }

  date(): Date {
    return new Date(this.#epoch + this.#now);
  }

  setTimeout(callback: () => void, ms: number): Timer {
    const timer: Pending = { due: this.#now + Math.max(0, ms), order: this.#order++, callback };
    this.#pending.add(timer);
    return { [Symbol.dispose]: () => void this.#pending.delete(timer) };
  }

  /** Moves time on by `ms`, running what falls due in order, including what those callbacks start. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#pending.delete(next);
      this.#now = Math.max(this.#now, next.due);
      next.callback();
    }
    this.#now = until;
  }

  /** Like {@linkcode advance} in steps, letting promises settle between them. */
  async advanceAsync(ms: number, step = 50): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      this.advance(Math.min(step, left));
      for (let i = 0; i < 10; i++) await Promise.resolve();
    }
  }

  #next(until: number): Pending | undefined {
    let first: Pending | undefined;
    for (const timer of this.#pending) {
      if (timer.due > until) continue;
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) first = timer;
    }
    return first;
  }
}
