import type { IncomingMessage, ServerResponse } from "node:http";

/** The port that an address over TLS need not name. */
const HTTPS_PORT = 443;

/** The same address over TLS; undefined when the request does not say for which host it is. */
export function httpsAddress({ headers, url = "/" }: IncomingMessage, port: number): string | undefined {
  const host = /^(\[[0-9a-f:.]+\]|[\w.-]+)(?::\d+)?$/i.exec(headers.host ?? "")?.[1];
  if (host === undefined || !url.startsWith("/")) return undefined;
  return `https://${host}${port === HTTPS_PORT ? "" : `:${port}`}${url}`;
}

/** For good; what is not a question keeps its method and its body (RFC 9110, sections 15.4.2 and 15.4.9). */
export function redirectStatus({ method }: IncomingMessage): number {
  return method === "GET" || method === "HEAD" ? 301 : 308;
}

/** Sends a request to another address. */
export function redirect(outgoing: ServerResponse, address: string): void {
  outgoing.writeHead(redirectStatus(outgoing.req), {
    "Location": address,
    "Content-Length": 0,
    "Access-Control-Allow-Origin": "*",
  });
  outgoing.end();
}

/** Whether an address is of the machine itself. */
export function isLoopback(ip: string): boolean {
  return ip.startsWith("127.") || ip === "::1";
}
