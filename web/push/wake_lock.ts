/// <reference lib="dom" />

/**
 * Keeps the device awake until it is disposed: a phone that goes to sleep ends what its camera publishes.
 *
 * Browsers give a lock up when the tab is hidden; it is asked for again when the tab is seen. Where there are no locks,
 * nothing happens.
 */
export function keepAwake(): Disposable {
  let lock: WakeLockSentinel | undefined;
  let isOver = false;
  const ask = async () => {
    if (document.hidden || isOver || !navigator.wakeLock) return;
    const given = await navigator.wakeLock.request("screen").catch(() => undefined);
    if (isOver) given?.release();
    else lock = given;
  };
  document.addEventListener("visibilitychange", ask);
  ask();
  return {
    [Symbol.dispose](): void {
      isOver = true;
      document.removeEventListener("visibilitychange", ask);
      lock?.release();
    },
  };
}
