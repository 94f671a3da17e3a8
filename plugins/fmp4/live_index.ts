/** The name of the index of a folder of live segments. */
export const INDEX_FILE = "index.json";

/** What the index of a folder of live segments says. */
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

/** Microseconds are enough for all that is in an index. */
const PRECISION = 1_000_000;

/** A source that grows: what has been said of a segment is not said anew each time. */
export class GrowingSource {
  readonly inits: LiveInit[] = [];
  readonly #segments: { readonly segment: LiveSegment; readonly text: string }[] = [];

  constructor(readonly name: SourceName) {}

  addInit(init: LiveInit): void {
    this.inits.push(init);
  }

  /** Takes the next segment, of the newest init segment. */
  add(segment: Omit<LiveSegment, "init">): void {
    const { uri, start, duration, bytes, key } = segment;
    const whole = { uri, init: this.inits.length - 1, start: rounded(start), duration: rounded(duration), bytes, key };
    this.#segments.push({ segment: whole, text: JSON.stringify(whole) });
  }

  /** Takes out the segments that end more than so many seconds before the end of the newest one. */
  dropOlder(seconds: number): LiveSegment[] {
    const newest = this.#segments.at(-1)?.segment;
    if (!newest) return [];
    const limit = newest.start + newest.duration - seconds;
    const kept = this.#segments.findIndex(({ segment }) => segment.start + segment.duration >= limit);
    return this.#segments.splice(0, kept).map(({ segment }) => segment);
  }

  /** As JSON. */
  get text(): string {
    const segments = this.#segments.map(({ text }) => text).join(",\n");
    return `{"name":"${this.name}","inits":${JSON.stringify(this.inits)},"segments":[\n${segments}\n]}`;
  }
}

/** The index as a file. */
export function indexText(facts: Omit<LiveIndex, "sources">, sources: readonly GrowingSource[]): string {
  const head = JSON.stringify(facts).slice(0, -1);
  return `${head},"sources":[${sources.map(({ text }) => text).join(",")}]}\n`;
}

/** Reads an index; undefined when it is none. */
export function parseIndex(text: string): LiveIndex | undefined {
  try {
    const index: LiveIndex = JSON.parse(text);
    const isWhole = index?.version === 1 && Array.isArray(index.sources) && typeof index.stream === "string";
    return isWhole ? index : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function rounded(seconds: number): number {
  return Math.round(seconds * PRECISION) / PRECISION;
}
