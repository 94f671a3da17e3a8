import { FormatError } from "../errors.ts";
import { BitReader } from "./bit_reader.ts";

/** What a FLAC STREAMINFO block says (RFC 9639, 8.2). */
export interface FlacConfig {
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitDepth: number;
  readonly codecString: "flac";
}

const MAGIC = 0x664c_6143;
const BLOCK_STREAMINFO = 0;
const STREAMINFO_BITS_BEFORE_RATE = 16 + 16 + 24 + 24;

/** Reads `fLaC` and the STREAMINFO block behind it. Throws {@linkcode FormatError} for anything else. */
export function parseFlacConfig(bytes: Uint8Array): FlacConfig {
  const bits = new BitReader(bytes);
  if (bits.bits(32) !== MAGIC) throw new FormatError('FLAC header does not begin with "fLaC"');
  const type = bits.bits(8) & 0x7f;
  if (type !== BLOCK_STREAMINFO) throw new FormatError(`FLAC header begins with a block of type ${type}`);
  bits.skip(24 + STREAMINFO_BITS_BEFORE_RATE);
  return { sampleRate: bits.bits(20), channels: bits.bits(3) + 1, bitDepth: bits.bits(5) + 1, codecString: "flac" };
}

const FRAME_SYNC = 0x3ffe;

/** How many samples a FLAC frame has, by its header (RFC 9639, 9.1). Throws {@linkcode FormatError} when it has none. */
export function flacSamples(frame: Uint8Array): number {
  const bits = new BitReader(frame);
  const sync = bits.bits(14);
  bits.skip(2);
  const code = bits.bits(4);
  if (sync !== FRAME_SYNC || code === 0) throw new FormatError("FLAC frame has no valid header");
  if (code === 1) return 192;
  if (code <= 5) return 144 << code;
  if (code >= 8) return 1 << code;
  bits.skip(12);
  skipCodedNumber(bits);
  return bits.bits(code === 6 ? 8 : 16) + 1;
}

/** A frame or sample number, written like a character in UTF-8 (RFC 9639, 9.1.5). */
function skipCodedNumber(bits: BitReader): void {
  const first = bits.bits(8);
  const following = Math.max(0, Math.clz32(~first << 24) - 1);
  bits.skip(8 * following);
}
