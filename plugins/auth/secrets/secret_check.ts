import type { Clock } from "../../../kernel/clock.ts";
import { fingerprint, Remembered } from "../ways/remembered.ts";
import type { Argon2 } from "./argon2.ts";
import {
  type DigestSecret,
  isSameArgon2,
  isSameDigest,
  isSameScrypt,
  sha256,
  type StoredSecret,
} from "./stored_secret.ts";
import { Turns } from "../../shared/turns.ts";

/** How long the outcome of a slow check is remembered, in milliseconds: thousands of players may share one password. */
const REMEMBER_MS = 60_000;

/** Slow checks at once: each takes a thread and some 32 MiB. */
const AT_ONCE = 2;

/** Slow checks that may wait, some seconds' worth; a decision has to come within ten. */
const MAY_WAIT = 64;

/** A key or password that somebody presents; its digest is made once, however many it is compared with. */
export class Presented {
  readonly text: string;
  #digest?: Uint8Array;

  constructor(text: string) {
    this.text = text;
  }

  /** Its SHA-256, made when it is first asked for. */
  get digest(): Uint8Array {
    return this.#digest ??= sha256(this.text);
  }
}

/** Compares what is presented with what is stored, slow hashes too without holding up anybody. */
export class SecretCheck {
  readonly #remembered: Remembered<boolean>;
  readonly #turns = new Turns(AT_ONCE, MAY_WAIT);

  readonly #argon2?: Argon2;

  constructor(clock: Clock, argon2?: Argon2) {
    this.#remembered = new Remembered(clock);
    this.#argon2 = argon2;
  }

  /**
   * Whether this is the secret.
   *
   * @throws {Refusal} when too many slow checks wait already
   */
  isSame(presented: Presented, stored: StoredSecret): boolean | Promise<boolean> {
    if (stored.kind === "digest") return isSameDigest(presented.digest, stored.digest);
    return this.#remembered.of(fingerprint(stored.text, presented.text), async () => ({
      value: await this.#turns.run(() => this.#isSameSlowly(presented.text, stored)),
      ms: REMEMBER_MS,
    }));
  }

  #isSameSlowly(text: string, stored: Exclude<StoredSecret, DigestSecret>): Promise<boolean> {
    if (stored.kind === "scrypt") return isSameScrypt(text, stored);
    if (this.#argon2) return isSameArgon2(text, stored, this.#argon2);
    throw new TypeError("Argon2 hashes cannot be checked here");
  }
}
