/**
 * How many entry points are kept at most; a longer recording keeps every second one, then every fourth, and so on. It is
 * the number that fits into the largest metadata that is sent, and even, so that whichever comes when all places are taken
 * is one of those that are kept.
 */
export const MAX_ENTRY_POINTS = 3_600;

/** The entry points of a recording, never more than {@linkcode MAX_ENTRY_POINTS} and spread evenly over all of it. */
export class KeyframeIndex {
  #times: number[] = [];
  #positions: number[] = [];
  /** Of so many entry points one is kept. */
  #stride = 1;
  #seen = 0;

  /** How many entry points are kept. */
  get length(): number {
    return this.#times.length;
  }

  /**
   * Takes the next entry point: the tag of a key frame, its timestamp in milliseconds and its position in the file.
   *
   * Players take the first entry for the video's sequence header and not for a picture, so that tag is to be added first.
   */
  add(timestamp: number, position: number): void {
    if (this.#seen++ % this.#stride !== 0) return;
    if (this.length === MAX_ENTRY_POINTS) {
      this.#times = everySecond(this.#times);
      this.#positions = everySecond(this.#positions);
      this.#stride *= 2;
    }
    this.#times.push(timestamp / 1000);
    this.#positions.push(position);
  }

  /** At most `limit` entry points, spread evenly, as `onMetaData` has them: times in seconds. */
  toKeyframes(limit: number): { times: readonly number[]; filepositions: readonly number[] } {
    const stride = 2 ** Math.max(0, Math.ceil(Math.log2(this.length / limit)));
    const isKept = (_: number, i: number) => i % stride === 0 && limit > 0;
    return { times: this.#times.filter(isKept), filepositions: this.#positions.filter(isKept) };
  }
}

function everySecond(values: readonly number[]): number[] {
  return values.filter((_, i) => i % 2 === 0);
}
