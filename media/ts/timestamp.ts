/**
 * How far the program clock runs behind the decoding times, in microseconds, and at the same time what is added to every
 * PTS and DTS, so that a stream that begins at 0 has a clock that begins at 0.
 *
 * Data must have arrived when the clock shows its decoding time (ISO/IEC 13818-1, 2.4.2). Audio is gathered, and encoders
 * send sound and picture up to some hundred milliseconds apart: half a second covers both.
 */
export const PCR_LEAD = 500_000;

/** The most time from one PCR to the next, in microseconds (ISO/IEC 13818-1, 2.7.2). */
export const PCR_INTERVAL = 100_000;

/** Timestamps have 33 bits. */
const WRAP = 2 ** 33;

/** A time in microseconds as a PTS or DTS: 90 kHz, {@linkcode PCR_LEAD} later, modulo 2^33. */
export function timestampOf(time: number): number {
  return clockOf(time + PCR_LEAD);
}

/** A time in microseconds as the base of a PCR: 90 kHz, modulo 2^33. */
export function clockOf(time: number): number {
  const ticks = Math.round(time * 9 / 100) % WRAP;
  return ticks < 0 ? ticks + WRAP : ticks;
}
