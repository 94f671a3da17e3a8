/** What can be said of many measurements; all undefined when there was none. */
export interface Percentiles {
  readonly count: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly max?: number;
}

/** The percentiles of measurements in any order, by nearest rank. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  return { count: sorted.length, p50: rank(sorted, 50), p99: rank(sorted, 99), max: sorted.at(-1) };
}

function rank(sorted: Float64Array, percent: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)];
}

/** Megabits per second. */
export function megabits(bytes: number, seconds: number): number {
  return bytes * 8 / 1e6 / seconds;
}

/** Seconds of one core for each gigabit that passed; undefined when nothing passed. */
export function cpuPerGigabit(cpuSeconds: number, bytes: number): number | undefined {
  return bytes > 0 ? cpuSeconds / (bytes * 8 / 1e9) : undefined;
}
