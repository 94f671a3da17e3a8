import { framesPerPart } from "../segments/part_length.ts";
import { PART_SLACK } from "./window_segment.ts";

/** What targets are chosen from; all in microseconds. */
export interface Measured {
  /** How long segments should be, and parts; undefined when there are none. */
  readonly segment: number;
  readonly part?: number;
  /** How far frames usually are apart. */
  readonly frameInterval: number;
  /** What a segment may have to last beside those that are complete. */
  readonly longest: number;
  /** Of the segments that are complete, oldest first. */
  readonly durations: readonly number[];
}

/** How much longer a segment may last than the target duration, in microseconds: rounding takes it away (RFC 8216, 4.3.3.1). */
const ROUNDING = 499_999;

/** How much a segment may exceed whole seconds when a target duration is chosen, in microseconds; the rest is headroom. */
const EXCESS = 250_000;

/** What a playlist promises of its segments and parts until it has ended. */
export interface Targets {
  /** In whole seconds. */
  readonly duration: number;
  /** In microseconds; undefined when there are no parts. */
  readonly part?: number;
}

/** Chooses what can be promised, from what has been measured. */
export function chooseTargets({ segment, part, frameInterval, longest, durations }: Measured): Targets {
  const most = Math.max(segment, longest, ...durations);
  const duration = Math.max(1, Math.ceil((most - EXCESS) / 1_000_000));
  if (part === undefined) return { duration };
  const frames = Math.round((durations.at(-1) ?? segment) / frameInterval);
  const usual = framesPerPart(part / frameInterval, frames) * frameInterval;
  return { duration, part: Math.round((frameInterval > part ? part : usual) * PART_SLACK) };
}

/** How long a segment may last under a target duration, in microseconds. */
export function maxSegmentOf({ duration }: Targets): number {
  return duration * 1_000_000 + ROUNDING;
}
