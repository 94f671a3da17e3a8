/** What lies beside live segments and lists them, as far as players need it. */
export interface LiveIndex {
  /** When the session began, `YYYYMMDD_HHMMSS`; another one means that everything begins anew. */
  readonly session: string;
  readonly startedAt: string;
  /** More segments follow while it is live. */
  readonly state: "live" | "ended";
  /** How long segments mean to be, in seconds. */
  readonly segmentSeconds: number;
  /** What players feed one buffer each. */
  readonly sources: readonly Source[];
}

/** The segments for one buffer: `merged`, or `video` and `audio`. */
export interface Source {
  readonly name: string;
  readonly inits: readonly { readonly uri: string; readonly type: string }[];
  readonly segments: readonly Segment[];
}

/** A media segment, times in seconds. */
export interface Segment {
  readonly uri: string;
  /** Which init segment goes before it. */
  readonly init: number;
  readonly start: number;
  readonly duration: number;
  readonly bytes: number;
  /** False when decoding cannot begin with it. */
  readonly key: boolean;
}

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
export function endOf({ start, duration }: Segment): number {
  return start + duration;
}
