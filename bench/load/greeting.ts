import { type Address, authority } from "./address.ts";
import { ANSWER_BYTES, hello, playCommands } from "./rtmp_messages.ts";

/** How a player asks for a stream. */
export interface Greeting {
  /** Sent as soon as the connection is open. */
  readonly first: Uint8Array;
  /** What comes before the stream: so many bytes, or an HTTP head with this status. */
  readonly answer: { readonly bytes: number } | { readonly status: number };
  /** Sent when the answer is complete. */
  readonly second?: Uint8Array;
  /** Bytes after the answer that are not the stream yet, at most. */
  readonly overhead: number;
}

/** RTMP's answers to connect, createStream and play take a few hundred bytes; a key frame takes more than this. */
const RTMP_OVERHEAD = 1024;

/** How a player of this address asks for its stream. */
export function greeting(address: Address): Greeting {
  switch (address.protocol) {
    case "rtmp":
      return {
        first: hello(),
        answer: { bytes: ANSWER_BYTES },
        second: playCommands(address),
        overhead: RTMP_OVERHEAD,
      };
    case "http-flv":
      return { first: request(address, []), answer: { status: 200 }, overhead: 0 };
    case "ws-flv":
      return { first: request(address, UPGRADE), answer: { status: 101 }, overhead: 0 };
  }
}

/** The headers of a WebSocket request (RFC 6455 4.1) with the key of the specification's own example. */
export const UPGRADE: readonly string[] = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

function request(address: Address, headers: readonly string[]): Uint8Array {
  const lines = [
    `GET /${address.app}/${address.stream}.flv HTTP/1.1`,
    `Host: ${authority(address)}`,
    ...headers,
    "\r\n",
  ];
  return new TextEncoder().encode(lines.join("\r\n"));
}
