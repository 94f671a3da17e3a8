/** A source whose stamps run this many microseconds away from the time that really passes has jumped or slept. */
const MAX_APART = 250_000;

/** How much of a stamp's lateness moves the clock: jitter is smoothed away, a slow drift is followed. */
const FOLLOW = 0.02;

/** Two frames are at least this many microseconds apart: FLV counts in milliseconds. */
const MIN_STEP = 1000;

/**
 * Puts the stamps of one source, whatever its own clock shows, on the time of the session.
 *
 * Sources have clocks of their own: microseconds since the device was opened, samples counted. {@linkcode SourceClock.observe}
 * takes each stamp as it arrives, {@linkcode SourceClock.place} says where a stamp belongs; times given out always increase.
 */
export class SourceClock {
  #offset: number | undefined;
  #last = Number.NEGATIVE_INFINITY;

  /** A stamp has arrived at `now`; both in microseconds. */
  observe(stamp: number, now: number): void {
    const offset = now - stamp;
    if (this.#offset === undefined || Math.abs(offset - this.#offset) > MAX_APART) this.#offset = offset;
    else this.#offset += (offset - this.#offset) * FOLLOW;
  }

  /** The session's time of a stamp, in whole microseconds, later than all before. Never before the first was observed. */
  place(stamp: number): number {
    const time = Math.round(stamp + (this.#offset ?? 0));
    return this.#last = Math.max(0, time, this.#last + MIN_STEP);
  }

  /** Another source takes over: its stamps have nothing to do with those before. Times go on increasing. */
  restart(): void {
    this.#offset = undefined;
  }
}
