import { Buffer } from "node:buffer";
import type { Argon2, Argon2Input } from "./argon2.ts";
import { createHash, randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** A key or password as the settings hold it. */
export type StoredSecret = DigestSecret | ScryptSecret | Argon2Secret;

/** A SHA-256: for keys that are long and random. */
export interface DigestSecret {
  readonly kind: "digest";
  readonly digest: Uint8Array;
  /** True when the settings hold the secret itself. */
  readonly isPlain: boolean;
}

/** A hash that costs time, for what people choose and remember (RFC 7914). */
export interface ScryptSecret {
  readonly kind: "scrypt";
  /** The binary logarithm of the cost. */
  readonly logN: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
  /** As it stands in the settings. */
  readonly text: string;
}

/** A hash as other programs make it (RFC 9106), for what people choose and remember. */
export interface Argon2Secret extends Argon2Input {
  readonly kind: "argon2";
  readonly hash: Uint8Array;
  /** As it stands in the settings. */
  readonly text: string;
}

/** What new hashes cost: 32 MiB and about 70 ms, as is usual for sign-ins. */
const COST = { logN: 15, blockSize: 8, parallelization: 1 };

/** A hash that costs more memory than this would let a few sign-ins at once take the machine's. */
const MAX_SCRYPT_BYTES = 128 * 1024 * 1024;

/** Passes over its memory that one check may take together, in KiB: a second or two. */
const MAX_ARGON2_WORK = 4 * 64 * 1024;

/** Parallel lanes multiply the time of one check, which a wrong password costs too. */
const MAX_PARALLELIZATION = 16;

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** From this length on a key that was made at random is beyond guessing, and a fast hash will do. */
export const LONG_KEY_LENGTH = 24;

const FORMS = "sha256:HASH, scrypt:LOGN:R:P:SALT:HASH, $argon2id$… or the key itself";

/**
 * Reads a key or password from the settings: `sha256:HASH` or `scrypt:LOGN:R:P:SALT:HASH` with base64, `$argon2id$…` as
 * other programs have it, else the text itself.
 *
 * @throws {TypeError} when it is the beginning of a hash and no whole one, or a kind of hash that is not known
 */
export function parseSecret(text: string): StoredSecret {
  if (text.startsWith("sha256:")) return digestSecret(text);
  if (text.startsWith("scrypt:")) return scryptSecret(text);
  if (text.startsWith("$argon2id$")) return argon2Secret(text);
  if (text.startsWith("$")) throw new TypeError(`This kind of hash is not known: expected ${FORMS}`);
  return { kind: "digest", digest: sha256(text), isPlain: true };
}

/** A hash for the settings: fast to check for a long key, slow to guess for a short one. */
export async function hashSecret(secret: string): Promise<string> {
  if (secret.length >= LONG_KEY_LENGTH) return `sha256:${base64url(sha256(secret))}`;
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(secret, { ...COST, salt, hash: new Uint8Array(HASH_BYTES) });
  const { logN, blockSize, parallelization } = COST;
  return ["scrypt", logN, blockSize, parallelization, base64url(salt), base64url(hash)].join(":");
}

/** A key that nobody guesses: 24 random bytes in 32 characters that need no escaping anywhere. */
export function makeKey(): string {
  return base64url(randomBytes(24));
}

/** The digest by which keys are compared. */
export function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/** Whether a presented digest is the stored one; takes the same time wherever they differ. */
export function isSameDigest(presented: Uint8Array, stored: Uint8Array): boolean {
  return timingSafeEqual(presented, stored);
}

/** Whether a presented text is the stored one, by the slow hash; the event loop goes on meanwhile. */
export async function isSameScrypt(presented: string, stored: ScryptSecret): Promise<boolean> {
  return timingSafeEqual(await derive(presented, stored), stored.hash);
}

function digestSecret(text: string): DigestSecret {
  const digest = Buffer.from(text.slice("sha256:".length), "base64");
  if (digest.length !== 32) throw new TypeError(`A sha256 hash has 32 bytes, this one ${digest.length}`);
  return { kind: "digest", digest, isPlain: false };
}

const SCRYPT = /^scrypt:(\d{1,2}):(\d{1,2}):(\d{1,2}):([\w+/=-]{8,}):([\w+/=-]{22,90})$/;

function scryptSecret(text: string): ScryptSecret {
  const [, logN, blockSize, parallelization, salt, hash] = SCRYPT.exec(text) ?? [];
  if (hash === undefined) throw new TypeError("A scrypt hash is scrypt:LOGN:R:P:SALT:HASH, this one is not whole");
  const secret: ScryptSecret = {
    kind: "scrypt",
    logN: Number(logN),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
    text,
  };
  checkCost(secret);
  return secret;
}

const ARGON2 = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([\w+/-]{11,86})\$([\w+/-]{22,86})$/;

function argon2Secret(text: string): Argon2Secret {
  const [, memory, passes, lanes, salt, hash] = ARGON2.exec(text) ?? [];
  if (hash === undefined) {
    throw new TypeError("An Argon2 hash is $argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$HASH, this one is not");
  }
  const stored = { memory: Number(memory), passes: Number(passes), lanes: Number(lanes) };
  const expected = Buffer.from(hash, "base64");
  if (stored.passes < 1 || stored.lanes < 1 || stored.memory < 8 * stored.lanes) {
    throw new TypeError("An Argon2 hash needs t and p of at least 1, and m of at least 8 for each lane");
  }
  if (stored.memory * stored.passes > MAX_ARGON2_WORK || stored.memory * 1024 > MAX_SCRYPT_BYTES) {
    throw new TypeError(`This Argon2 hash takes too long to check: m may be 131072, and m times t ${MAX_ARGON2_WORK}`);
  }
  return {
    kind: "argon2",
    ...stored,
    salt: Buffer.from(salt, "base64"),
    length: expected.length,
    hash: expected,
    text,
  };
}

/** Whether a presented text is the stored one, by Argon2; an empty one never is. */
export async function isSameArgon2(presented: string, stored: Argon2Secret, argon2: Argon2): Promise<boolean> {
  if (presented === "") return false;
  const { memory, passes, lanes, salt, length } = stored;
  return timingSafeEqual(await argon2.hash(presented, { memory, passes, lanes, salt, length }), stored.hash);
}

function checkCost({ logN, blockSize, parallelization }: ScryptSecret): void {
  const bytes = 128 * 2 ** logN * blockSize;
  if (logN < 1 || blockSize < 1 || parallelization < 1 || parallelization > MAX_PARALLELIZATION) {
    throw new TypeError("A scrypt hash needs LOGN, R and P of at least 1, and P of at most 16");
  }
  if (bytes > MAX_SCRYPT_BYTES) {
    throw new TypeError(
      `This scrypt hash takes ${bytes / 2 ** 20} MiB to check; at most ${MAX_SCRYPT_BYTES / 2 ** 20} are allowed`,
    );
  }
}

type ScryptInput = Omit<ScryptSecret, "kind" | "text">;

function derive(secret: string, { logN, blockSize, parallelization, salt, hash }: ScryptInput): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const options = { N: 2 ** logN, r: blockSize, p: parallelization, maxmem: 2 * MAX_SCRYPT_BYTES };
  scrypt(secret, salt, hash.length, options, (error, key) => error ? reject(error) : resolve(key));
  return promise;
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
