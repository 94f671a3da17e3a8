import { maskText } from "../../kernel/log/mask.ts";

/** Most of a server's words that are passed on. */
const MAX_WORDS = 500;

/** What may be shown of an address: neither its query nor a user, which may be keys. */
export function shownAddress({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}

/**
 * Takes an address of one of these schemes apart.
 *
 * @throws {TypeError} when it is another or none; the message shows nothing of it but its scheme
 */
export function streamUrl(address: string, schemes: readonly string[]): URL {
  const url = URL.parse(address);
  if (!url) throw new TypeError(`The address is not a URL: expected ${schemes[0]}://HOST[:PORT]/APP/STREAM`);
  if (!schemes.includes(url.protocol.slice(0, -1)) || !url.hostname) {
    throw new TypeError(`The address begins with ${url.protocol}// and not with ${schemes.join(":// or ")}://`);
  }
  return url;
}

/** Where an address of HTTPS or WSS leads. */
export function endpointOf({ hostname, port }: URL): { readonly host: string; readonly port: number } {
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || 443 };
}

/** A server's words on one line, without what could be a key of the address they are about. */
export function serverWords(words: string, { search, username, password }: URL): string {
  let text = words;
  const secrets = [search.slice(1), ...new URLSearchParams(search).values(), username, password];
  for (const secret of secrets) if (secret.length > 3) text = text.replaceAll(secret, "***");
  // deno-lint-ignore no-control-regex
  return maskText(text).replace(/[\x00-\x1f\x7f]+/g, " ").trim().slice(0, MAX_WORDS);
}
