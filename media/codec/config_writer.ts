import { ByteWriter } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { readAv1Units } from "./av1_units.ts";

const SEQUENCE_HEADER = 1;
const HAS_SIZE = 0x02;

/** A size below this takes one byte; real headers have about a dozen. */
const MAX_HEADER_BYTES = 0x7f;

/** How many samples at 48 kHz an Opus decoder throws away at the start: what libopus needs. */
const PRE_SKIP = 312;

/** What a configuration says where the codec string does not: 4:2:0, and colours as television has them (BT.709). */
const DEFAULTS = { chroma: "110", vpChroma: 1, colour: 1 };

/**
 * An AV1CodecConfigurationRecord (AV1 Codec ISO Media File Format Binding, 2.3) for encoders that give none.
 *
 * Made of a codec string such as `av01.0.05M.08` and the sequence header in the first key frame. Throws
 * {@linkcode FormatError} when the string is not one of AV1 or the frame has no sequence header.
 */
export function av1Record(codecString: string, keyFrame: Uint8Array): Uint8Array {
  const match = /^av01\.(\d)\.(\d\d)([MH])\.(\d\d)(?:\.(\d)(?:\.(\d{3}))?)?/.exec(codecString);
  if (!match) throw new FormatError(`Not a codec string of AV1: ${codecString}`);
  const [profile, level, depth, monochrome] = [match[1], match[2], match[4], match[5] ?? "0"].map(Number);
  const [x, y, position] = [...match[6] ?? DEFAULTS.chroma].map(Number);
  const out = new ByteWriter(64).u8(0x81).u8(profile << 5 | level);
  const deep = (depth > 8 ? 0x40 : 0) | (depth > 10 ? 0x20 : 0);
  out.u8((match[3] === "H" ? 0x80 : 0) | deep | monochrome << 4 | x << 3 | y << 2 | position & 3).u8(0);
  return out.raw(sequenceHeaderUnit(keyFrame)).view();
}

/** The sequence header with a size field, as the record must have it (binding, 2.3.4). */
function sequenceHeaderUnit(keyFrame: Uint8Array): Uint8Array {
  for (const { type, payload } of readAv1Units(keyFrame)) {
    if (type !== SEQUENCE_HEADER || payload.length > MAX_HEADER_BYTES) continue;
    return new ByteWriter(payload.length + 2).u8(SEQUENCE_HEADER << 3 | HAS_SIZE).u8(payload.length).raw(payload)
      .view();
  }
  throw new FormatError("AV1 key frame has no sequence header");
}

/**
 * A VPCodecConfigurationRecord (VP Codec ISO Media File Format Binding 1.0) made of a codec string such as
 * `vp09.00.31.08` or `vp8`, for encoders that give none. Throws {@linkcode FormatError} for any other string.
 */
export function vpRecord(codecString: string): Uint8Array {
  if (codecString === "vp8") return vpRecord("vp08.00.10.08");
  const match = /^vp0[89](\.\d\d){3,8}$/.exec(codecString);
  if (!match) throw new FormatError(`Not a codec string of VP8 or VP9: ${codecString}`);
  const [profile, level, depth, ...rest] = codecString.split(".").slice(1).map(Number);
  const { colour, vpChroma } = DEFAULTS;
  const [chroma = vpChroma, primaries = colour, transfer = colour, matrix = colour, range = 0] = rest;
  return Uint8Array.of(profile, level, depth << 4 | chroma << 1 | range, primaries, transfer, matrix, 0, 0);
}

/** An Opus identification header (RFC 7845, 5.1) of one or two channels, for encoders that give none. */
export function opusHead(channels: 1 | 2, inputSampleRate: number): Uint8Array {
  const out = new ByteWriter(19).raw(new TextEncoder().encode("OpusHead")).u8(1).u8(channels);
  return out.u8(PRE_SKIP & 0xff).u8(PRE_SKIP >> 8).u32le(inputSampleRate).u16(0).u8(0).view();
}
