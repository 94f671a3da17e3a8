import type { LiveIndex, LiveSegment } from "../../media/mp4/live_index.ts";

/** Whether tracks come together or each by itself. */
export type Variant = "merge" | "separate";

/** The folder of a stream's segments. */
export function folderOf(path: string, variant: Variant): string {
  return `/mp4/${path}/output_${variant}/`;
}

/** From where to where there is something of every source; undefined while there is nothing of one. */
export function spanOf({ sources }: Pick<LiveIndex, "sources">): { start: number; end: number } | undefined {
  if (sources.length === 0 || sources.some(({ segments }) => segments.length === 0)) return undefined;
  return {
    start: Math.max(...sources.map(({ segments }) => segments[0].start)),
    end: Math.min(...sources.map(({ segments }) => endOf(segments.at(-1)!))),
  };
}

/** When a segment is over. */
export function endOf({ start, duration }: LiveSegment): number {
  return start + duration;
}
