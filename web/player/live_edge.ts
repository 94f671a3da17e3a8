/// <reference lib="dom" />
/** What is buffered in one piece, in seconds of media time. */
export interface BufferedRange {
  readonly start: number;
  readonly end: number;
}

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
 * an interrupted publisher leaves: players wait before a hole for ever. `behind` is how far behind to land, `limit` from
 * where on to jump, both in seconds.
 */
export function jumpTarget(
  position: number,
  ranges: readonly BufferedRange[],
  behind: number,
  limit = JUMP_LATENCY,
): number | undefined {
  const last = ranges.at(-1);
  if (!last) return undefined;
  const isBeforeHole = position < last.start;
  const isFarBehind = last.end - position > limit;
  return isBeforeHole || isFarBehind ? Math.max(last.start + INSIDE, last.end - behind) : undefined;
}

/** How much is there to show from `position` on without a hole, in seconds. */
export function bufferedAhead(position: number, ranges: readonly BufferedRange[]): number {
  const range = ranges.find(({ start, end }) => start <= position && position <= end);
  return range ? range.end - position : 0;
}

/** The ranges of a media element as values. */
export function rangesOf(ranges: Pick<TimeRanges, "length" | "start" | "end">): BufferedRange[] {
  return Array.from({ length: ranges.length }, (_, i) => ({ start: ranges.start(i), end: ranges.end(i) }));
}
