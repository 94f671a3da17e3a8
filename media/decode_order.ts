/** More pictures than any codec keeps back to reorder them (ITU-T H.264, A.3.1: max_dec_frame_buffering). */
const LOOK_AHEAD = 16;

/** The least step from one decoding time to the next, in microseconds. */
const LEAST_STEP = 1;

/** A picture with the time at which it is to be decoded. */
export interface Decodable<T> {
  readonly picture: T;
  /** In microseconds; never later than `pts`. */
  readonly dts: number;
  readonly pts: number;
}

/**
 * Finds decoding times for pictures of which only the order of decoding and the times of showing are known.
 *
 * Pictures are decoded as evenly as they are shown: the first takes the earliest of all times, the next the next, and all
 * of them as much earlier as it takes for none to be decoded after it is shown.
 */
export class DecodeOrder<T> {
  readonly #pictures: { readonly picture: T; readonly pts: number }[] = [];
  readonly #times: number[] = [];
  #ahead: number | undefined;
  #last = Number.NEGATIVE_INFINITY;

  /** Takes the next picture in the order of decoding, and gives back one for which enough is known now. */
  push(picture: T, pts: number): Decodable<T> | undefined {
    this.#pictures.push({ picture, pts });
    const at = this.#times.findLastIndex((time) => time <= pts) + 1;
    this.#times.splice(at, 0, pts);
    return this.#pictures.length > LOOK_AHEAD ? this.#shift() : undefined;
  }

  /** What is left when there are no more pictures. */
  *flush(): Generator<Decodable<T>> {
    while (this.#pictures.length > 0) yield this.#shift();
  }

  #shift(): Decodable<T> {
    this.#ahead ??= Math.max(...this.#pictures.map(({ pts }, i) => this.#times[i] - pts));
    const { picture, pts } = this.#pictures.shift()!;
    const time = this.#times.shift()!;
    this.#ahead = Math.max(this.#ahead, time - pts);
    this.#last = Math.min(pts, Math.max(time - this.#ahead, this.#last + LEAST_STEP));
    return { picture, dts: this.#last, pts };
  }
}
