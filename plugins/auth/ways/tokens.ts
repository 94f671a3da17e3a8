import { type CryptoKey, errors, importSPKI, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from "jose";
import type { Clock } from "../../../kernel/clock.ts";
import { Refusal } from "../../../kernel/reasons.ts";
import { isStreamPattern, type StreamMatcher, streamMatcher } from "../../../kernel/streams/stream_pattern.ts";
import { fingerprint, Remembered } from "./remembered.ts";
import { KeysUnavailableError, type RemoteKeys } from "./remote_keys.ts";
import { KEY_ALGORITHMS, SECRET_ALGORITHMS, type TokenSettings } from "./token_settings.ts";
import { ABSENT, type Answer, type Applicant, type Way } from "./way.ts";

/** Clocks of those who make tokens may be ahead by so many seconds. */
const CLOCK_TOLERANCE = 5;

/** How long a verified token is not verified again, at most, in milliseconds. */
const REMEMBER_MS = 60_000;

/** What a token that was verified says. */
interface TokenGrant {
  /** Seconds since 1970. */
  readonly expires?: number;
  readonly credential: string;
  readonly permissions: readonly Permission[];
}

type Verified = { readonly grant: TokenGrant } | { readonly answer: Answer };

/** Who has a JSON Web Token (RFC 7519) that names action and path is let in. */
export class Tokens implements Way {
  readonly needs = "a token";
  readonly hasPasswords = false;
  readonly #settings: TokenSettings;
  readonly #remoteKeys?: RemoteKeys;
  readonly #clock: Clock;
  readonly #algorithms: string[];
  readonly #imported = new Map<string, Promise<CryptoKey>>();
  readonly #verified: Remembered<Verified>;

  constructor(settings: TokenSettings, clock: Clock, remoteKeys?: RemoteKeys) {
    this.#settings = settings;
    this.#remoteKeys = remoteKeys;
    this.#clock = clock;
    this.#verified = new Remembered(clock);
    // What a secret verifies is never verified by a public key: the key is public, and would be as good as the secret.
    const possible = [
      ...(settings.secret === undefined ? [] : SECRET_ALGORITHMS),
      ...(settings.publicKey === undefined && !remoteKeys ? [] : KEY_ALGORITHMS),
    ];
    const wanted = settings.algorithms;
    this.#algorithms = wanted ? possible.filter((algorithm) => wanted.includes(algorithm)) : possible;
  }

  async check(applicant: Applicant): Promise<Answer> {
    // Wherever a key may come, a token may: some encoders have no other field for it.
    const token = applicant.credentials.keys.find(isTokenLike);
    if (token === undefined) return ABSENT;
    const verified = await this.#verified.of(fingerprint(token), () => this.#verify(token));
    return "grant" in verified ? this.#judge(verified.grant, applicant) : verified.answer;
  }

  #judge({ expires, credential, permissions }: TokenGrant, { action, stream, key }: Applicant): Answer {
    const now = this.#clock.date().getTime() / 1000;
    if (expires !== undefined && expires + CLOCK_TOLERANCE <= now) return EXPIRED;
    const allows = permissions.some(({ actions, fits }) => actions.includes(action) && fits(key));
    return allows
      ? { says: "yes", credential }
      : { says: "no", why: `the token does not allow to ${action} ${stream}` };
  }

  async #verify(token: string): Promise<{ value: Verified; ms: number }> {
    const { issuer, audience } = this.#settings;
    const currentDate = this.#clock.date();
    const options = { algorithms: this.#algorithms, issuer, audience, currentDate, clockTolerance: CLOCK_TOLERANCE };
    try {
      const { payload } = await jwtVerify(token, this.#keyOf, options);
      return { value: { grant: this.#grantOf(payload, token) }, ms: REMEMBER_MS };
    } catch (error) {
      return { value: { answer: answerTo(error) }, ms: 0 };
    }
  }

  #grantOf(claims: JWTPayload, token: string): TokenGrant {
    return {
      expires: claims.exp,
      credential: claims.sub === undefined ? `token ${fingerprint(token)}` : `subject ${claims.sub}`,
      permissions: permissions(claims, this.#settings.claim),
    };
  }

  readonly #keyOf: JWTVerifyGetKey = async (header, token) => {
    const { secret, publicKey } = this.#settings;
    if (SECRET_ALGORITHMS.some((algorithm) => algorithm === header.alg)) return new TextEncoder().encode(secret);
    if (publicKey === undefined) return await (this.#remoteKeys as RemoteKeys).find(header, token);
    return await this.#import(publicKey, header.alg);
  };

  #import(publicKey: string, algorithm: string): Promise<CryptoKey> {
    const known = this.#imported.get(algorithm) ?? importSPKI(publicKey, algorithm);
    this.#imported.set(algorithm, known);
    return known;
  }
}

function isTokenLike(text: string): boolean {
  return text.split(".", 4).length === 3;
}

const EXPIRED: Answer = { says: "stale", why: "the token has expired" };

function answerTo(error: unknown): Answer {
  if (error instanceof KeysUnavailableError) throw new Refusal("error", `${error.message}: try again`);
  if (error instanceof errors.JWTExpired) return EXPIRED;
  if (error instanceof errors.JWTClaimValidationFailed) {
    return { says: "stale", why: `the token's claim ${error.claim} is not as it has to be` };
  }
  return { says: "wrong", why: "the token is not valid" };
}

interface Permission {
  readonly actions: readonly string[];
  readonly fits: StreamMatcher;
}

/** `{ action, path }` at the top, or a list of such under the claim; each one text or a list of them. */
function permissions(claims: JWTPayload, claim: string): Permission[] {
  const listed = claims[claim];
  const all: unknown[] = [claims, ...(Array.isArray(listed) ? listed : [listed])];
  return all.flatMap((entry) => {
    if (typeof entry !== "object" || entry === null) return [];
    const { action, path } = entry as { action?: unknown; path?: unknown };
    const paths = texts(path);
    // One that is no pattern could be an exclusion that was mistyped, so it makes the whole permission void.
    return paths.length > 0 && paths.every(isStreamPattern)
      ? [{ actions: texts(action), fits: streamMatcher(paths) }]
      : [];
  });
}

function texts(value: unknown): string[] {
  return [value].flat().filter((item) => typeof item === "string");
}
