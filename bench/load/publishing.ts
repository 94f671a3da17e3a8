import { ByteWriter } from "../../media/bytes.ts";
import { flvHeader } from "../../media/flv/header.ts";
import { TAG_OVERHEAD_BYTES, writeFlvTag } from "../../media/flv/tag.ts";
import { type Address, authority } from "./address.ts";
import type { Frame } from "./frames.ts";
import { UPGRADE } from "./greeting.ts";
import { ANSWER_BYTES, hello, mediaMessage, publishCommands } from "./rtmp_messages.ts";

/** One step of how a publisher is let in. */
export interface Step {
  readonly send: Uint8Array;
  /** Says whether what has arrived in answer to this step is enough to go on. */
  isAnswered(received: Uint8Array): boolean;
}

/** How a stream is published in one protocol. */
export interface Publishing {
  readonly steps: readonly Step[];
  /** The bytes that carry a frame. */
  encode(frame: Frame): Uint8Array;
}

/** How a stream is published at this address. */
export function publishing(address: Address): Publishing {
  switch (address.protocol) {
    case "rtmp":
      return {
        steps: [
          { send: hello(), isAnswered: (received) => received.length >= ANSWER_BYTES },
          { send: publishCommands(address), isAnswered: holds("NetStream.Publish.Start") },
        ],
        encode: ({ tagType, at, body }) => mediaMessage(tagType, Math.floor(at), body),
      };
    case "http-flv":
      return {
        steps: [
          { send: request(address, "POST", ["Transfer-Encoding: chunked"]), isAnswered: () => true },
          { send: httpChunk(FLV_START), isAnswered: () => true },
        ],
        encode: (frame) => httpChunk(flvTag(frame)),
      };
    case "ws-flv":
      return {
        steps: [
          { send: request(address, "GET", UPGRADE), isAnswered: holds("\r\n\r\n") },
          { send: webSocketMessage(FLV_START), isAnswered: () => true },
        ],
        encode: (frame) => webSocketMessage(flvTag(frame)),
      };
  }
}

const FLV_START = flvHeader({ hasAudio: true, hasVideo: true });

function flvTag({ tagType, at, body }: Frame): Uint8Array {
  const out = new ByteWriter(body.length + TAG_OVERHEAD_BYTES);
  writeFlvTag(out, tagType, Math.floor(at), body);
  return out.view();
}

/** One chunk of an HTTP body (RFC 9112 7.1). */
function httpChunk(bytes: Uint8Array): Uint8Array {
  const size = utf8.encode(`${bytes.length.toString(16)}\r\n`);
  return new ByteWriter(size.length + bytes.length + 2).raw(size).raw(bytes).raw(CRLF).view();
}

/** A binary message (RFC 6455 5.2); the key that it is masked with is zero, which leaves the bytes as they are. */
function webSocketMessage(bytes: Uint8Array): Uint8Array {
  const out = new ByteWriter(bytes.length + 14).u8(0x82);
  if (bytes.length < 126) out.u8(0x80 | bytes.length);
  else if (bytes.length < 0x1_0000) out.u8(0x80 | 126).u16(bytes.length);
  else out.u8(0x80 | 127).u64(bytes.length);
  return out.u32(0).raw(bytes).view();
}

function request(address: Address, method: string, headers: readonly string[]): Uint8Array {
  const lines = [
    `${method} /${address.app}/${address.stream} HTTP/1.1`,
    `Host: ${authority(address)}`,
    ...headers,
    "\r\n",
  ];
  return utf8.encode(lines.join("\r\n"));
}

function holds(text: string): (received: Uint8Array) => boolean {
  return (received) => new TextDecoder("latin1").decode(received).includes(text);
}

const utf8 = new TextEncoder();
const CRLF = utf8.encode("\r\n");
