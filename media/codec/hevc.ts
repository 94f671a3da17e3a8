import { ByteReader } from "../byte_reader.ts";
import { FormatError } from "../errors.ts";
import { BitReader } from "./bit_reader.ts";
import { rawPayload, readUnits } from "./nal.ts";

/** What an HEVCDecoderConfigurationRecord says (ISO/IEC 14496-15, 8.3.3.1). */
export interface HevcConfig {
  readonly profile: number;
  readonly tier: "main" | "high";
  /** Thirty times the level: 93 is level 3.1. */
  readonly level: number;
  /** How many bytes the length before each NAL unit has: 1, 2 or 4. */
  readonly lengthSize: number;
  readonly chromaFormat: number;
  readonly bitDepth: number;
  /** The parameter sets by NAL unit type: 32 video, 33 sequence, 34 picture, 39 and 40 SEI. */
  readonly units: ReadonlyMap<number, readonly Uint8Array[]>;
  /** The picture as it is shown; undefined when no sequence parameter set is here. */
  readonly picture?: HevcPicture;
  /** As in `codecs=` (RFC 6381; ISO/IEC 14496-15, annex E.3): `hvc1.1.6.L93.B0`. */
  readonly codecString: string;
}

/** The size of the pictures, in pixels, cropped. */
export interface HevcPicture {
  readonly width: number;
  readonly height: number;
}

const NAL_SPS = 33;
const CONSTRAINT_BYTES = 6;

/** Reads an HEVCDecoderConfigurationRecord. Throws {@linkcode FormatError} when it is cut off or of another version. */
export function parseHevcConfig(bytes: Uint8Array): HevcConfig {
  const input = new ByteReader(bytes);
  const version = input.u8();
  // Encoders from before the standard was final wrote 0 here.
  if (version > 1) throw new FormatError(`HEVC configuration has version ${version} instead of 1`);
  const general = input.u8();
  const compatibility = input.u32();
  const constraints = input.raw(CONSTRAINT_BYTES);
  const level = input.u8();
  input.raw(3);
  const chromaFormat = input.u8() & 3;
  const bitDepth = (input.u8() & 7) + 8;
  input.raw(3);
  const lengthSize = (input.u8() & 3) + 1;
  const units = readUnitArrays(input);
  const sps = units.get(NAL_SPS)?.[0];
  return {
    profile: general & 0x1f,
    tier: general & 0x20 ? "high" : "main",
    level,
    lengthSize,
    chromaFormat,
    bitDepth,
    units,
    picture: sps && parseHevcSps(sps),
    codecString: codecString(general, compatibility, constraints, level),
  };
}

function readUnitArrays(input: ByteReader): Map<number, Uint8Array[]> {
  const units = new Map<number, Uint8Array[]>();
  for (let arrays = input.u8(); arrays > 0; arrays--) {
    const type = input.u8() & 0x3f;
    const known = units.get(type) ?? [];
    known.push(...readUnits(input, input.u16()));
    units.set(type, known);
  }
  return units;
}

/** Profile space and profile, compatibility flags in reverse bit order, tier and level, constraints without trailing zeros. */
function codecString(general: number, compatibility: number, constraints: Uint8Array, level: number): string {
  const space = ["", "A", "B", "C"][general >> 6];
  const tier = general & 0x20 ? "H" : "L";
  const used = constraints.findLastIndex((byte) => byte !== 0) + 1;
  const tail = Array.from(constraints.subarray(0, used), (byte) => `.${byte.toString(16).toUpperCase()}`).join("");
  return `hvc1.${space}${general & 0x1f}.${
    reverseBits(compatibility).toString(16).toUpperCase()
  }.${tier}${level}${tail}`;
}

function reverseBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed << 1 | value >>> bit & 1;
  return reversed >>> 0;
}

/** Reads a sequence parameter set NAL unit up to the size (ITU-T H.265, 7.3.2.2.1). Throws {@linkcode FormatError}. */
export function parseHevcSps(unit: Uint8Array): HevcPicture {
  const { picture } = readSps(new BitReader(rawPayload(unit, 2)));
  return picture;
}

/** What a configuration record repeats of a sequence parameter set. */
export interface HevcSpsFormat {
  /** The parameter set behind its header, without emulation prevention. */
  readonly payload: Uint8Array;
  /** 0 is monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4. */
  readonly chromaFormat: number;
  readonly bitDepth: number;
  /** How many temporal sub-layers there are, at least one. */
  readonly subLayers: number;
  /** Whether any sub-layer can be switched up to. */
  readonly isNested: boolean;
}

/** Reads what a configuration record repeats of a sequence parameter set NAL unit. Throws {@linkcode FormatError}. */
export function hevcSpsFormat(unit: Uint8Array): HevcSpsFormat {
  const payload = rawPayload(unit, 2);
  const bits = new BitReader(payload);
  const { chromaFormat, subLayers, isNested } = readSps(bits);
  const bitDepth = bits.ue() + 8;
  if (bitDepth > 16) throw new FormatError(`HEVC bit depth ${bitDepth} is not known`);
  return { payload, chromaFormat, bitDepth, subLayers, isNested };
}

/** Reads up to the size; the luma bit depth follows. */
function readSps(bits: BitReader) {
  bits.skip(4);
  const subLayers = bits.bits(3);
  const isNested = bits.flag();
  skipProfileTierLevel(bits, subLayers);
  bits.ue();
  const chromaFormat = bits.ue();
  if (chromaFormat > 3) throw new FormatError(`HEVC chroma format ${chromaFormat} is not known`);
  const separate = chromaFormat === 3 && bits.flag();
  const columns = bits.ue();
  const rows = bits.ue();
  const window = readWindow(bits, separate ? 0 : chromaFormat);
  const width = columns - window.x;
  const height = rows - window.y;
  if (width <= 0 || height <= 0) throw new FormatError(`HEVC parameter set gives a picture of ${width}x${height}`);
  return { picture: { width, height }, chromaFormat, subLayers: subLayers + 1, isNested };
}

/** Passes over profile_tier_level (ITU-T H.265, 7.3.3): 88 bits of profile and 8 of level, also per sub-layer. */
function skipProfileTierLevel(bits: BitReader, subLayers: number): void {
  bits.skip(88 + 8);
  const present = Array.from({ length: subLayers }, () => ({ profile: bits.flag(), level: bits.flag() }));
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const { profile, level } of present) bits.skip((profile ? 88 : 0) + (level ? 8 : 0));
}

/** How many pixels the conformance window takes from the width and the height. */
function readWindow(bits: BitReader, chromaArray: number): { x: number; y: number } {
  if (!bits.flag()) return { x: 0, y: 0 };
  const x = bits.ue() + bits.ue();
  const y = bits.ue() + bits.ue();
  return { x: x * (chromaArray === 1 || chromaArray === 2 ? 2 : 1), y: y * (chromaArray === 1 ? 2 : 1) };
}
