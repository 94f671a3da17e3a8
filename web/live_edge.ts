/// <reference lib="dom" />
/** What is buffered in one piece, in seconds of media time. */
export interface BufferedRange {
  readonly start: number;
  readonly end: number;
}

/** Where mpegts.js keeps the picture, in seconds behind what has arrived: less stutters on a batch that comes late. */
export const TARGET_LATENCY = 0.8;

/** From here on mpegts.js plays a little faster until {@linkcode TARGET_LATENCY} is reached again, in seconds. */
export const MAX_LATENCY = 1.6;

/** From here on catching up would take too long to watch: jump, in seconds. */
export const JUMP_LATENCY = 4;

/** Enough to be inside a range in spite of rounding, in seconds. */
const INSIDE = 0.01;

/** How far the picture is behind what has arrived, in seconds. */
export function latencyAt(position: number, ranges: readonly BufferedRange[]): number {
  const last = ranges.at(-1);
  return last ? Math.max(0, last.end - position) : 0;
}

/**
 * Where to jump from `position`, or undefined to stay.
 *
 * Jumps when more than {@linkcode JUMP_LATENCY} behind, as after a pause or in a tab that slept, and over the hole that
 * an interrupted publisher leaves: players wait before a hole for ever.
 */
export function jumpTarget(position: number, ranges: readonly BufferedRange[]): number | undefined {
  const last = ranges.at(-1);
  if (!last) return undefined;
  const isBeforeHole = position < last.start;
  const isFarBehind = last.end - position > JUMP_LATENCY;
  return isBeforeHole || isFarBehind ? Math.max(last.start + INSIDE, last.end - TARGET_LATENCY) : undefined;
}

/** The ranges of a media element as values. */
export function rangesOf(ranges: Pick<TimeRanges, "length" | "start" | "end">): BufferedRange[] {
  return Array.from({ length: ranges.length }, (_, i) => ({ start: ranges.start(i), end: ranges.end(i) }));
}
