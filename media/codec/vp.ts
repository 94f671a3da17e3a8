import { ByteReader } from "../byte_reader.ts";

/** What a VPCodecConfigurationRecord says (VP Codec ISO Media File Format Binding 1.0); VP8 has the same. */
export interface VpConfig {
  readonly profile: number;
  /** Ten times the level: 31 is level 3.1. */
  readonly level: number;
  readonly bitDepth: number;
  /** 0 and 1 are 4:2:0, 2 is 4:2:2, 3 is 4:4:4. */
  readonly chromaSubsampling: number;
  readonly fullRange: boolean;
  readonly colourPrimaries: number;
  readonly transferCharacteristics: number;
  readonly matrixCoefficients: number;
}

/** The version and flags that the record stands behind in an MP4 file; some encoders send them along. */
const FULL_BOX_BYTES = 4;
const RECORD_BYTES = 8;

/** Reads a VPCodecConfigurationRecord. Throws {@linkcode FormatError} when it is cut off. */
export function parseVpConfig(bytes: Uint8Array): VpConfig {
  const boxed = bytes.length >= FULL_BOX_BYTES + RECORD_BYTES && bytes[0] === 1 &&
    (bytes[1] | bytes[2] | bytes[3]) === 0;
  const input = new ByteReader(bytes, boxed ? FULL_BOX_BYTES : 0);
  const profile = input.u8();
  const level = input.u8();
  const depths = input.u8();
  return {
    profile,
    level,
    bitDepth: depths >> 4,
    chromaSubsampling: depths >> 1 & 7,
    fullRange: (depths & 1) === 1,
    colourPrimaries: input.u8(),
    transferCharacteristics: input.u8(),
    matrixCoefficients: input.u8(),
  };
}

/** As in `codecs=`: `vp09.00.31.08`, `vp08.00.31.08`. */
export function vpCodecString(fourCc: "vp08" | "vp09", { profile, level, bitDepth }: VpConfig): string {
  return [fourCc, ...[profile, level, bitDepth].map((value) => String(value).padStart(2, "0"))].join(".");
}
