import { DEFAULT_VHOST, keyOfId, type StreamKey } from "../../../kernel/names.ts";
import { type StreamMatcher, streamMatcher } from "../../../kernel/streams/stream_pattern.ts";
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
  /** Hosts that its patterns speak of, one for each pattern. */
  readonly vhosts: readonly string[];
  time?: CommonTime;
}

/** Streams that are renditions of one program, by the rules of the configuration: a name, and patterns of streams. */
export class Groups {
  readonly #groups: readonly Group[];

  /** Throws a `TypeError` when one of the patterns is none. */
  constructor(rules: Readonly<Record<string, readonly string[]>>) {
    this.#groups = Object.entries(rules).map(([name, patterns]) => ({
      name,
      has: streamMatcher(patterns),
      vhosts: patterns.map(vhostOf),
    }));
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

  /**
   * What streams have in common that are to have the same home, because requests for one are answered with several: those of
   * a group, which is asked for by its name, and those of equal app and name, since segments are asked for without a vhost.
   */
  homeNameOf({ app, name }: StreamKey): string {
    const passed = new Set<Group>();
    for (let path = `${app}/${name}`;;) {
      const group = this.#groups.find((each) => !passed.has(each) && hasPath(each, path));
      if (!group) return path;
      passed.add(group);
      path = group.name;
    }
  }

  #of(key: StreamKey): Group | undefined {
    return this.#groups.find(({ has }) => has(key));
  }
}

/** Whether a stream of this app and name is in a group, whatever its vhost. */
function hasPath({ has, vhosts }: Group, path: string): boolean {
  const key = keyOfId(path);
  return vhosts.some((vhost) => has({ ...key, vhost }));
}

/** A vhost that a pattern fits. */
function vhostOf(pattern: string): string {
  const [, vhost] = /^!?(.*):/.exec(pattern) ?? [];
  return vhost?.replaceAll("*", "") ?? DEFAULT_VHOST;
}
