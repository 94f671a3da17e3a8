import { encodeAmf0 } from "../../media/amf/amf0.ts";
import type { AmfValue } from "../../media/amf/amf_value.ts";
import { ByteWriter } from "../../media/bytes.ts";
import { type Address, authority } from "./address.ts";

/** C1 and S1, and with the version byte before them. */
const HANDSHAKE_BYTES = 1536;

/** What a server answers to {@linkcode hello}: S0, S1 and S2. */
export const ANSWER_BYTES = 1 + 2 * HANDSHAKE_BYTES;

/** Bytes in one chunk, for what the load sends: OBS's own setting. */
const CHUNK_BYTES = 4096;

/** The chunk size before anybody has said another (RTMP 5.4.1). */
const DEFAULT_CHUNK_BYTES = 128;

/** Chunk stream ids: any will do, as long as no two kinds of message share one. */
const CONTROL = 2;
const COMMAND = 3;
const MEDIA = 4;

const SET_CHUNK_SIZE = 1;
const AMF0_COMMAND = 20;

/** The message stream that `createStream` opens: 1 in every server that this load speaks to. */
const STREAM = 1;

/** C0 and C1 (RTMP 5.2): the version, no time, no promises. */
export function hello(): Uint8Array {
  const bytes = new Uint8Array(1 + HANDSHAKE_BYTES);
  bytes[0] = 3;
  for (let at = 9; at < bytes.length; at++) bytes[at] = at * 7;
  return bytes;
}

/** C2, which nobody reads, and the commands of a player, all at once. */
export function playCommands(address: Address): Uint8Array {
  return commands(address, [
    [0, "createStream", 2, null],
    [STREAM, "play", 3, null, address.stream],
  ]);
}

/** C2, which nobody reads, and the commands of a publisher, all at once. */
export function publishCommands(address: Address): Uint8Array {
  const { stream } = address;
  return commands(address, [
    [0, "releaseStream", 2, null, stream],
    [0, "FCPublish", 3, null, stream],
    [0, "createStream", 4, null],
    [STREAM, "publish", 5, null, stream, "live"],
  ]);
}

/** One message of sound or picture. `timestamp`: milliseconds. */
export function mediaMessage(type: number, timestamp: number, body: Uint8Array): Uint8Array {
  const out = new ByteWriter(body.length + 12 + Math.ceil(body.length / CHUNK_BYTES));
  writeMessage(out, { channel: MEDIA + type, type, timestamp, stream: STREAM }, body, CHUNK_BYTES);
  return out.view();
}

type Command = [stream: number, name: string, ...values: AmfValue[]];

function commands(address: Address, rest: readonly Command[]): Uint8Array {
  const out = new ByteWriter().raw(new Uint8Array(HANDSHAKE_BYTES));
  const size = new ByteWriter(4).u32(CHUNK_BYTES).view();
  writeMessage(out, { channel: CONTROL, type: SET_CHUNK_SIZE, timestamp: 0, stream: 0 }, size, DEFAULT_CHUNK_BYTES);
  const { app } = address;
  const tcUrl = `rtmp://${authority(address)}/${app}`;
  const connect = { app, type: "nonprivate", flashVer: "FMLE/3.0 (load)", tcUrl };
  for (const [stream, ...values] of [[0, "connect", 1, connect] as Command, ...rest]) {
    writeMessage(
      out,
      { channel: COMMAND, type: AMF0_COMMAND, timestamp: 0, stream },
      encodeAmf0(...values),
      CHUNK_BYTES,
    );
  }
  return out.view();
}

interface Head {
  readonly channel: number;
  readonly type: number;
  readonly timestamp: number;
  readonly stream: number;
}

/** A message as chunks, the first with a full header (RTMP 5.3). Timestamps end before the extended ones, at 4.6 hours. */
function writeMessage(out: ByteWriter, head: Head, body: Uint8Array, chunkBytes: number): void {
  out.u8(head.channel).u24(head.timestamp).u24(body.length).u8(head.type).u32le(head.stream);
  for (let at = 0; at < body.length; at += chunkBytes) {
    if (at > 0) out.u8(0xc0 | head.channel);
    out.raw(body.subarray(at, at + chunkBytes));
  }
}
