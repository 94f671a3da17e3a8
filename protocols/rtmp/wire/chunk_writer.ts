import type { ByteWriter } from "../../../media/bytes.ts";
import { TAG_AUDIO, TAG_VIDEO } from "../../../media/flv/tag.ts";
import { MAX_MESSAGE_BYTES } from "./message.ts";

const EXTENDED = 0xff_ffff;
const TYPE_3 = 0xc0;

/** The chunk streams that messages are written on; all fit the one-byte header. */
export const ChunkStreamId = { CONTROL: 2, COMMAND: 3, AUDIO: 4, DATA: 5, VIDEO: 6 } as const;

/** The chunk stream that messages of a type are written on. */
export function chunkStreamOf(type: number): number {
  if (type === TAG_VIDEO) return ChunkStreamId.VIDEO;
  return type === TAG_AUDIO ? ChunkStreamId.AUDIO : ChunkStreamId.DATA;
}

/**
 * Writes one message as chunks with a full header in front (RTMP 1.0, section 5.3.1.2.1), so that it depends on no
 * message before it and many peers can share its bytes.
 *
 * `timestamp` is in milliseconds and wraps at 2^32; from 0xFFFFFF on it is repeated in every chunk (section 5.3.1.3).
 * Throws `RangeError` for bodies beyond {@linkcode MAX_MESSAGE_BYTES}.
 */
export function writeMessage(
  out: ByteWriter,
  chunkStream: number,
  type: number,
  streamId: number,
  timestamp: number,
  body: Uint8Array,
  chunkSize: number,
): void {
  if (body.length > MAX_MESSAGE_BYTES) {
    throw new RangeError(`Cannot write an RTMP message of ${body.length} bytes: ${MAX_MESSAGE_BYTES} is the most`);
  }
  const time = timestamp >>> 0;
  const isExtended = time >= EXTENDED;
  out.u8(chunkStream).u24(isExtended ? EXTENDED : time).u24(body.length).u8(type).u32le(streamId);
  if (isExtended) out.u32(time);
  out.raw(body.length <= chunkSize ? body : body.subarray(0, chunkSize));
  for (let at = chunkSize; at < body.length; at += chunkSize) {
    out.u8(TYPE_3 | chunkStream);
    if (isExtended) out.u32(time);
    out.raw(body.subarray(at, Math.min(at + chunkSize, body.length)));
  }
}
