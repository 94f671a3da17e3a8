import type { TrackRun } from "../../media/mp4/fragment.ts";

/** From when to when what is in some runs is presented, in seconds. */
export class Span {
  #start = Infinity;
  #end = -Infinity;

  /** When the first picture or sound is presented. */
  get start(): number {
    return this.#start;
  }

  get duration(): number {
    return this.#end - this.#start;
  }

  /** Counts a run in, of a track with so many ticks a second. */
  add({ time, samples }: TrackRun, timescale: number): void {
    let decode = time;
    for (const { duration, offset } of samples) {
      this.#start = Math.min(this.#start, (decode + offset) / timescale);
      decode += duration;
      this.#end = Math.max(this.#end, (decode + offset) / timescale);
    }
  }
}
