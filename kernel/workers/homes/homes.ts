import { fnv1a } from "../fnv.ts";
import { keyOfId, streamId, type StreamKey } from "../../names.ts";
import type { StreamGroup } from "../../plugin/placement.ts";

/**
 * Which worker is the home of which stream: where it is written down. All isolates of a server come to the same, since it
 * follows from the stream's name, or that of its group, and the number of workers alone.
 */
export class Homes {
  readonly #workers: number;
  readonly #groups = new Set<StreamGroup>();

  constructor(workers: number) {
    this.#workers = workers;
  }

  /** Has streams of the same group share a home; a stream that several would have goes with the first. */
  together(group: StreamGroup): Disposable {
    this.#groups.add(group);
    return { [Symbol.dispose]: () => void this.#groups.delete(group) };
  }

  /** The worker of a stream, counted from 0. */
  of(key: StreamKey): number {
    return hash(this.#groupOf(key) ?? streamId(key.vhost, key.app, key.name)) % this.#workers;
  }

  /** The same by the stream's id. */
  ofId(id: string): number {
    return this.of(keyOfId(id));
  }

  #groupOf(key: StreamKey): string | undefined {
    for (const group of this.#groups) {
      const name = group(key);
      if (name !== undefined) return name;
    }
  }
}

/** Mixed as MurmurHash3 ends, so that names which differ in one digit spread. */
function hash(name: string): number {
  let value = fnv1a(name);
  value = Math.imul(value ^ value >>> 16, 0x85ebca6b);
  value = Math.imul(value ^ value >>> 13, 0xc2b2ae35);
  return (value ^ value >>> 16) >>> 0;
}
