/** File descriptors kept for recordings, segments, upstreams and the runtime itself. */
const RESERVE = 512;

/** What is assumed where the system does not tell: the smallest limit in common use. */
const ASSUMED_LIMIT = 1024;

/** A limit without bounds is treated as this one. */
const UNLIMITED = 1_000_000;

/**
 * How many connections may be open at once, so that accepting never meets the limit of open files: a listener that does
 * may not recover.
 *
 * @param read reads the file in which Linux tells a process its limits; throws where there is none
 */
export function connectionLimit(read: () => string = readLimits): number {
  const limit = openFileLimit(read);
  return Math.max(limit - RESERVE, Math.floor(limit / 2));
}

function openFileLimit(read: () => string): number {
  try {
    const soft = /^Max open files\s+(\S+)/m.exec(read())?.[1];
    if (soft === "unlimited") return UNLIMITED;
    return Number(soft) || ASSUMED_LIMIT;
  } catch {
    return ASSUMED_LIMIT;
  }
}

function readLimits(): string {
  return Deno.readTextFileSync("/proc/self/limits");
}
