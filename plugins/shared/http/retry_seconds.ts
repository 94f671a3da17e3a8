/** A full disk is not emptied in a moment, but a show should not be lost. */
const RETRY_SECONDS = [1, 2, 5, 10, 30];

/** The pause before writing is tried again, in seconds, after so many failures in a row before this one. */
export function retrySeconds(failures: number): number {
  return RETRY_SECONDS[Math.min(failures, RETRY_SECONDS.length - 1)];
}
