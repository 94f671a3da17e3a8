import type { Clock } from "../../kernel/clock.ts";
import { fingerprint, Remembered } from "./remembered.ts";
import { isSameDigest, isSameScrypt, sha256, type StoredSecret } from "./stored_secret.ts";
import { Turns } from "./turns.ts";

/** How long the outcome of a slow check is remembered, in milliseconds: thousands of players may share one password. */
const REMEMBER_MS = 60_000;

/** Slow checks at once: each takes a thread and some 32 MiB. */
const AT_ONCE = 2;

/** Slow checks that may wait, some seconds' worth; a decision has to come within ten. */
const MAY_WAIT = 64;

/** Compares what is presented with what is stored, slow hashes too without holding up anybody. */
export class SecretCheck {
  readonly #remembered: Remembered<boolean>;
  readonly #turns = new Turns(AT_ONCE, MAY_WAIT);

  constructor(clock: Clock) {
    this.#remembered = new Remembered(clock);
  }

  /**
   * Whether this is the secret.
   *
   * @throws {Refusal} when too many slow checks wait already
   */
  isSame(presented: string, stored: StoredSecret): boolean | Promise<boolean> {
    if (stored.kind === "digest") return isSameDigest(sha256(presented), stored.digest);
    return this.#remembered.of(fingerprint(stored.text, presented), async () => ({
      value: await this.#turns.run(() => isSameScrypt(presented, stored)),
      ms: REMEMBER_MS,
    }));
  }
}
