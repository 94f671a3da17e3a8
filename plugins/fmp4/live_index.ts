import type { LiveIndex, LiveInit, LiveSegment, SourceName } from "../../media/mp4/live_index.ts";

/** The name of the index of a folder of live segments. */
export const INDEX_FILE = "index.json";

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
