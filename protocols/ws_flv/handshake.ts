import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** The version of the protocol in RFC 6455, the only one in use. */
const VERSION = "13";

/** Sixteen bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** What RFC 6455 (section 1.3) appends to a client's key. */
const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The answer to an opening handshake that is wrong (RFC 6455, sections 4.2.1 and 4.4); undefined for a right one. */
export function handshakeFault({ headers, method }: IncomingMessage): string | undefined {
  if (headers["sec-websocket-version"] !== VERSION) {
    return answer("426 Upgrade Required", "Upgrade: websocket", `Sec-WebSocket-Version: ${VERSION}`);
  }
  return method === "GET" && KEY.test(headers["sec-websocket-key"] ?? "") ? undefined : answer("400 Bad Request");
}

/** The answer to an opening handshake with this key (RFC 6455, section 4.2.2). */
export function switchingProtocols(key: string): string {
  const accept = createHash("sha1").update(key + HANDSHAKE_GUID).digest("base64");
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    "\r\n",
  ].join("\r\n");
}

function answer(status: string, ...headers: string[]): string {
  return [`HTTP/1.1 ${status}`, ...headers, "Connection: close", "Content-Length: 0", "\r\n"].join("\r\n");
}
