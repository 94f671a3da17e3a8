/** Settings that are looked at anew whenever something begins, so that those of later count for what begins later. */
export interface LiveSettings<T extends object> {
  /** As they are now; the object stays the same. */
  readonly now: T;
  /** Has others count from now on. */
  take(next: T): void;
}

/** Settings that may be replaced. */
export function liveSettings<T extends object>(first: T): LiveSettings<T> {
  const now = { ...first };
  return {
    now,
    take(next) {
      for (const name of Object.keys(now) as (keyof T)[]) if (!(name in next)) delete now[name];
      Object.assign(now, next);
    },
  };
}
