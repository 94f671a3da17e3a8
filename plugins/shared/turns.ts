import { Refusal } from "../../kernel/reasons.ts";

/** Lets so many tasks run at once and so many wait; more are refused, so that a crowd cannot pile up. */
export class Turns {
  readonly #atOnce: number;
  readonly #mayWait: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(atOnce: number, mayWait: number) {
    this.#atOnce = atOnce;
    this.#mayWait = mayWait;
  }

  /** How many run. */
  get running(): number {
    return this.#running;
  }

  /**
   * Runs a task in its turn.
   *
   * @throws {Refusal} when too many wait already
   */
  async run<T>(task: () => Promise<T>): Promise<T> {
    await this.#turn();
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  async #turn(): Promise<void> {
    if (this.#running < this.#atOnce) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= this.#mayWait) throw new Refusal("limit", "Too many ask to be let in: try again");
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await promise;
  }
}
