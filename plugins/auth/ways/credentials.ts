import type { Peer } from "./way.ts";

/** Longer than any token in use; what is longer is not looked at, so that nobody makes the server hash megabytes. */
export const MAX_CREDENTIAL_LENGTH = 8192;

/** What a peer presents to be let in; from wherever its protocol has room for it. */
export interface Credentials {
  /** Whatever may be a stream key, in the order in which it is tried. */
  readonly keys: readonly string[];
  readonly user?: string;
  readonly password?: string;
  /** A token: the query's `token` or `jwt`, or what stands behind `Bearer`. */
  readonly token?: string;
  /** The query of a signed address. */
  readonly signed?: SignedParams;
}

/** What a signed address has in its query. */
export interface SignedParams {
  readonly signature: string;
  /** Seconds since 1970, as written. */
  readonly expires: string;
  /** The address or network that it is for, as written; empty for any. */
  readonly ip: string;
}

const NONE: Credentials = { keys: [] };

/**
 * Reads what a peer presents: the query's `key`, `token` or `jwt`, `user` with `pass` or `password`, `signature` with
 * `expires` and `ip`; `Authorization` with `Basic` (RFC 7617) or `Bearer` (RFC 6750); the user of an RTMP address.
 *
 * A password may be a stream key too, since some encoders have fields for a user and a password only.
 */
export function credentialsOf(session: Peer): Credentials {
  const { info } = session;
  const hasQuery = session.params.size > 0;
  if (!hasQuery && info.authorization === undefined && !info.url?.includes("@")) return NONE;
  const header = authorization(info.authorization) ?? userOf(info.url);
  const query = hasQuery ? session.params : undefined;
  const user = given(query?.get("user")) ?? header?.user;
  const password = given(query?.get("pass")) ?? given(query?.get("password")) ?? header?.password;
  const token = given(query?.get("token")) ?? given(query?.get("jwt")) ?? header?.token;
  const keys = [given(query?.get("key")), token, password].filter((key) => key !== undefined);
  return { keys, user, password, token, signed: query && signedParams(query) };
}

/** Whether anything is presented by which somebody could be let in. */
export function presentsAny({ keys, user, signed }: Credentials): boolean {
  return keys.length > 0 || user !== undefined || signed !== undefined;
}

function signedParams(query: URLSearchParams): SignedParams | undefined {
  const signature = given(query.get("signature"));
  if (signature === undefined) return undefined;
  return { signature, expires: query.get("expires") ?? "", ip: query.get("ip") ?? "" };
}

interface Header {
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

const AUTHORIZATION = /^(basic|bearer) +(\S+) *$/i;

function authorization(text: string | undefined): Header | undefined {
  const [, scheme, value] = AUTHORIZATION.exec(text ?? "") ?? [];
  if (value === undefined || value.length > MAX_CREDENTIAL_LENGTH) return undefined;
  return scheme.toLowerCase() === "bearer" ? { token: value } : basic(value);
}

/** The user-id has no colon in it, the password may have some (RFC 7617, section 2). */
function basic(value: string): Header | undefined {
  const text = new TextDecoder().decode(decoded(value));
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function decoded(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}

function userOf(address: string | undefined): Header | undefined {
  const url = address?.includes("@") ? URL.parse(address) : null;
  if (!url?.username) return undefined;
  return { user: unescaped(url.username), password: given(unescaped(url.password)) };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function given(value: string | null | undefined): string | undefined {
  return value ? value.slice(0, MAX_CREDENTIAL_LENGTH + 1) : undefined;
}
