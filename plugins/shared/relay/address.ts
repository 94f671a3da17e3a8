import { ClientError } from "../../../kernel/sessions/client.ts";
import type { StreamKey } from "../../../kernel/names.ts";

/** What those who are not to know where a server is are told in place of its address. */
const SERVER_BEHIND = "the server behind this one";

const VARIABLE = /\{(vhost|app|stream)\}/g;

/** What may be shown of an address: neither its query nor a user, which may be keys. */
export function shownAddress(address: string): string {
  const url = URL.parse(address);
  return url ? `${url.protocol}//${url.host}${url.pathname}` : "an address that is none";
}

/**
 * What may be shown of where a stream is sent: as {@linkcode shownAddress}, and of RTMP no last part that is not the stream's
 * name, since platforms have the key there.
 */
export function shownTarget(address: string, { name }: StreamKey): string {
  const shown = shownAddress(address);
  return /^rtmps?:/.test(shown) ? shown.replace(/[^/]+$/, (last) => last.includes(name) ? last : "***") : shown;
}

/** An address with the stream's names in place of `{vhost}`, `{app}` and `{stream}`. */
export function addressFor(template: string, { vhost, app, name }: StreamKey): string {
  const values = { vhost, app, stream: name };
  return template.replace(VARIABLE, (_, name: keyof typeof values) => values[name]);
}

/** The address of every stream at a server, which may be below a path; what has `{stream}` in it already is one. */
export function streamTemplate(server: string): string {
  if (server.includes("{stream}")) return server;
  const [base, query] = server.split("?", 2);
  const path = `${base.replace(/\/+$/, "")}/{app}/{stream}${isRtmp(base) ? "" : ".flv"}`;
  return query === undefined ? path : `${path}?${query}`;
}

/** A template as it is, and the one of every stream where a server is named alone. */
export function wholeTemplate(template: string): string {
  return isServerAlone(template) ? streamTemplate(template) : template;
}

/** Whether an address or a good template of one says which stream is meant. */
export function namesStream(template: string): boolean {
  const { pathname, search } = new URL(template.replace(VARIABLE, "x"));
  const parts = pathname.split("/").filter(Boolean).length;
  // RTMP has an app, which may have a query of its own, and a stream.
  return parts > (isRtmp(template) && !search.includes("/") ? 1 : 0);
}

/** Whether an address or a template of one is that of a playlist of HLS. */
export function isPlaylist(template: string): boolean {
  const url = URL.parse(template);
  return url !== null && /^https?:$/.test(url.protocol) && /\.m3u8$/i.test(url.pathname);
}

/** What is wrong with where streams are fetched or sent by settings, in words; undefined for a good address or template. */
export function templateFault(template: string): string | undefined {
  const fault = addressFault(template);
  if (fault !== undefined || isServerAlone(template)) return fault;
  if (isPlaylist(template)) return "it is a playlist of HLS, which only the command pull plays";
  return namesStream(template) ? undefined : "it names no stream, as in SCHEME://HOST[:PORT]/APP/STREAM";
}

/** What is wrong with an address or a template of one, in words; undefined for a good one. */
export function addressFault(template: string): string | undefined {
  const url = URL.parse(template.replace(VARIABLE, "x"));
  if (!url?.hostname) return "it is no address: expected SCHEME://HOST[:PORT]/APP/STREAM";
  if (!/^(rtmps?|https?|wss?):$/.test(url.protocol)) {
    return `${url.protocol}// is none of rtmp, rtmps, http, https, ws, wss`;
  }
  const unknown = /\{[^}]*\}/.exec(template.replace(VARIABLE, ""))?.[0];
  if (unknown) return `${unknown} is none of {vhost} {app} {stream}`;
}

/**
 * What players and publishers may be told of a failure at another server: its words, but not where it is, which may be nobody
 * else's business.
 */
export function wordsOf(failure: unknown, address: string): string {
  if (failure instanceof ClientError && failure.code === "timeout") return `${SERVER_BEHIND} does not answer`;
  if (!(failure instanceof ClientError) || !failure.isRefusal) return `${SERVER_BEHIND} cannot be reached`;
  const names = [RegExp.escape(shownAddress(address)), `${RegExp.escape(new URL(address).hostname)}(:\\d+)?`];
  return failure.message.replace(new RegExp(`(?<![\\w.-])(${names.join("|")})(?![\\w-])`, "g"), SERVER_BEHIND);
}

function isRtmp(address: string): boolean {
  return /^rtmps?:/i.test(address);
}

function isServerAlone(template: string): boolean {
  const url = URL.parse(template.replace(VARIABLE, "x"));
  return url !== null && url.pathname.length <= 1 && !url.search.includes("/");
}
