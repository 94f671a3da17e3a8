/** A pending call; disposing it before it is due means it never happens. */
export type Timer = Disposable;

/** The only source of time in the server, injected so that tests run hours in milliseconds. */
export interface Clock {
  /** Monotonic time in milliseconds, with fractions; only differences mean anything. */
  now(): number;
  /** The time of day. */
  date(): Date;
  /** Calls back once, `ms` from now or a little later; as soon as can be when that is past. */
  setTimeout(callback: () => void, ms: number): Timer;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  setTimeout(callback, ms) {
    const id = setTimeout(callback, Math.max(0, ms));
    return { [Symbol.dispose]: () => clearTimeout(id) };
  },
};

/** Calls back every `ms` until disposed; a callback that throws ends it. */
export function every(clock: Clock, ms: number, callback: () => void): Timer {
  const tick = () => {
    callback();
    if (!stopped) timer = clock.setTimeout(tick, ms);
  };
  let stopped = false;
  let timer = clock.setTimeout(tick, ms);
  return {
    [Symbol.dispose]() {
      stopped = true;
      timer[Symbol.dispose]();
    },
  };
}
