/** The virtual host of every stream until somebody names another. */
export const DEFAULT_VHOST = "_";

/** Longest app or stream name: names become file names, and 128 characters leave room for dates and suffixes in 255. */
const MAX_NAME_LENGTH = 128;

/** How much of a refused name is quoted: enough to recognise it, too little to flood a log. */
const MAX_QUOTED_LENGTH = 40;

const NAME = /^[A-Za-z0-9_-]+$/;
const FORBIDDEN = /[^A-Za-z0-9_-]/u;
// Whatever could end a log line, move a cursor or reorder what is read: controls, invisible marks, lone surrogates.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** An app, stream or path that Sluice does not accept; the peer's fault, and the message may be sent to it. */
export class BadNameError extends TypeError {
  override readonly name = "BadNameError";
}

/** What a publisher or player asks for: the app and the stream's name, both valid. */
export interface StreamPath {
  readonly app: string;
  readonly name: string;
  /** `app/name`. */
  readonly path: string;
}

/** What tells one stream from all others in one server. */
export interface StreamKey {
  /** {@linkcode DEFAULT_VHOST} unless the address or the query names another. */
  readonly vhost: string;
  readonly app: string;
  readonly name: string;
}

/** Quotes what a peer sent, shortened and with control characters escaped, so that it cannot forge a log line. */
export function quoted(text: string): string {
  const shown = text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text;
  return `"${shown.replace(/["\\]/g, "\\$&").replace(UNSAFE, escaped)}"`;
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`;
}

/** Says whether the text can be an app or a stream: 1 to 128 of `A-Z a-z 0-9 _ -`. */
export function isName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && NAME.test(text);
}

/**
 * Splits `app/stream` and checks both names.
 *
 * @throws {BadNameError} when there are not exactly two parts, or one of them is not a valid name
 */
export function parseStreamPath(path: string): StreamPath {
  const parts = path.split("/");
  if (parts.length !== 2) {
    throw new BadNameError(`${quoted(path)} is not a stream's path: expected APP/STREAM, as in "live/cam"`);
  }
  const [app, name] = parts;
  checkName("app", app);
  checkName("stream", name);
  return { app, name, path };
}

/**
 * Checks one name; `what` is how the message calls it ("app", "stream").
 *
 * @throws {BadNameError} when the name is empty, too long or has a character that is not allowed
 */
export function checkName(what: string, name: string): void {
  if (isName(name)) return;
  throw new BadNameError(
    `The ${what} name ${quoted(name)} ${nameFault(name)}: allowed are 1 to ${MAX_NAME_LENGTH} of A-Z a-z 0-9 _ -`,
  );
}

function nameFault(name: string): string {
  if (name === "") return "is empty";
  const forbidden = FORBIDDEN.exec(name);
  if (forbidden) return `contains ${quoted(forbidden[0])}`;
  return `is ${name.length} characters long`;
}

/** The stream's identity as one string: `app/name`, with `vhost:` before it unless the vhost is the default one. */
export function streamId(vhost: string, app: string, name: string): string {
  return vhost === DEFAULT_VHOST ? `${app}/${name}` : `${vhost}:${app}/${name}`;
}

/** The key of a stream by its id, as {@linkcode streamId} makes it. */
export function keyOfId(id: string): StreamKey {
  const colon = id.indexOf(":");
  const slash = id.indexOf("/", colon);
  const vhost = colon < 0 ? DEFAULT_VHOST : id.slice(0, colon);
  return { vhost, app: id.slice(colon + 1, slash), name: id.slice(slash + 1) };
}

/** Other systems' names for the default vhost. */
const DEFAULT_VHOST_ALIASES = new Set(["", "_", "__defaultVhost__"]);

// Dots alone would lead elsewhere where the vhost is a part of a path.
const VHOST = /^(?!\.+$)[A-Za-z0-9_.-]{1,253}$/;

/**
 * The key of a stream that a peer names: app, name and, from its query, `vhost`.
 *
 * @throws {BadNameError} when one of them is not valid
 */
export function streamKey(app: string, name: string, params: URLSearchParams): StreamKey {
  checkName("app", app);
  checkName("stream", name);
  const vhost = params.get("vhost") ?? DEFAULT_VHOST;
  if (DEFAULT_VHOST_ALIASES.has(vhost)) return { vhost: DEFAULT_VHOST, app, name };
  if (!VHOST.test(vhost)) throw new BadNameError(`The vhost ${quoted(vhost)} is not a host's name`);
  return { vhost, app, name };
}
