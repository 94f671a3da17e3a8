/**
 * After this many milliseconds a test that waits for what should happen at once fails instead of hanging; machines that are
 * busy with other things take their time.
 */
const PATIENCE_MS = 60_000;

/** Waits for something that should happen at once; fails and says what has not happened if it does not. */
export async function patiently<T>(promise: Promise<T>, missing: () => string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`Waited in vain: ${missing()}`)), PATIENCE_MS);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
