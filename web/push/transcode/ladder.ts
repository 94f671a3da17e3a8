/** One size of the same picture. */
export interface Rung {
  /** What is added to the stream's name: `720` makes `cam_720` of `cam`. */
  readonly name: string;
  /** The most that the shorter side may have, in pixels. */
  readonly shortSide: number;
}

/** The sizes that can be published at once, largest first. */
export const RUNGS: readonly Rung[] = [
  { name: "1080", shortSide: 1080 },
  { name: "720", shortSide: 720 },
  { name: "480", shortSide: 480 },
  { name: "360", shortSide: 360 },
  { name: "240", shortSide: 240 },
];

/** What is left of an upload for swings, and for all else that uses it. */
const SHARE = 0.75;

/** What the sound and the wrapping take in each stream, in bits per second. */
const OVERHEAD = 150_000;

/**
 * Which of the wanted streams an upload carries: as many as there is room for, smallest first; the smallest in any case.
 *
 * `bitrates` are those of the wanted streams, largest first, `upload` what was measured; all in bits per second.
 */
export function affordable(bitrates: readonly number[], upload: number): boolean[] {
  let left = upload * SHARE;
  let isFull = false;
  const fits = bitrates.toReversed().map((bitrate, i) => {
    left -= bitrate + OVERHEAD;
    isFull ||= left < 0 && i > 0;
    return !isFull;
  });
  return fits.reverse();
}

/** How one stream is doing. */
export interface RungLoad {
  readonly isOn: boolean;
  /** What its encoder makes now, as a part of what was chosen for it. */
  readonly share: number;
}

/** What is to be done about the set of streams. */
export type LadderStep = "drop" | "measure" | undefined;

/** An encoder that makes less than this part of what was chosen is starved. */
const STARVED = 0.6;

/** For so long a stream must be starved before the largest one goes, in milliseconds. */
const STARVED_MS = 3000;

/** All streams must make this part of what was chosen for so long before it is measured again whether more fit. */
const WELL = 0.95;
const WELL_MS = 20_000;

/** Watches over a set of streams that share one upload. */
export class Ladder {
  #starvedSince: number | undefined;
  #wellSince: number | undefined;

  /**
   * What to do now: `drop` the largest stream that is on, or `measure` whether one that is off would fit again.
   *
   * `at` is in milliseconds of a monotonic clock; called a few times a second with the wanted streams.
   */
  look(at: number, loads: readonly RungLoad[]): LadderStep {
    const on = loads.filter(({ isOn }) => isOn);
    const isStarved = on.some(({ share }) => share < STARVED);
    const isWell = on.every(({ share }) => share >= WELL);
    this.#starvedSince = isStarved ? this.#starvedSince ?? at : undefined;
    this.#wellSince = isWell ? this.#wellSince ?? at : undefined;
    if (on.length > 1 && this.#starvedSince !== undefined && at - this.#starvedSince >= STARVED_MS) {
      this.#starvedSince = undefined;
      return "drop";
    }
    if (on.length < loads.length && this.#wellSince !== undefined && at - this.#wellSince >= WELL_MS) {
      this.#wellSince = at;
      return "measure";
    }
  }
}
