import type { LiveSegment } from "../../media/mp4/live_index.ts";
import { endOf } from "./segment_places.ts";

/**
 * The segment to load next for a picture at `position`: the first that is not loaded of those that play within `ahead` seconds
 * from there, and before them what decoding has to begin with; undefined when all is there.
 */
export function nextSegment(
  segments: readonly LiveSegment[],
  position: number,
  ahead: number,
  isLoaded: (segment: LiveSegment) => boolean,
): LiveSegment | undefined {
  for (let i = firstFor(segments, position); i < segments.length; i++) {
    if (segments[i].start >= position + ahead) return undefined;
    if (!isLoaded(segments[i])) return segments[i];
  }
}

/** The place of the segment with which decoding begins for a position. */
function firstFor(segments: readonly LiveSegment[], position: number): number {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endOf(segments[middle]) > position) high = middle;
    else low = middle + 1;
  }
  while (low > 0 && low < segments.length && !segments[low].key) low--;
  return low;
}

/** How many segments' lengths a player at the live edge stays behind: one is being written, and one takes time to come. */
const BEHIND_SEGMENTS = 1.5;

/** From so many segments' lengths behind on it jumps. */
const JUMP_SEGMENTS = 4;

/** Where to begin within a span. */
export function startPosition(
  from: "beginning" | "live",
  { start, end }: { start: number; end: number },
  segmentSeconds: number,
): number {
  return from === "beginning" ? start : Math.max(start, end - BEHIND_SEGMENTS * segmentSeconds);
}

/** Where a player that follows the live edge jumps to; undefined to stay. */
export function catchUp(
  position: number,
  span: { start: number; end: number },
  segmentSeconds: number,
): number | undefined {
  const isFarBehind = span.end - position > JUMP_SEGMENTS * segmentSeconds;
  return isFarBehind || position < span.start ? startPosition("live", span, segmentSeconds) : undefined;
}
