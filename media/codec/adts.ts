import { FormatError } from "../errors.ts";

/** AAC as a byte stream has it, taken apart. */
export interface AdtsFrames {
  /** An AudioSpecificConfig that says what the headers say. */
  readonly config: Uint8Array;
  /** Raw AAC frames, as views. */
  readonly frames: Uint8Array[];
}

const HEADER_BYTES = 7;
const CRC_BYTES = 2;

/** Takes ADTS frames apart (ISO/IEC 14496-3, 1.A.2). Throws {@linkcode FormatError} when they are cut off or none. */
export function readAdts(bytes: Uint8Array): AdtsFrames {
  const frames: Uint8Array[] = [];
  let config: Uint8Array | undefined;
  for (let at = 0; at < bytes.length;) {
    const header = bytes.subarray(at, at + HEADER_BYTES);
    if (header.length < HEADER_BYTES || header[0] !== 0xff || (header[1] & 0xf6) !== 0xf0) {
      throw new FormatError("AAC frame does not begin with an ADTS header");
    }
    const length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5;
    const start = HEADER_BYTES + (header[1] & 1 ? 0 : CRC_BYTES);
    if (length < start || at + length > bytes.length) throw new FormatError("ADTS frame is cut off");
    config ??= specificConfig(header);
    frames.push(bytes.subarray(at + start, at + length));
    at += length;
  }
  if (!config) throw new FormatError("There is no ADTS frame");
  return { config, frames };
}

/** Object type, rate and channels of a header, as an AudioSpecificConfig has them (ISO/IEC 14496-3, 1.6.2.1). */
function specificConfig(header: Uint8Array): Uint8Array {
  const objectType = (header[2] >> 6) + 1;
  const rate = header[2] >> 2 & 0x0f;
  const channels = (header[2] & 1) << 2 | header[3] >> 6;
  return Uint8Array.of(objectType << 3 | rate >> 1, (rate & 1) << 7 | channels << 3);
}
