/**
 * The most that a picture may be shown before it is decoded, in microseconds: sixteen pictures, more than any codec
 * reorders, at 16 pictures a second. Beyond this the time is a mistake and the picture is shown when it is decoded.
 */
export const MAX_EARLY = 1_000_000;

/** The least step from one decoding time to the next, in microseconds: one tick of 90 kHz. */
const LEAST_STEP = 12;

/**
 * Finds decoding times that are never later than the time of showing, as transport streams demand (ISO/IEC 13818-1,
 * 2.7.5).
 *
 * Encoders that reorder pictures but do not delay them send some to be decoded after they are shown. All decoding times
 * are then moved ahead by as much; the times of showing stay.
 */
export class DecodeTimes {
  #ahead = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** When the next picture is to be decoded: after the one before. All in microseconds. */
  next(dts: number, pts: number): number {
    const early = dts - pts;
    if (early > this.#ahead && early <= MAX_EARLY) this.#ahead = early;
    this.#last = Math.max(this.#last + LEAST_STEP, dts - this.#ahead);
    return this.#last;
  }
}
