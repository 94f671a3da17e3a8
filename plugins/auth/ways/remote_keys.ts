import { createLocalJWKSet, errors, type JSONWebKeySet, type JWSHeaderParameters } from "jose";
import type { CryptoKey, FlattenedJWSInput } from "jose";
import type { Clock } from "../../../kernel/clock.ts";
import { errorText } from "../../../kernel/error_text.ts";
import { requestWithin, textWithin } from "../request.ts";

/** What fetching keys takes. */
export interface RemoteKeysDeps {
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  /** Hears that keys could not be fetched, in words. */
  warn(message: string): void;
}

/** Keys are asked for again after so long, without anybody waiting for it, in milliseconds. */
export const FRESH_MS = 10 * 60_000;

/** Between two questions, whatever tokens come: made-up key ids must not turn into a flood. */
export const COOLDOWN_MS = 30_000;

/** Keys that could not be confirmed for so long are not trusted any more. */
export const TRUSTED_MS = 24 * 3600_000;

/** How long the answer may take; a decision has to come within ten seconds. */
export const TIMEOUT_MS = 5_000;

/** Larger sets of keys are none. */
const MAX_BYTES = 256 * 1024;

type KeySet = ReturnType<typeof createLocalJWKSet>;

/** A JSON Web Key Set (RFC 7517) at an address: kept, asked for again when a key is not in it, used on when it is away. */
export class RemoteKeys {
  readonly #url: string;
  readonly #deps: RemoteKeysDeps;
  #keys?: KeySet;
  #fetchedAt = -Infinity;
  #askedAt = -Infinity;
  #asking?: Promise<void>;

  constructor(url: string, deps: RemoteKeysDeps) {
    this.#url = url;
    this.#deps = deps;
  }

  /**
   * The key that a token was signed with.
   *
   * @throws {Error} when there is none, or none can be had
   */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    const keys = await this.#present();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayAsk()) throw error;
      await this.#ask();
      return await (this.#keys ?? keys)(header, token);
    }
  }

  async #present(): Promise<KeySet> {
    const age = this.#deps.clock.now() - this.#fetchedAt;
    if (age > FRESH_MS && this.#mayAsk()) {
      const asking = this.#ask();
      if (age > TRUSTED_MS) await asking;
    }
    const isTrusted = this.#deps.clock.now() - this.#fetchedAt <= TRUSTED_MS;
    if (!this.#keys || !isTrusted) throw new KeysUnavailableError("The keys of tokens cannot be had");
    return this.#keys;
  }

  #mayAsk(): boolean {
    return this.#asking !== undefined || this.#deps.clock.now() - this.#askedAt >= COOLDOWN_MS;
  }

  #ask(): Promise<void> {
    this.#askedAt = this.#asking ? this.#askedAt : this.#deps.clock.now();
    return this.#asking ??= this.#fetch().finally(() => this.#asking = undefined);
  }

  async #fetch(): Promise<void> {
    const { clock, warn } = this.#deps;
    try {
      this.#keys = createLocalJWKSet(await this.#read());
      this.#fetchedAt = clock.now();
    } catch (error) {
      const what = this.#keys ? "The keys of tokens could not be asked for again" : "The keys of tokens cannot be had";
      warn(`${what}: ${errorText(error)}`);
    }
  }

  async #read(): Promise<JSONWebKeySet> {
    return await requestWithin(this.#deps, TIMEOUT_MS, this.#url, { redirect: "error" }, async (response) => {
      const text = await textWithin(response, MAX_BYTES);
      if (!response.ok) throw new Error(`the answer was ${response.status}`);
      return JSON.parse(text);
    });
  }
}

/** The keys that tokens are signed with are not there: nothing can be said of any token. */
export class KeysUnavailableError extends Error {
  override readonly name = "KeysUnavailableError";
}
