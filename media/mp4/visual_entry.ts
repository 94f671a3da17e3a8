import { parseVpConfig } from "../codec/vp.ts";
import { box, fields, fullBox, type Writable } from "./box.ts";

/** 72 dots per inch, as a 16.16 number: nobody looks at it. */
const RESOLUTION = 0x48_0000;
const COMPRESSOR_NAME_BYTES = 32;
const DEPTH_COLOUR = 0x18;

/** The name of a codec's sample entry and the box that its configuration stands in. */
const FORMATS: Readonly<Record<string, { entry: string; configBox: (config: Uint8Array) => Writable }>> = {
  avc: { entry: "avc1", configBox: (config) => box("avcC", config) },
  hevc: { entry: "hvc1", configBox: (config) => box("hvcC", config) },
  av1: { entry: "av01", configBox: (config) => box("av1C", config) },
  vp8: { entry: "vp08", configBox: vpcC },
  vp9: { entry: "vp09", configBox: vpcC },
};

/** Whether there is a video sample entry for the codec. */
export function hasVisualEntry(codec: string): boolean {
  return Object.hasOwn(FORMATS, codec);
}

/**
 * A video sample entry (ISO/IEC 14496-12, 12.1.3) around a decoder configuration (ISO/IEC 14496-15 for AVC and HEVC, the
 * ISO media file format bindings of AV1, VP8 and VP9).
 */
export function visualEntry(codec: string, config: Uint8Array, width: number, height: number): Writable {
  const { entry, configBox } = FORMATS[codec];
  const head = fields((out) => {
    out.u32(0).u16(0).u16(1).raw(new Uint8Array(16)).u16(width).u16(height);
    out.u32(RESOLUTION).u32(RESOLUTION).u32(0).u16(1);
    out.raw(new Uint8Array(COMPRESSOR_NAME_BYTES)).u16(DEPTH_COLOUR).u16(0xffff);
  });
  return box(entry, head, configBox(config));
}

/** The VP configuration box (VP Codec ISO Media File Format Binding 1.0): a full box, which some encoders send whole. */
function vpcC(config: Uint8Array): Writable {
  const record = parseVpConfig(config);
  const { profile, level, bitDepth, chromaSubsampling, fullRange } = record;
  const content = fields((out) => {
    out.u8(profile).u8(level).u8(bitDepth << 4 | chromaSubsampling << 1 | (fullRange ? 1 : 0));
    out.u8(record.colourPrimaries).u8(record.transferCharacteristics).u8(record.matrixCoefficients).u16(0);
  });
  return fullBox("vpcC", 1, 0, content);
}
