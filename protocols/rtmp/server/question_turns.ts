interface Turn {
  readonly query: string;
  decide(): Promise<void>;
}

/**
 * The order in which the questions of one connection are decided: at once while their query is the same, else one query
 * after the other.
 *
 * Plugins read keys from the session's query. A connection has one session and may ask for many streams, and the key of
 * one must not open another.
 */
export class QuestionTurns {
  #query = "";
  #deciding = 0;
  readonly #waiting: Turn[] = [];

  /** Questions that are being decided or wait for their turn. */
  get size(): number {
    return this.#deciding + this.#waiting.length;
  }

  /** Has a question decided, now or when its turn has come. `decide` never rejects. */
  ask(query: string, decide: () => Promise<void>): void {
    this.#waiting.push({ query, decide });
    this.#begin();
  }

  #begin(): void {
    for (let next = this.#waiting[0]; next && this.#isTurnOf(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#query = next.query;
      this.#deciding++;
      void next.decide().finally(() => {
        this.#deciding--;
        this.#begin();
      });
    }
  }

  #isTurnOf({ query }: Turn): boolean {
    return this.#deciding === 0 || query === this.#query;
  }
}
