/// <reference lib="dom" />
import { type BufferedRange, rangesOf } from "../player/live_edge.ts";
import type { LiveSegment, LiveSource, SourceName } from "../../media/mp4/live_index.ts";
import { endOf } from "./segment_places.ts";
import { nextSegment } from "./segment_plan.ts";

/** So far ahead of the picture segments are loaded, in seconds. */
const AHEAD = 20;

/** When more than `max` seconds behind the picture are kept, they are cut back to `min`; less when the browser has no room. */
const BEHIND = { max: 60, min: 30, scarce: 4 };

/** Feeds one buffer of a player from one source: its init segments, and segments as they are needed. */
export class SourceFeed {
  readonly name: SourceName;
  readonly #buffer: SourceBuffer;
  readonly #fetch: (uri: string) => Promise<ArrayBuffer>;
  readonly #loaded = new Set<string>();
  #init = 0;
  #hasInit = false;
  #type: string;

  /** `fetch` gets a segment by its name. */
  constructor(media: MediaSource, source: LiveSource, fetch: (uri: string) => Promise<ArrayBuffer>) {
    this.name = source.name;
    this.#type = source.inits[0].type;
    this.#buffer = media.addSourceBuffer(this.#type);
    this.#fetch = fetch;
  }

  /** Whether the browser is at work on what it was given. */
  get isUpdating(): boolean {
    return this.#buffer.updating;
  }

  /** What can be played, in seconds. */
  get ranges(): BufferedRange[] {
    return rangesOf(this.#buffer.buffered);
  }

  /** Whether the last segment of all is there. */
  hasLast({ segments }: LiveSource): boolean {
    const last = segments.at(-1);
    return last !== undefined && this.#loaded.has(last.uri);
  }

  /** Loads the next segment for a picture at `position`; false when none is missing. */
  async step(source: LiveSource, position: number): Promise<boolean> {
    await this.#cut(position, BEHIND.max, BEHIND.min);
    const segment = nextSegment(source.segments, position, AHEAD, ({ uri }) => this.#loaded.has(uri));
    if (!segment) return false;
    const bytes = await this.#fetch(segment.uri);
    await this.#prepare(source, segment);
    try {
      await this.#append(bytes);
    } catch (error) {
      if ((error as DOMException).name !== "QuotaExceededError") throw error;
      await this.#cut(position, BEHIND.scarce, BEHIND.scarce);
      return false;
    }
    this.#loaded.add(segment.uri);
    return true;
  }

  /** Forgets that segments were loaded which the browser does not have any more. */
  recheck({ segments }: LiveSource): void {
    const { ranges } = this;
    for (const segment of segments) if (!isWithin(segment, ranges)) this.#loaded.delete(segment.uri);
  }

  async #prepare({ inits }: LiveSource, { init }: LiveSegment): Promise<void> {
    if (this.#hasInit && this.#init === init) return;
    const { uri, type } = inits[init];
    if (type !== this.#type) this.#buffer.changeType(this.#type = type);
    await this.#append(await this.#fetch(uri));
    [this.#init, this.#hasInit] = [init, true];
  }

  async #append(bytes: ArrayBuffer): Promise<void> {
    const done = this.#updated();
    this.#buffer.appendBuffer(bytes);
    await done;
  }

  async #cut(position: number, max: number, min: number): Promise<void> {
    const first = this.ranges[0];
    if (!first || first.start >= position - max) return;
    const done = this.#updated();
    this.#buffer.remove(0, position - min);
    await done;
  }

  #updated(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = new AbortController();
    const on = (event: string, act: () => void) => this.#buffer.addEventListener(event, act, { signal: settle.signal });
    on("updateend", () => {
      settle.abort();
      resolve();
    });
    on("error", () => reject(new TypeError(`The browser cannot decode a segment of ${this.name}`)));
    return promise;
  }
}

/** Whether the middle of a segment is there. */
function isWithin(segment: LiveSegment, ranges: readonly BufferedRange[]): boolean {
  const middle = (segment.start + endOf(segment)) / 2;
  return ranges.some(({ start, end }) => start <= middle && middle <= end);
}
