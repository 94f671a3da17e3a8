/** How pauses between attempts grow. */
export interface BackoffOptions {
  /** The first pause, in milliseconds. */
  readonly firstMs: number;
  /** The longest pause, in milliseconds. */
  readonly mostMs: number;
  /** Between 0 and 1, for the jitter. */
  readonly random?: () => number;
}

/** Pauses that double from attempt to attempt, each shortened by up to a half, so that many who wait do not come at once. */
export class Backoff {
  readonly #options: BackoffOptions;
  #attempts = 0;
  #last = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** The longest that the last pause could have been, in milliseconds; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The next pause, in milliseconds. */
  next(): number {
    const { firstMs, mostMs, random = Math.random } = this.#options;
    const pause = this.#last = Math.min(mostMs, firstMs * 2 ** Math.min(this.#attempts++, 30));
    return pause * (1 - random() / 2);
  }

  /** It has worked: the next pause is the first again. */
  reset(): void {
    this.#attempts = 0;
    this.#last = 0;
  }
}
