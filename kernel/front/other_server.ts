/** The schemes of addresses that peers of a protocol can go to, with their colons. */
export function schemesOf(protocol: string): readonly string[] {
  return protocol === "rtmp" ? ["rtmp:", "rtmps:"] : ["http:", "https:"];
}

/** The first of these addresses that peers of a protocol can go to; undefined when there is none. */
export function serverFor(servers: readonly string[], protocol: string): URL | undefined {
  const schemes = schemesOf(protocol);
  return servers.map((text) => URL.parse(text)).find((url) => url && schemes.includes(url.protocol)) ?? undefined;
}

/** A path, which begins with `/`, and a query at a server, whatever path the server's own address has. */
export function addressAt({ protocol, host }: URL, path: string, query?: URLSearchParams): string {
  const text = query?.toString();
  return `${protocol}//${host}${path}${text ? `?${text}` : ""}`;
}
