import type { SegmentKey } from "../../../media/hls/segment.ts";
import type { SegmentTrack } from "../segments/track_table.ts";

/** A part in memory. */
export interface WindowPart {
  readonly name: string;
  readonly duration: number;
  readonly isIndependent: boolean;
  bytes: Uint8Array;
}

/** How time on a stretch of timeline relates to the time of day: milliseconds since 1970 are its `offset` and its time. */
export interface WallTime {
  offset: number;
  /** Whether it is final: a segment that it applies to is complete. */
  isSettled: boolean;
}

/** A segment in memory, complete or in progress. Durations are in microseconds. */
export interface WindowSegment {
  /** Its media sequence number. */
  readonly msn: number;
  readonly name: string;
  readonly time: number;
  readonly wall: WallTime;
  readonly isIndependent: boolean;
  readonly isDiscontinuous: boolean;
  /** The name of its init segment. */
  readonly map: string | undefined;
  readonly tracks: readonly SegmentTrack[];
  readonly parts: WindowPart[];
  /** Whether a part lasted longer or shorter than was promised: its parts are not listed any more. */
  hasHole: boolean;
  /** Set when it is complete. */
  bytes?: Uint8Array;
  duration: number;
  key?: SegmentKey;
}

/** Parts last at least this share of the part target, but for the last of a segment (draft-pantos-hls-rfc8216bis, 4.4.4.9). */
export const LEAST_PART = 0.85;

/** How much longer a part may last than parts usually do, for encoders whose stamps tremble: still well within 85 %. */
export const PART_SLACK = 1.1;

/** The first of a segment's parts that may not be listed, since it lasts longer or shorter than parts may; undefined if none. */
export function faultyPart(parts: readonly WindowPart[], target: number): number | undefined {
  const isFaulty = ({ duration }: WindowPart, i: number) =>
    duration > target || (duration < target * LEAST_PART && i < parts.length - 1);
  const found = parts.findIndex(isFaulty);
  return found < 0 ? undefined : found;
}

/** The time of day of a new stretch of timeline. */
export function unknownWallTime(): WallTime {
  return { offset: Infinity, isSettled: false };
}

/** What the next part of a segment is called. */
export function nextPartName({ name, parts }: WindowSegment): string {
  const at = name.lastIndexOf(".");
  return `${name.slice(0, at)}.${parts.length}${name.slice(at)}`;
}

/** Lets the parts share the segment's bytes: those of the buffer that it was written into can go. */
export function shareBytes({ parts, bytes }: WindowSegment): void {
  let at = 0;
  for (const part of parts) part.bytes = bytes!.subarray(at, at += part.bytes.length);
}
