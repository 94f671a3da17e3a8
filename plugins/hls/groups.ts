import { type StreamKey } from "../../kernel/names.ts";
import { type StreamMatcher, streamMatcher } from "../shared/stream_pattern.ts";
import type { WallTime } from "./window_segment.ts";

/**
 * What renditions of one program have in common: discontinuities are counted alike, and equal media times are equal times of
 * day, by which players find the same moment in another rendition (RFC 8216, 6.2.4).
 */
export interface CommonTime {
  /** The discontinuity sequence number that all begin with. */
  readonly origin: number;
  /** Of the rendition that was first. */
  wall?: WallTime;
}

interface Group {
  readonly name: string;
  readonly has: StreamMatcher;
  time?: CommonTime;
}

/** Streams that are renditions of one program, by the rules of the configuration: a name, and patterns of streams. */
export class Groups {
  readonly #groups: readonly Group[];

  /** Throws a `TypeError` when one of the patterns is none. */
  constructor(rules: Readonly<Record<string, readonly string[]>>) {
    this.#groups = Object.entries(rules).map(([name, patterns]) => ({ name, has: streamMatcher(patterns) }));
  }

  /** Whether a group has this name, `app/name`; then gives which streams are in it. */
  named(name: string): StreamMatcher | undefined {
    return this.#groups.find((group) => group.name === name)?.has;
  }

  /** Which streams are in the same group as this one; undefined for one that is in none. */
  around(key: StreamKey): StreamMatcher | undefined {
    return this.#of(key)?.has;
  }

  /** What a stream has in common with the others of its group, `origin` if it is the first; undefined for one in no group. */
  timeOf(key: StreamKey, isFirst: boolean, origin: number): CommonTime | undefined {
    const group = this.#of(key);
    if (group && (isFirst || !group.time)) group.time = { origin };
    return group?.time;
  }

  #of(key: StreamKey): Group | undefined {
    return this.#groups.find(({ has }) => has(key));
  }
}
