/** A frame that is early by this part of the interval is taken: cameras are not exact. */
const TOLERANCE = 0.25;

/** Lets through so many frames a second of a source that may bring more. */
export class FrameGate {
  readonly #interval: number;
  #next = Number.NEGATIVE_INFINITY;

  constructor(framesPerSecond: number) {
    this.#interval = 1_000_000 / framesPerSecond;
  }

  /** Whether the frame of this time, in microseconds, is one to be sent. */
  takes(time: number): boolean {
    if (time < this.#next - this.#interval * TOLERANCE) return false;
    this.#next = Math.max(this.#next, time - this.#interval / 2) + this.#interval;
    return true;
  }
}
