import { ByteWriter } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { parseAvcSps } from "./avc.ts";
import { hevcSpsFormat } from "./hevc.ts";

/** Codecs whose frames are NAL units. */
export type NalCodec = "avc" | "hevc";

/** The NAL unit types that are told apart (ITU-T H.264, table 7-1; ITU-T H.265, table 7-1). */
const TYPES = {
  avc: { sets: [7, 8], delimiter: 9 },
  hevc: { sets: [32, 33, 34], delimiter: 35 },
} as const;

const AVC_EXTENDED_PROFILES: ReadonlySet<number> = new Set([100, 110, 122, 144]);

/** The NAL units of a byte stream, as views without start codes and the zeros around them (ITU-T H.264, annex B). */
export function annexBUnits(bytes: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = -1;
  for (let i = 0; i + 2 < bytes.length; i++) {
    if (bytes[i] !== 0 || bytes[i + 1] !== 0 || bytes[i + 2] !== 1) continue;
    if (start >= 0) units.push(withoutZeros(bytes.subarray(start, i)));
    start = i + 3;
    i += 2;
  }
  if (start >= 0) units.push(withoutZeros(bytes.subarray(start)));
  return units.filter((unit) => unit.length > 0);
}

/** A unit ends in a bit that is set: zeros behind it belong to the byte stream. */
function withoutZeros(unit: Uint8Array): Uint8Array {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end--;
  return unit.subarray(0, end);
}

/** A frame as files and FLV have it: each NAL unit behind its length in four bytes. */
export function lengthPrefixed(units: readonly Uint8Array[]): Uint8Array {
  const out = new ByteWriter(units.reduce((sum, { length }) => sum + 4 + length, 0));
  for (const unit of units) out.u32(unit.length).raw(unit);
  return out.view();
}

/** A frame of a byte stream, as files and FLV have it. */
export interface NalFrame {
  /** The decoder's configuration record, where the frame brings one that is another than before. */
  readonly config?: Uint8Array;
  /** The NAL units without parameter sets and delimiters, each behind its length in four bytes. */
  readonly data: Uint8Array;
}

/** Turns the frames of a byte stream, as transport streams have them, into what files and FLV have. */
export class AnnexBReader {
  readonly #codec: NalCodec;
  readonly #sets = new Map<number, Uint8Array>();
  #config?: Uint8Array;

  constructor(codec: NalCodec) {
    this.#codec = codec;
  }

  /** Takes the next frame. Throws {@linkcode FormatError} when a parameter set cannot be read. */
  read(frame: Uint8Array): NalFrame {
    const { sets, delimiter } = TYPES[this.#codec];
    const kept: Uint8Array[] = [];
    for (const unit of annexBUnits(frame)) {
      const type = this.#codec === "avc" ? unit[0] & 0x1f : unit[0] >> 1 & 0x3f;
      if ((sets as readonly number[]).includes(type)) this.#sets.set(type, unit);
      else if (type !== delimiter) kept.push(unit);
    }
    return { config: this.#newConfig(), data: lengthPrefixed(kept) };
  }

  #newConfig(): Uint8Array | undefined {
    const sets = TYPES[this.#codec].sets.map((type) => this.#sets.get(type));
    if (sets.includes(undefined)) return undefined;
    const config = this.#codec === "avc" ? avcRecord(sets[0]!, sets[1]!) : hevcRecord(sets[0]!, sets[1]!, sets[2]!);
    if (this.#config && isSame(this.#config, config)) return undefined;
    return this.#config = config;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/**
 * An AVCDecoderConfigurationRecord of one sequence and one picture parameter set (ISO/IEC 14496-15, 5.3.3.1), for frames
 * with lengths of four bytes. Throws {@linkcode FormatError} when the sequence parameter set cannot be read.
 */
export function avcRecord(sps: Uint8Array, pps: Uint8Array): Uint8Array {
  const { chromaFormat, bitDepth } = parseAvcSps(sps);
  const out = new ByteWriter(16 + sps.length + pps.length).u8(1).raw(sps.subarray(1, 4)).u8(0xff);
  out.u8(0xe1).u16(sps.length).raw(sps).u8(1).u16(pps.length).raw(pps);
  if (AVC_EXTENDED_PROFILES.has(sps[1])) {
    out.u8(0xfc | chromaFormat).u8(0xf8 | bitDepth - 8).u8(0xf8 | bitDepth - 8).u8(0);
  }
  return out.view();
}

/** Where profile, tier and level stand behind the header of a sequence parameter set, and how many bytes they take. */
const PROFILE_START = 1;
const PROFILE_BYTES = 12;

/**
 * An HEVCDecoderConfigurationRecord of one parameter set of each kind (ISO/IEC 14496-15, 8.3.3.1), for frames with lengths
 * of four bytes. Throws {@linkcode FormatError} when the sequence parameter set cannot be read.
 */
export function hevcRecord(vps: Uint8Array, sps: Uint8Array, pps: Uint8Array): Uint8Array {
  const { payload, chromaFormat, bitDepth, subLayers, isNested } = hevcSpsFormat(sps);
  const profile = payload.subarray(PROFILE_START, PROFILE_START + PROFILE_BYTES);
  if (profile.length < PROFILE_BYTES) throw new FormatError("HEVC parameter set is cut off in its profile");
  const out = new ByteWriter(64 + vps.length + sps.length + pps.length).u8(1).raw(profile);
  out.u16(0xf000).u8(0xfc).u8(0xfc | chromaFormat).u8(0xf8 | bitDepth - 8).u8(0xf8 | bitDepth - 8).u16(0);
  out.u8(subLayers << 3 | (isNested ? 4 : 0) | 3).u8(3);
  TYPES.hevc.sets.forEach((type, i) => {
    const unit = [vps, sps, pps][i];
    out.u8(0x80 | type).u16(1).u16(unit.length).raw(unit);
  });
  return out.view();
}
