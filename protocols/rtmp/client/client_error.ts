import { ClientError, type ClientErrorCode } from "../../../kernel/sessions/client.ts";
import { maskText } from "../../../kernel/log/mask.ts";
import type { RtmpAddress } from "./client_address.ts";
import type { ServerWords } from "./client_events.ts";

/** The server's own status code, such as `NetStream.Publish.BadName`, or what else went wrong. */
export type RtmpClientErrorCode = ClientErrorCode;

/** What went wrong between this client and its server; the message has the server's words, but never a key. */
export class RtmpClientError extends ClientError {
  override readonly name = "RtmpClientError";
}

/**
 * A stream's name of so many characters, without a query, is taken for a key: the platforms' keys have 20 and more, and
 * a server may quote the name that it refuses.
 */
const LEAST_KEY_LENGTH = 16;

/** Nobody guards anything by fewer characters; to blot them out would make words unreadable. */
const LEAST_SECRET_LENGTH = 4;

/** Most of a server's words that are passed on. */
const MAX_WORDS = 500;

/** The server's words on one line, without what could be a key. */
function withoutKeys(
  words: string,
  { streamName, password }: Pick<RtmpAddress, "streamName" | "password">,
): string {
  const [name, query] = streamName.split("?", 2);
  const secrets = query !== undefined
    ? [query, ...new URLSearchParams(query).values()]
    : name.length >= LEAST_KEY_LENGTH
    ? [name]
    : [];
  if (password !== undefined) secrets.push(password);
  let text = words;
  for (const secret of secrets) if (secret.length >= LEAST_SECRET_LENGTH) text = text.replaceAll(secret, "***");
  // deno-lint-ignore no-control-regex
  return maskText(text).replace(/[\x00-\x1f\x7f]+/g, " ").trim().slice(0, MAX_WORDS);
}

/** The error of a server that refused, or ended what it had accepted; `deed` says which: "refused to publish". */
export function serverError(address: RtmpAddress, deed: string, words: ServerWords): RtmpClientError {
  const { code, redirect } = words;
  const description = loginWords(words.description, address) ??
    (withoutKeys(words.description, address) || "it gave no reason");
  const hint = redirect ? "; it names another address to go to" : "";
  return new RtmpClientError(code, `${address.shown} ${deed}: ${description} (${code})${hint}`, { redirect });
}

/** What servers that ask encoders to log in mean; their own words are for programs. */
function loginWords(description: string, { app }: Pick<RtmpAddress, "app">): string | undefined {
  if (!description.includes("authmod=")) return undefined;
  if (/code=403 need auth/.test(description)) {
    if (app.includes("authmod=")) return "it asks for a user again although one was named";
    return "it asks for a user and a password: rtmp://USER:PASSWORD@HOST";
  }
  return /reason=(authfailed|nosuchuser)/.test(description) ? "the user or the password is wrong" : undefined;
}
