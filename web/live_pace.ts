/** Where the picture is kept, in seconds behind what has arrived, as long as nothing stutters. */
export const LEAST_TARGET = 0.35;

/** So far the target goes back for a stream that arrives in batches, in seconds. */
export const MOST_TARGET = 1.5;

/** A stall moves the target back by so much; so many seconds without one bring it forward again by a little. */
const STALL_STEP = 0.25;
const CALM_SECONDS = 20;
const CALM_STEP = 0.05;

/** How far beyond the target the picture may be before it is hurried, in seconds; it is hurried until it is there. */
const TOLERANCE = 0.12;

/** Nobody hears or sees a pace between these, nor notices that it changes little by little. */
const MOST_RATE = 1.1;
const LEAST_RATE = 0.95;

/** The pace grows by so much for each second of delay. */
const RATE_PER_SECOND = 0.15;

/** Below this part of the target the picture is held back, so that it does not starve. */
const STARVING = 0.35;

/**
 * Keeps a picture near the live edge by its pace alone: a little faster while it is behind, a little slower when nothing is left
 * to show. How near it may come follows from how evenly the stream arrives: a stall asks for more room, calm gives it back.
 */
export class LivePace {
  #target = LEAST_TARGET;
  #calmSince = -Infinity;
  #isHurrying = false;

  /** Where the picture is to be, in seconds behind what has arrived. */
  get target(): number {
    return this.#target;
  }

  /** The picture stood because nothing was left; `now` is any clock, in seconds. */
  stalled(now: number): void {
    this.#target = Math.min(MOST_TARGET, this.#target + STALL_STEP);
    this.#calmSince = now;
  }

  /** The pace for a picture that is so many seconds behind; 1 is the stream's own. */
  rateAt(latency: number, now: number): number {
    this.#relax(now);
    if (latency < this.#target * STARVING) return LEAST_RATE;
    this.#isHurrying = latency > this.#target + (this.#isHurrying ? 0 : TOLERANCE);
    if (!this.#isHurrying) return 1;
    const rate = 1 + (latency - this.#target) * RATE_PER_SECOND;
    return Math.min(MOST_RATE, Math.max(1.02, Math.round(rate * 50) / 50));
  }

  #relax(now: number): void {
    if (now - this.#calmSince < CALM_SECONDS) return;
    this.#calmSince = now;
    this.#target = Math.max(LEAST_TARGET, this.#target - CALM_STEP);
  }
}
