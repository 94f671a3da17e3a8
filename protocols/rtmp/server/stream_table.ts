interface Entry<V> {
  readonly streamId: number;
  readonly value: V;
}

/**
 * What a connection holds for its message streams, by their numbers: mostly nothing or one, for which a list takes a
 * fraction of a map's memory. There may be tens of thousands of connections.
 */
export class StreamTable<V> {
  #entries: Entry<V>[] = EMPTY;

  /** How many streams have something. */
  get size(): number {
    return this.#entries.length;
  }

  /** What a stream has. */
  get(streamId: number): V | undefined {
    for (const entry of this.#entries) if (entry.streamId === streamId) return entry.value;
  }

  /** Whether a stream has something. */
  has(streamId: number): boolean {
    return this.#entries.some((entry) => entry.streamId === streamId);
  }

  /** Gives a stream something, in place of what it had. */
  set(streamId: number, value: V): void {
    this.#entries = this.#entries.filter((entry) => entry.streamId !== streamId).concat({ streamId, value });
  }

  /** True if there was one. */
  delete(streamId: number): boolean {
    const before = this.size;
    const left = this.#entries.filter((entry) => entry.streamId !== streamId);
    this.#entries = left.length === 0 ? EMPTY : left;
    return left.length < before;
  }

  /** In the order in which they were set; changes meanwhile do not show. */
  *[Symbol.iterator](): Iterator<[streamId: number, value: V]> {
    for (const { streamId, value } of this.#entries) yield [streamId, value];
  }

  /** Calls back for each value. */
  forEach(callback: (value: V) => void): void {
    for (const { value } of this.#entries) callback(value);
  }
}

const EMPTY: never[] = [];
