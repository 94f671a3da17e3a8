/** In a list of referers: requests without one, as players other than browsers make them, are let through. */
const NO_REFERER = "none";

const HOST = /^(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*\.?$/i;

/** Whether a text can stand in a list of referers: a host's name or address, or `none`. */
export function isRefererHost(text: string): boolean {
  return HOST.test(text) || /^\[[0-9a-f:.]+\]$/i.test(text);
}

/**
 * Whether a page at one of these hosts, or at a host below one, made the request. Labels are compared whole:
 * `evilgithub.com` is no part of `github.com`, `docs.github.com` is.
 */
export function isRefererAllowed(referer: string | undefined, hosts: readonly string[]): boolean {
  if (!referer) return hosts.includes(NO_REFERER);
  const host = plain(URL.parse(referer)?.hostname ?? "");
  return host !== "" && hosts.some((allowed) => allowed !== NO_REFERER && isBelow(host, plain(allowed)));
}

function isBelow(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** The root's dot at the end, and the case, mean nothing. */
function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, "");
}
