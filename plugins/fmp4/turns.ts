/** Lets those who work on one thing do so one after the other. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Does the work once all that was given before for the same key is done; settles as the work does. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(work);
    const done = result.then(() => {}, () => {});
    this.#last.set(key, done);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === done) this.#last.delete(key);
    }
  }
}
