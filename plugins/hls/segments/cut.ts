import type { FormatError } from "../../../media/errors.ts";
import type { Container, SegmentMuxer } from "./segment_muxer.ts";
import type { SegmentTrack, TrackNumbers } from "./track_table.ts";

/** How a segment begins. */
export interface CutStart {
  /** Of its first frame on the stream's timeline, in microseconds. */
  readonly time: number;
  /** Whether it can be decoded without the segment before. */
  readonly isIndependent: boolean;
  /** Whether tracks, codecs or time have nothing to do with the segment before. */
  readonly isDiscontinuous: boolean;
  readonly extension: string;
  /** The init segment that applies from here on; undefined when the one before goes on, or none is needed. */
  readonly init?: Uint8Array;
  readonly tracks: readonly SegmentTrack[];
  /** Tracks that there are, and that the container cannot carry. */
  readonly leftOut: readonly SegmentTrack[];
}

/** A part that is complete. */
export interface CutPart {
  /** A view on the segment's bytes. */
  readonly bytes: Uint8Array;
  /** In microseconds. */
  readonly duration: number;
  /** Whether decoding can begin with it. */
  readonly isIndependent: boolean;
}

/** A segment that is complete. */
export interface CutSegment {
  /** All of its parts, one after the other. */
  readonly bytes: Uint8Array;
  /** In microseconds: what its parts last together. */
  readonly duration: number;
}

/** Hears what a segmenter cuts: a start, at least one part, an end, and again. */
export interface CutListener {
  start(start: CutStart): void;
  part(part: CutPart): void;
  end(segment: CutSegment): void;
  /** A key came so long after the one before, in microseconds. */
  keyInterval?(interval: number): void;
  /** A segment had to end without a key behind it, because it must not last longer or grow larger. */
  forced?(): void;
  /** A frame that could not be written was left out. */
  damaged?(error: FormatError): void;
}

/** How a segmenter cuts. */
export interface SegmenterOptions {
  readonly container: Container | "auto";
  /** How long segments should be, in microseconds. */
  readonly segment: number;
  /** How long parts should be, in microseconds; without it a segment is one part. */
  readonly part?: number;
  /** Which tracks; the main ones by default. */
  readonly numbers?: TrackNumbers;
  /** Whether segments begin at multiples of their length on the timeline, so that several renditions are cut alike. */
  readonly isAligned?: boolean;
  /** What the segments before are written in, which were of another timeline; undefined when there are none. */
  readonly before?: Container;
  readonly openMuxer: (container: Container) => SegmentMuxer;
}
