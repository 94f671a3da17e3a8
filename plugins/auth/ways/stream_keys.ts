import { type StreamMatcher, streamMatcher } from "../../../kernel/streams/stream_pattern.ts";
import { Presented, type SecretCheck } from "../secrets/secret_check.ts";
import { parseSecret, type StoredSecret } from "../secrets/stored_secret.ts";
import { ABSENT, type Answer, type Applicant, type Way } from "./way.ts";

/** Keys by pattern of streams, as the settings have them. */
export type KeySettings = Readonly<Record<string, string | readonly string[]>>;

interface KeyRule {
  readonly pattern: string;
  readonly fits: StreamMatcher;
  /** Fast ones first. */
  readonly secrets: readonly { readonly name: string; readonly stored: StoredSecret }[];
}

/** Who has a key of the stream is let in. */
export class StreamKeys implements Way {
  readonly needs = "a key";
  readonly hasPasswords = false;
  readonly #rules: readonly KeyRule[];
  readonly #check: SecretCheck;

  /** @throws {TypeError} when a pattern or a hash is none */
  constructor(keys: KeySettings, check: SecretCheck) {
    this.#rules = Object.entries(keys).map(([pattern, secrets]) => toRule(pattern, [secrets].flat()));
    this.#check = check;
  }

  /** The patterns whose keys stand in the settings as they are. */
  get plain(): string[] {
    const isPlain = ({ secrets }: KeyRule) => secrets.some(({ stored }) => stored.kind === "digest" && stored.isPlain);
    return this.#rules.filter(isPlain).map(({ pattern }) => pattern);
  }

  async check({ key, credentials: { keys } }: Applicant): Promise<Answer> {
    if (keys.length === 0) return ABSENT;
    const presented = keys.map((text) => new Presented(text));
    for (const { fits, secrets } of this.#rules) {
      if (!fits(key)) continue;
      const name = await this.#find(presented, secrets);
      if (name !== undefined) return { says: "yes", credential: name };
    }
    return { says: "wrong", why: "the key is wrong" };
  }

  async #find(keys: readonly Presented[], secrets: KeyRule["secrets"]): Promise<string | undefined> {
    for (const { name, stored } of secrets) {
      for (const key of keys) {
        const isSame = this.#check.isSame(key, stored);
        if (typeof isSame === "boolean" ? isSame : await isSame) return name;
      }
    }
  }
}

function toRule(pattern: string, texts: readonly string[]): KeyRule {
  const secrets = texts.map((text, at) => ({ name: `key ${at + 1} of ${pattern}`, stored: parseSecret(text) }));
  return {
    pattern,
    fits: streamMatcher([pattern]),
    secrets: secrets.sort((a, b) => Number(a.stored.kind === "scrypt") - Number(b.stored.kind === "scrypt")),
  };
}
