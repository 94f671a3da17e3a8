/**
 * Milliseconds since the epoch, with fractions, on a scale that the processes of one machine share.
 *
 * Each process reads the time of day once, when it starts, and counts on from there by the monotonic clock: two processes
 * agree to some hundredths of a millisecond unless somebody sets the machine's clock between their starts.
 */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
