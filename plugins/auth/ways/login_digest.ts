import { Buffer } from "node:buffer";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** What RTMP's login needs to know of a password: the MD5 of user, salt and password. */
export interface LoginDigest {
  readonly salt: string;
  /** In base64, as the answers are made of it. */
  readonly digest: string;
}

const FORM = /^md5:([\w-]{4,64}):([A-Za-z0-9+/]{22}==)$/;

/** Letters that need no escaping wherever encoders put the salt. */
const SALT_BYTES = 9;

/**
 * Reads `md5:SALT:DIGEST` from the settings.
 *
 * @throws {TypeError} when it is of another form
 */
export function parseLoginDigest(text: string): LoginDigest {
  const [, salt, digest] = FORM.exec(text) ?? [];
  if (digest === undefined) throw new TypeError("A digest for RTMP's login is md5:SALT:DIGEST, this one is not");
  return { salt, digest };
}

/** The digest of a password as the settings hold it. */
export function makeLoginDigest(user: string, password: string): string {
  const { salt, digest } = loginDigestOf(user, password, makeSalt());
  return `md5:${salt}:${digest}`;
}

/** The digest of a password under a salt. */
export function loginDigestOf(user: string, password: string, salt: string): LoginDigest {
  return { salt, digest: md5(user + salt + password) };
}

/** What who knows the password answers to a question, given the text that it added itself. */
export function loginResponse({ digest }: LoginDigest, question: string, nonce: string): string {
  return md5(digest + question + nonce);
}

/** Whether two responses are the same; takes the same time wherever they differ. */
export function isSameResponse(presented: string, expected: string): boolean {
  const [one, other] = [Buffer.from(presented), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function makeSalt(): string {
  return randomBytes(SALT_BYTES).toString("base64url");
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("base64");
}
