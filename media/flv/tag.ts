import type { ByteWriter } from "../bytes.ts";
import type { MediaKind } from "../packet.ts";

/** An audio tag, and the RTMP message type of the same payload. */
export const TAG_AUDIO = 8;

/** A video tag, and the RTMP message type of the same payload. */
export const TAG_VIDEO = 9;

/** A script tag, and the RTMP message type of AMF0 data. */
export const TAG_SCRIPT = 18;

/** What an FLV tag carries; RTMP's message types for the same bodies have the same numbers. */
export type FlvTagType = typeof TAG_AUDIO | typeof TAG_VIDEO | typeof TAG_SCRIPT;

/** The length of a tag's header, in bytes. */
export const TAG_HEADER_BYTES = 11;

/** What a tag adds to its body: its header before, the PreviousTagSize behind, in bytes. */
export const TAG_OVERHEAD_BYTES: number = TAG_HEADER_BYTES + 4;

/** The largest body that a tag's 24-bit size can announce, in bytes. */
export const MAX_TAG_BODY = 0xff_ffff;

/** The tag type that a kind of packet travels in. */
export function tagTypeOf(kind: MediaKind): FlvTagType {
  if (kind === "video") return TAG_VIDEO;
  return kind === "audio" ? TAG_AUDIO : TAG_SCRIPT;
}

/**
 * Appends one tag and its PreviousTagSize (FLV specification 10.1, annex E.4.1).
 *
 * `timestamp` in milliseconds; it is written modulo 2^32, its upper byte as the extension. Throws `RangeError` when the
 * body is larger than {@linkcode MAX_TAG_BODY}.
 */
export function writeFlvTag(out: ByteWriter, tagType: FlvTagType, timestamp: number, body: Uint8Array): void {
  if (body.length > MAX_TAG_BODY) {
    throw new RangeError(`Cannot write an FLV tag of ${body.length} bytes: ${MAX_TAG_BODY} is the most`);
  }
  out.u8(tagType).u24(body.length).u24(timestamp & 0xff_ffff).u8(timestamp >>> 24).u24(0);
  out.raw(body).u32(TAG_HEADER_BYTES + body.length);
}
