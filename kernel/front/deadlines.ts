import type { Clock, Timer } from "../clock.ts";

/**
 * Timers of one length of which thousands may run, such as the time that a connection has for its first byte.
 *
 * What is set later is due later, so all of them share one timer of the clock: one for each would take some hundred bytes
 * more, and most are taken back at once.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #ms: number;
  #first?: Deadline;
  #last?: Deadline;
  #timer?: Timer;

  /** `ms`: how long all of them take. */
  constructor(clock: Clock, ms: number) {
    this.#clock = clock;
    this.#ms = ms;
  }

  /** Calls back when the time is over, unless that is disposed before. */
  set(callback: () => void): Timer {
    const deadline = new Deadline(this, callback, this.#clock.now() + this.#ms, this.#last);
    if (this.#last) this.#last.next = deadline;
    else this.#first = deadline;
    this.#last = deadline;
    this.#timer ??= this.#clock.setTimeout(this.#expire, this.#ms);
    return deadline;
  }

  /** @internal Takes one out. */
  remove({ previous, next }: Deadline): void {
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    if (this.#first) return;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  /** One that throws keeps the others from nothing: they come right after. */
  #expire = (): void => {
    const now = this.#clock.now();
    this.#timer = undefined;
    try {
      while (this.#first && this.#first.due <= now) {
        const { callback } = this.#first;
        this.#first[Symbol.dispose]();
        callback();
      }
    } finally {
      if (this.#first) this.#timer ??= this.#clock.setTimeout(this.#expire, this.#first.due - now);
    }
  };
}

class Deadline implements Timer {
  next?: Deadline = undefined;
  #deadlines?: Deadlines;

  constructor(deadlines: Deadlines, readonly callback: () => void, readonly due: number, public previous?: Deadline) {
    this.#deadlines = deadlines;
  }

  [Symbol.dispose](): void {
    this.#deadlines?.remove(this);
    this.#deadlines = undefined;
  }
}
