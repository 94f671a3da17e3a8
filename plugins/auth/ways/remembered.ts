import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../../../kernel/clock.ts";

/** What was found out, and for how long it holds. */
export interface Finding<T> {
  readonly value: T;
  readonly ms: number;
}

/** Answers remembered at once: some hundred bytes each. The oldest goes first. */
export const MAX_REMEMBERED = 20_000;

/** Remembers answers for a short time, and asks once where many want the same answer at the same time. */
export class Remembered<T> {
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly value: T; readonly until: number }>();
  readonly #asked = new Map<string, Promise<T>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many answers are kept. */
  get size(): number {
    return this.#known.size;
  }

  /** The answer, remembered or found out now. What fails is not remembered. */
  of(key: string, find: () => Promise<Finding<T>>): T | Promise<T> {
    const known = this.#known.get(key);
    if (known && known.until > this.#clock.now()) return known.value;
    return this.#asked.get(key) ?? this.#ask(key, find);
  }

  #ask(key: string, find: () => Promise<Finding<T>>): Promise<T> {
    const asking = this.#find(key, find).finally(() => this.#asked.delete(key));
    this.#asked.set(key, asking);
    return asking;
  }

  async #find(key: string, find: () => Promise<Finding<T>>): Promise<T> {
    const { value, ms } = await find();
    this.#known.delete(key);
    if (ms <= 0) return value;
    const oldest = this.#known.size >= MAX_REMEMBERED ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, { value, until: this.#clock.now() + ms });
    return value;
  }
}

const processKey = randomBytes(32);

/**
 * Stands for credentials wherever they are remembered: an HMAC under a key of this process, so that memory, a log or
 * another program never sees what could be used or guessed from.
 */
export function fingerprint(...parts: readonly string[]): string {
  const hmac = createHmac("sha256", processKey);
  for (const part of parts) hmac.update(`${part.length}:${part}`);
  return hmac.digest("base64url");
}
