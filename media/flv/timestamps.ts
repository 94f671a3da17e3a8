/**
 * Undoes the 32-bit wrap of RTMP and FLV timestamps, in milliseconds.
 *
 * Every timestamp is taken as the step, forwards or backwards, that is shorter than 2^31 ms from the one before: a wrap
 * goes on upwards, and a small step back stays a small step back. The first one stays as it is.
 */
export class TimestampUnwrapper {
  #last: number | undefined;

  /** The timestamp without the wrap, in milliseconds; `ms32` is the 32-bit one from the wire. */
  unwrap(ms32: number): number {
    const last = this.#last;
    this.#last = last === undefined ? ms32 >>> 0 : last + (ms32 - last | 0);
    return this.#last;
  }
}
