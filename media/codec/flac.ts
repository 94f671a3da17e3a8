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
