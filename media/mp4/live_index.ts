/** What the index of a folder of live fMP4 segments says, `index.json`: the server writes it and pages play by it. */
export interface LiveIndex {
  readonly version: 1;
  readonly stream: string;
  /** Names the session, and sorts: when it began, `YYYYMMDD_HHMMSS`; another one means that everything begins anew. */
  readonly session: string;
  readonly startedAt: string;
  /** More segments follow while it is live. */
  readonly state: "live" | "ended";
  readonly endedAt?: string;
  /** How long segments mean to be, in seconds. */
  readonly segmentSeconds: number;
  /** The address of the complete MP4 of this session, beside the index or above it; once there is one. */
  readonly full?: string;
  /** What players feed one buffer each: `merged`, or `video` and `audio`. */
  readonly sources: readonly LiveSource[];
}

/** The segments for one buffer of a player. */
export interface LiveSource {
  readonly name: SourceName;
  readonly inits: readonly LiveInit[];
  readonly segments: readonly LiveSegment[];
}

/** What a source holds. */
export type SourceName = "merged" | "video" | "audio";

/** An init segment. */
export interface LiveInit {
  readonly uri: string;
  /** What a player is asked whether it can play it, with the codecs. */
  readonly type: string;
}

/** A media segment. */
export interface LiveSegment {
  readonly uri: string;
  /** Which init segment goes before it, counted from 0. */
  readonly init: number;
  /** When it begins, in seconds, as in the segment itself; the first one need not begin at 0. */
  readonly start: number;
  /** In seconds. */
  readonly duration: number;
  readonly bytes: number;
  /** False when decoding cannot begin with it. */
  readonly key: boolean;
}
