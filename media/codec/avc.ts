import { ByteReader } from "../byte_reader.ts";
import { FormatError } from "../errors.ts";
import { BitReader } from "./bit_reader.ts";
import { hex, rawPayload, readUnits } from "./nal.ts";

/** What an AVCDecoderConfigurationRecord says (ISO/IEC 14496-15, 5.3.3.1). */
export interface AvcConfig {
  readonly profile: number;
  /** The constraint flags, one byte. */
  readonly compatibility: number;
  /** Ten times the level: 31 is level 3.1. */
  readonly level: number;
  /** How many bytes the length before each NAL unit has: 1, 2 or 4. */
  readonly lengthSize: number;
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
  /** The picture as it is shown, in pixels; undefined when no sequence parameter set can be read. */
  readonly picture?: AvcPicture;
  /** As in `codecs=` (RFC 6381): `avc1.64001f`. */
  readonly codecString: string;
}

/** What a sequence parameter set says of the pictures. */
export interface AvcPicture {
  /** In pixels, cropped. */
  readonly width: number;
  /** In pixels, cropped. */
  readonly height: number;
  /** 0 is monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4. */
  readonly chromaFormat: number;
  readonly bitDepth: number;
}

/** The profiles whose parameter sets describe their chroma format (ITU-T H.264, 7.3.2.1.1). */
const CHROMA_PROFILES: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** The most reference frames in a picture order count cycle (ITU-T H.264, 7.4.2.1.1). */
const MAX_ORDER_CYCLE = 255;

/** Reads an AVCDecoderConfigurationRecord. Throws {@linkcode FormatError} when it is cut off or of another version. */
export function parseAvcConfig(bytes: Uint8Array): AvcConfig {
  const input = new ByteReader(bytes);
  const version = input.u8();
  if (version !== 1) throw new FormatError(`AVC configuration has version ${version} instead of 1`);
  const profile = input.u8();
  const compatibility = input.u8();
  const level = input.u8();
  const lengthSize = (input.u8() & 3) + 1;
  const sps = readUnits(input, input.u8() & 0x1f);
  const pps = readUnits(input, input.u8());
  const codecString = `avc1.${hex(profile)}${hex(compatibility)}${hex(level)}`;
  const picture = sps.length > 0 ? parseAvcSps(sps[0]) : undefined;
  return { profile, compatibility, level, lengthSize, sps, pps, picture, codecString };
}

/** Reads a sequence parameter set NAL unit (ITU-T H.264, 7.3.2.1.1). Throws {@linkcode FormatError}. */
export function parseAvcSps(unit: Uint8Array): AvcPicture {
  const bits = new BitReader(rawPayload(unit, 1));
  const profile = bits.bits(8);
  bits.skip(16);
  bits.ue();
  const chroma = CHROMA_PROFILES.has(profile) ? readChroma(bits) : { format: 1, separate: false, bitDepth: 8 };
  bits.ue();
  skipPictureOrder(bits);
  bits.ue();
  bits.skip(1);
  const columns = bits.ue() + 1;
  const rows = bits.ue() + 1;
  const frameOnly = bits.flag();
  if (!frameOnly) bits.skip(1);
  bits.skip(1);
  const fields = frameOnly ? 1 : 2;
  const crop = readCropping(bits, chroma.separate ? 0 : chroma.format, fields);
  const width = columns * 16 - crop.x;
  const height = rows * 16 * fields - crop.y;
  if (width <= 0 || height <= 0) throw new FormatError(`AVC parameter set gives a picture of ${width}x${height}`);
  return { width, height, chromaFormat: chroma.format, bitDepth: chroma.bitDepth };
}

function readChroma(bits: BitReader): { format: number; separate: boolean; bitDepth: number } {
  const format = bits.ue();
  if (format > 3) throw new FormatError(`AVC chroma format ${format} is not known`);
  const separate = format === 3 && bits.flag();
  const bitDepth = bits.ue() + 8;
  bits.ue();
  bits.skip(1);
  if (bits.flag()) skipScalingLists(bits, format === 3 ? 12 : 8);
  return { format, separate, bitDepth };
}

function skipScalingLists(bits: BitReader, count: number): void {
  for (let list = 0; list < count; list++) {
    if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
  }
}

function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  for (let i = 0; i < size; i++) {
    last = last + bits.se() & 0xff;
    if (last === 0) return;
  }
}

function skipPictureOrder(bits: BitReader): void {
  const type = bits.ue();
  if (type === 0) bits.ue();
  if (type !== 1) return;
  bits.skip(1);
  bits.se();
  bits.se();
  const cycle = bits.ue();
  if (cycle > MAX_ORDER_CYCLE) throw new FormatError(`AVC picture order cycle of ${cycle} frames is too long`);
  for (let i = 0; i < cycle; i++) bits.se();
}

/** How many pixels the cropping takes from the width and the height; its units depend on chroma and interlacing. */
function readCropping(bits: BitReader, chromaArray: number, fields: number): { x: number; y: number } {
  if (!bits.flag()) return { x: 0, y: 0 };
  const unitX = chromaArray === 1 || chromaArray === 2 ? 2 : 1;
  const unitY = (chromaArray === 1 ? 2 : 1) * fields;
  const x = bits.ue() + bits.ue();
  const y = bits.ue() + bits.ue();
  return { x: x * unitX, y: y * unitY };
}
