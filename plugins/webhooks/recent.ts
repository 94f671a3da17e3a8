/** A map of the entries that were set last: names that peers choose do not fill the memory. */
export class Recent<V> {
  readonly #entries = new Map<string, V>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** The entry of a key, if it is still there. */
  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  /** Sets an entry; the one that was set longest ago makes room. */
  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value!);
  }
}
