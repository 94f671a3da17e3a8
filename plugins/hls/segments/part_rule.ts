import { LEAST_PART, PART_SLACK } from "../window/window_segment.ts";

/** What parts are like; all in microseconds. */
export interface PartTimes {
  /** How long parts should be. */
  readonly part: number;
  /** No part may last longer; `Infinity` while nothing has been promised. */
  readonly maxPart: number;
  /** The usual interval of the lead track's frames. */
  readonly interval: number;
}

/** A frame before which a part may end. */
export interface NextFrame {
  readonly isLead: boolean;
  /** How long after the beginning of the part it is decoded, in microseconds. */
  readonly elapsed: number;
  /** How long after the newest frame of the lead track, in microseconds. */
  readonly sinceLead: number;
}

/** A lead track whose frames are further apart than this share of a part leaves it to the other track to end parts. */
const SPARSE = 0.75;

/** With no frame of the lead track to go by, a part ends a little early rather than late. */
const EARLY = 0.95;

/** Whether a part ends before a frame. */
export function isPartOver({ isLead, elapsed, sinceLead }: NextFrame, times: PartTimes): boolean {
  const { maxPart, interval } = times;
  if (maxPart !== Infinity && elapsed < maxPart * LEAST_PART) return false;
  const part = Math.min(times.part, maxPart);
  const isSparse = interval > part * SPARSE || (!isLead && sinceLead >= part * EARLY);
  if (isSparse) return elapsed >= part * EARLY;
  return isLead && elapsed >= goal(part, times) - interval / 2;
}

/** A whole number of frames: all parts last equally long then. */
function goal(part: number, { maxPart, interval }: PartTimes): number {
  const usual = maxPart === Infinity ? part : maxPart / PART_SLACK;
  return Math.max(1, Math.min(Math.round(usual / interval), Math.floor(maxPart / interval))) * interval;
}
