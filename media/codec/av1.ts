import { FormatError } from "../errors.ts";
import { readAv1Units } from "./av1_units.ts";
import { BitReader } from "./bit_reader.ts";

/** What an AV1CodecConfigurationRecord says (AV1 Codec ISO Media File Format Binding, 2.3). */
export interface Av1Config {
  readonly profile: number;
  /** The level's index: 8 is level 4.0. */
  readonly level: number;
  readonly tier: "main" | "high";
  readonly bitDepth: number;
  readonly monochrome: boolean;
  /** The largest frame, in pixels; undefined when the record has no sequence header. */
  readonly picture?: Av1Picture;
  /** As in `codecs=` (the binding's section 5): `av01.0.08M.08`. */
  readonly codecString: string;
}

/** The size of the largest frame, in pixels. */
export interface Av1Picture {
  readonly width: number;
  readonly height: number;
}

const MARKER_AND_VERSION = 0x81;
const OBU_SEQUENCE_HEADER = 1;
const RECORD_BYTES = 4;

/** Reads an AV1CodecConfigurationRecord. Throws {@linkcode FormatError} when it is cut off or of another version. */
export function parseAv1Config(bytes: Uint8Array): Av1Config {
  const bits = new BitReader(bytes);
  const version = bits.bits(8);
  if (version !== MARKER_AND_VERSION) throw new FormatError(`AV1 configuration begins with ${version} instead of 129`);
  const profile = bits.bits(3);
  const level = bits.bits(5);
  const tier = bits.flag() ? "high" : "main";
  const highBitDepth = bits.flag();
  const twelveBit = bits.flag();
  const monochrome = bits.flag();
  bits.skip(12);
  const bitDepth = highBitDepth ? twelveBit ? 12 : 10 : 8;
  const picture = findPicture(bytes.subarray(RECORD_BYTES));
  return {
    profile,
    level,
    tier,
    bitDepth,
    monochrome,
    picture,
    codecString: codecString(profile, level, tier, bitDepth),
  };
}

function codecString(profile: number, level: number, tier: "main" | "high", bitDepth: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `av01.${profile}.${two(level)}${tier === "high" ? "H" : "M"}.${two(bitDepth)}`;
}

/** Looks for the sequence header among open bitstream units (AV1 specification, 5.3). */
function findPicture(obus: Uint8Array): Av1Picture | undefined {
  for (const { type, payload } of readAv1Units(obus)) {
    if (type === OBU_SEQUENCE_HEADER) return parseAv1SequenceHeader(payload);
  }
}

/** Reads a sequence header up to the size (AV1 specification, 5.5.1). Throws {@linkcode FormatError}. */
export function parseAv1SequenceHeader(payload: Uint8Array): Av1Picture {
  const bits = new BitReader(payload);
  bits.skip(3 + 1);
  const reduced = bits.flag();
  if (reduced) bits.skip(5);
  else skipOperatingPoints(bits);
  const widthBits = bits.bits(4) + 1;
  const heightBits = bits.bits(4) + 1;
  return { width: bits.bits(widthBits) + 1, height: bits.bits(heightBits) + 1 };
}

function skipOperatingPoints(bits: BitReader): void {
  let delayBits = 0;
  if (bits.flag()) delayBits = skipTimingInfo(bits);
  const delays = bits.flag();
  for (let points = bits.bits(5) + 1; points > 0; points--) {
    bits.skip(12);
    if (bits.bits(5) > 7) bits.skip(1);
    if (delayBits > 0 && bits.flag()) bits.skip(2 * delayBits + 1);
    if (delays && bits.flag()) bits.skip(4);
  }
}

/** Passes over timing_info and decoder_model_info; gives the length of the buffer delays, 0 when there are none. */
function skipTimingInfo(bits: BitReader): number {
  bits.skip(64);
  if (bits.flag()) skipUvlc(bits);
  if (!bits.flag()) return 0;
  const delayBits = bits.bits(5) + 1;
  bits.skip(32 + 5 + 5);
  return delayBits;
}

function skipUvlc(bits: BitReader): void {
  let zeros = 0;
  while (!bits.flag()) zeros++;
  if (zeros < 32) bits.skip(zeros);
}
