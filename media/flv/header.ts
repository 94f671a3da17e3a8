import { FormatError } from "../errors.ts";

/** The length of an FLV file header without the PreviousTagSize0 behind it, in bytes. */
export const FLV_HEADER_BYTES = 9;

const FLAG_AUDIO = 0x04;
const FLAG_VIDEO = 0x01;

/** Which kinds of tag an FLV stream says it has. Many writers say both and send one. */
export interface FlvFlags {
  readonly hasAudio: boolean;
  readonly hasVideo: boolean;
}

/** The 13 bytes an FLV stream begins with: the header and PreviousTagSize0 (FLV specification 10.1, annex E.2). */
export function flvHeader({ hasAudio, hasVideo }: FlvFlags): Uint8Array {
  const flags = (hasAudio ? FLAG_AUDIO : 0) | (hasVideo ? FLAG_VIDEO : 0);
  return Uint8Array.of(0x46, 0x4c, 0x56, 1, flags, 0, 0, 0, FLV_HEADER_BYTES, 0, 0, 0, 0);
}

/**
 * Reads the flags from the {@linkcode FLV_HEADER_BYTES} bytes of a header.
 *
 * The data offset is not looked at: the header has this length in every version there is, also where writers put
 * something else there. Throws {@linkcode FormatError} when the bytes do not begin with `FLV`.
 */
export function parseFlvHeader(bytes: Uint8Array): FlvFlags {
  if (bytes.length < FLV_HEADER_BYTES || bytes[0] !== 0x46 || bytes[1] !== 0x4c || bytes[2] !== 0x56) {
    const found = Array.from(bytes.subarray(0, 3), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new FormatError(`Not an FLV stream: it begins with the bytes ${found} instead of "FLV"`);
  }
  return { hasAudio: (bytes[4] & FLAG_AUDIO) !== 0, hasVideo: (bytes[4] & FLAG_VIDEO) !== 0 };
}
