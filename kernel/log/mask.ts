const MASK = "***";

/** How deep a field is copied into a log record; deeper values are only named. Keeps a cyclic object from being endless. */
const MAX_DEPTH = 5;

/** How many elements or keys of one value are logged. */
const MAX_ENTRIES = 50;

/** How long one text in a log record may be; what a peer sends is not worth more. */
const MAX_TEXT_LENGTH = 4096;

/** A name that ends in one of these names a secret: `key`, `streamKey`, `api_keys`, `access-token`. */
const SECRET_LAST_WORDS = /^(keys?|tokens?|sign|signature|sig|auth|pass|pwd|jwt|bearer|cookies?)$/;

/** A name with one of these anywhere in it names a secret. */
const SECRET_WORDS = /^(password|passwd|passphrase|secrets?|authorization|credentials?)$/;

const URL_IN_TEXT = /(?<![a-z0-9+.-])([a-z][a-z0-9+.-]*:\/\/)([^\s/?#"'<>]*@)?([^\s?#"'<>]*)(\?[^\s"'<>]*)?/gi;
const PARAMETER_NAME = /(?<![\w.-])([\w.-]+)=/g;
const PARAMETER_VALUE = /"[^"]*"|'[^']*'|[^\s&;"'<>]*/y;
const AUTHORIZATION = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;

/** Says whether a field, setting or query parameter of this name holds a secret. */
export function isSecretName(name: string): boolean {
  const words = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").toLowerCase().split(/[^a-z0-9]+/);
  return words.some((word) => SECRET_WORDS.test(word)) || SECRET_LAST_WORDS.test(words.at(-1) ?? "");
}

/**
 * The text without its secrets: `***` stands for a URL's user and query and for the value of `key=…` and the like.
 *
 * A secret in a URL's path cannot be known as one; whoever logs such a URL leaves the path out.
 */
export function maskText(text: string): string {
  const short = text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text;
  return maskParameters(short.replace(URL_IN_TEXT, maskUrl)).replace(AUTHORIZATION, `$1 ${MASK}`);
}

function maskParameters(text: string): string {
  let masked = "";
  let done = 0;
  for (const match of text.matchAll(PARAMETER_NAME)) {
    if (match.index < done || !isSecretName(match[1])) continue;
    PARAMETER_VALUE.lastIndex = match.index + match[0].length;
    masked += `${text.slice(done, PARAMETER_VALUE.lastIndex)}${MASK}`;
    PARAMETER_VALUE.test(text);
    done = PARAMETER_VALUE.lastIndex;
  }
  return masked + text.slice(done);
}

function maskUrl(_: string, scheme: string, user: string | undefined, rest: string, query: string | undefined): string {
  return `${scheme}${user ? `${MASK}@` : ""}${rest}${query ? `?${MASK}` : ""}`;
}

/** A copy of a log record's fields, fit for any sink: no secrets, no live objects, errors as plain objects. */
export function maskFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return maskEntries(Object.entries(fields), 0);
}

/** The mask for a value under a secret name; what holds no secret (nothing, what is empty, true or false) stays. */
export function maskSecret(value: unknown): unknown {
  if (value === undefined || value === null || value === "" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(maskSecret);
  return typeof value === "object" && Object.keys(value).length === 0 ? value : MASK;
}

function maskEntries(entries: [string, unknown][], depth: number): Record<string, unknown> {
  return Object.fromEntries(
    entries.slice(0, MAX_ENTRIES).map(([name, value]) => [
      name,
      isSecretName(name) ? maskSecret(value) : maskValue(value, depth),
    ]),
  );
}

function maskValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return maskText(value);
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "…";
  if (value instanceof Error) return maskError(value, depth);
  if (value instanceof URL) return maskText(value.href);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.byteLength} bytes`;
  return maskObject(value, depth);
}

function maskObject(value: object, depth: number): unknown {
  if ("toJSON" in value && typeof value.toJSON === "function") return maskValue(value.toJSON(), depth + 1);
  if (value instanceof Map) return maskEntries([...value].map(([name, item]) => [String(name), item]), depth + 1);
  if (value instanceof Set) return maskValue([...value], depth);
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((item) => maskValue(item, depth + 1));
  return maskEntries(Object.entries(value), depth + 1);
}

function maskError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return {
    name,
    message: maskText(message),
    ...maskEntries(Object.entries(error).filter(([key]) => key !== "name" && key !== "message"), depth + 1),
    ...(stack !== undefined && { stack: maskText(stack) }),
    ...(cause !== undefined && { cause: maskValue(cause, depth + 1) }),
  };
}
