/** Over so many seconds a publisher's rate is taken: encoders begin with more than they go on with. */
const RATE_SECONDS = 10;

/** What a publisher may send beyond its limit: encoders aim at a rate and hit it on average. */
const TOLERANCE = 1.1;

/** How many bytes a publisher had sent at the last looks, a second apart. */
export class RateWatch {
  #samples: number[] = [];

  /**
   * Looks, once a second: says in words that more came over the last seconds than `kbps` kilobits per second; 0 is no limit.
   */
  look(bytes: number, kbps: number): string | undefined {
    if (kbps === 0) {
      this.#samples = [];
      return undefined;
    }
    this.#samples = [...this.#samples, bytes].slice(-RATE_SECONDS - 1);
    const kilobits = (bytes - this.#samples[0]) * 8 / 1000;
    return kilobits > kbps * RATE_SECONDS * TOLERANCE ? `the publisher sends more than ${kbps} kbit/s` : undefined;
  }
}
