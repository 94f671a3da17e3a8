import type { FileFrame } from "./media_file.ts";

/** Where a timeline begins, in microseconds: pictures are decoded before the first of them is shown. */
export const TIMELINE_START = 1_000_000;

/** The least step between two frames of a track, in microseconds: FLV counts in milliseconds. */
const LEAST_STEP = 1000;

/** The times of a file that is played again and again, as one timeline. */
export class FileClock {
  readonly #last = new Map<FileFrame["kind"], number>();
  #first: number | undefined;
  #start = TIMELINE_START;
  #end = TIMELINE_START;
  #round = 0;

  /** How many times the file has begun. */
  get round(): number {
    return this.#round;
  }

  /** How far the present round is at this time, in microseconds. */
  position(time: number): number {
    return Math.max(0, time - this.#start);
  }

  /** The file begins anew: its first picture is shown when the last one is over. */
  begin(): void {
    this.#start = this.#end;
    this.#first = undefined;
    this.#round++;
  }

  /** When a frame is to be decoded on the timeline, in microseconds; times of a track always increase. */
  place({ kind, role, dts, shown, end }: FileFrame): number {
    this.#first ??= shown;
    this.#end = Math.max(this.#end, this.#start + end - this.#first);
    const time = Math.max(0, this.#start + dts - this.#first);
    if (role === "config") return time;
    const mended = Math.max(time, (this.#last.get(kind) ?? Number.NEGATIVE_INFINITY) + LEAST_STEP);
    this.#last.set(kind, mended);
    return mended;
  }
}
