import { FormatError } from "../errors.ts";
import { BitReader } from "./bit_reader.ts";

/** The size of the pictures, in pixels. */
export interface VpPicture {
  readonly width: number;
  readonly height: number;
}

const VP8_START_CODE = 0x9d_012a;
const VP8_SIZE_MASK = 0x3fff;

const VP9_FRAME_MARKER = 2;
const VP9_SYNC_CODE = 0x49_8342;
const VP9_SRGB = 7;

/** Reads the size from a VP8 key frame (RFC 6386, 9.1). Throws {@linkcode FormatError} when it is none. */
export function parseVp8KeyFrame(frame: Uint8Array): VpPicture {
  const bits = new BitReader(frame);
  const isDelta = (bits.bits(24) >> 16 & 1) === 1;
  if (isDelta || bits.bits(24) !== VP8_START_CODE) throw new FormatError("VP8 frame is not a key frame");
  const width = bits.bits(8) | bits.bits(8) << 8;
  const height = bits.bits(8) | bits.bits(8) << 8;
  return { width: width & VP8_SIZE_MASK, height: height & VP8_SIZE_MASK };
}

/** Reads the size from a VP9 key frame (VP9 specification 0.6, 6.2). Throws {@linkcode FormatError} when it is none. */
export function parseVp9KeyFrame(frame: Uint8Array): VpPicture {
  const bits = new BitReader(frame);
  const marker = bits.bits(2);
  const profile = bits.bits(1) | bits.bits(1) << 1;
  if (profile === 3) bits.skip(1);
  const showsExisting = bits.flag();
  const isDelta = bits.flag();
  bits.skip(2);
  if (marker !== VP9_FRAME_MARKER || showsExisting || isDelta || bits.bits(24) !== VP9_SYNC_CODE) {
    throw new FormatError("VP9 frame is not a key frame");
  }
  skipColours(bits, profile);
  return { width: bits.bits(16) + 1, height: bits.bits(16) + 1 };
}

function skipColours(bits: BitReader, profile: number): void {
  if (profile >= 2) bits.skip(1);
  const isSrgb = bits.bits(3) === VP9_SRGB;
  if (!isSrgb) bits.skip(1);
  const saysSubsampling = profile === 1 || profile === 3;
  if (saysSubsampling) bits.skip(isSrgb ? 1 : 3);
}
