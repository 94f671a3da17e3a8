import type { TrackRun } from "../../media/mp4/fragment.ts";
import type { SegmentTrack } from "./track_feed.ts";

/** What is to be done next, in order. */
export type Step = InitStep | FragmentStep | SegmentStep | ProblemStep;

/** The fragments that follow are of these tracks: they need a new init segment. */
export interface InitStep {
  readonly type: "init";
  /** Counts from 1. */
  readonly number: number;
  readonly tracks: readonly SegmentTrack[];
}

/** A fragment of the current segment. */
export interface FragmentStep {
  readonly type: "fragment";
  /** The number of its segment, from 1. */
  readonly segment: number;
  /** Whether the segment begins with it. */
  readonly isFirst: boolean;
  readonly runs: readonly TrackRun[];
}

/** The segment is complete. */
export interface SegmentStep {
  readonly type: "segment";
  readonly number: number;
  /** When its first picture or sound is presented, in seconds on the stream's timeline. */
  readonly start: number;
  /** In seconds. */
  readonly duration: number;
  /** Whether decoding can begin with it. */
  readonly isKey: boolean;
}

/** Something is left out. */
export interface ProblemStep {
  readonly type: "problem";
  readonly text: string;
}
