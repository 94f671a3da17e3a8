import { encodeAmf0 } from "../../media/amf/amf0.ts";
import { amfObject, EcmaArray } from "../../media/amf/amf_value.ts";
import { ByteWriter, concat } from "../../media/bytes.ts";
import { fourCc } from "../../media/flv/fourcc.ts";
import { bytes } from "../../media/testing.ts";

/** A picture's part of a tag body; composition time in milliseconds. */
export interface TestPicture {
  readonly isKey: boolean;
  readonly composition: number;
  readonly data: Uint8Array;
}

/** How a codec of tests is put into FLV tag bodies. Codecs without a configuration have no `config`. */
export interface TestVideoCodec {
  config?(variant: number): Uint8Array;
  picture(picture: TestPicture): Uint8Array;
}

/** The same for sound; `ms` is how long one frame sounds. */
export interface TestAudioCodec {
  readonly ms: number;
  config?(): Uint8Array;
  sound(data: Uint8Array): Uint8Array;
}

/** Two decoder configurations by x264, of 320x180 and of 640x360 pixels. */
const AVC_CONFIGS = [
  bytes("01f4000cffe1001e67f4000c919b282a10f1f1fff80f200f1880000003008000000a078a14cb01000668ebe3c44844fff8f800"),
  bytes("0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20"),
];

const AV1_CONFIG = bytes("812100000a0d2000000cc5036936be48086801");
const HEVC_CONFIG = bytes("0101600000009000000000005af000fcfdf8f800000f00");
const AAC_CONFIG = bytes("1190");
const OPUS_HEAD = bytes('"OpusHead" 01 02 3801 80bb0000 0000 00');

const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
const MULTITRACK = 6;
const MANY_TRACKS = 0x10;

/** H.264 in the bodies of Flash; one configuration for each variant. */
export const avc: TestVideoCodec = {
  config: (variant) => concat([bytes("17 00 000000"), AVC_CONFIGS[variant % AVC_CONFIGS.length]]),
  picture: ({ isKey, composition, data }) =>
    concat([Uint8Array.of(isKey ? 0x17 : 0x27, 1, ...u24(composition)), nalUnit(isKey, data)]),
};

/** H.265 in enhanced bodies, with composition times. */
export const hevc: TestVideoCodec = {
  config: () => concat([enhancedVideo(true, SEQUENCE_START, "hvc1"), HEVC_CONFIG]),
  picture: ({ isKey, composition, data }) =>
    concat([enhancedVideo(isKey, CODED_FRAMES, "hvc1"), u24(composition), nalUnit(isKey, data)]),
};

/** AV1 in enhanced bodies; it has no composition times. */
export const av1: TestVideoCodec = {
  config: () => concat([enhancedVideo(true, SEQUENCE_START, "av01"), AV1_CONFIG]),
  picture: ({ isKey, data }) => concat([enhancedVideo(isKey, CODED_FRAMES, "av01"), data]),
};

/** Two H.264 tracks in one enhanced body; the second one has the same bytes backwards. */
export const multitrack: TestVideoCodec = {
  config: (variant) => twoTracks(true, SEQUENCE_START, AVC_CONFIGS[variant % 2], AVC_CONFIGS[(variant + 1) % 2]),
  picture: ({ isKey, composition, data }) => {
    const [main, other] = [nalUnit(isKey, data), nalUnit(isKey, data.toReversed())];
    return twoTracks(isKey, CODED_FRAMES, concat([u24(composition), main]), concat([u24(composition), other]));
  },
};

/** On2 VP6, of which Sluice knows no more than which pictures are keys. */
export const unknownVideo: TestVideoCodec = {
  picture: ({ isKey, data }) => concat([Uint8Array.of(isKey ? 0x14 : 0x24), data]),
};

/** An enhanced body with a FourCC that nobody knows. */
export const unknownFourCc: TestVideoCodec = {
  config: () => concat([enhancedVideo(true, SEQUENCE_START, "zzzz"), AV1_CONFIG]),
  picture: ({ isKey, data }) => concat([enhancedVideo(isKey, CODED_FRAMES, "zzzz"), data]),
};

/** AAC-LC, 48 kHz, stereo. */
export const aac: TestAudioCodec = {
  ms: 1024 / 48,
  config: () => concat([bytes("af 00"), AAC_CONFIG]),
  sound: (data) => concat([bytes("af 01"), data]),
};

/** Opus in enhanced bodies. */
export const opus: TestAudioCodec = {
  ms: 20,
  config: () => concat([enhancedAudio(SEQUENCE_START, "Opus"), OPUS_HEAD]),
  sound: (data) => concat([enhancedAudio(CODED_FRAMES, "Opus"), data]),
};

/** MP3, which needs no configuration. */
export const mp3: TestAudioCodec = { ms: 24, sound: (data) => concat([bytes("2f"), data]) };

/** Speex, of which Sluice knows nothing. */
export const unknownAudio: TestAudioCodec = { ms: 20, sound: (data) => concat([bytes("b6"), data]) };

/** A script as encoders write it. */
export function scriptBody(name: string, properties: Readonly<Record<string, number | string | boolean>>): Uint8Array {
  return encodeAmf0(name, new EcmaArray(Object.assign(amfObject(), properties)));
}

function nalUnit(isKey: boolean, data: Uint8Array): Uint8Array {
  return new ByteWriter(data.length + 5).u32(data.length + 1).u8(isKey ? 0x65 : 0x41).raw(data).view();
}

function enhancedVideo(isKey: boolean, packetType: number, codec: string): Uint8Array {
  return new ByteWriter(5).u8(0x80 | (isKey ? 0x10 : 0x20) | packetType).u32(fourCc(codec)).view();
}

function enhancedAudio(packetType: number, codec: string): Uint8Array {
  return new ByteWriter(5).u8(0x90 | packetType).u32(fourCc(codec)).view();
}

function twoTracks(isKey: boolean, packetType: number, main: Uint8Array, other: Uint8Array): Uint8Array {
  const out = new ByteWriter().u8(0x80 | (isKey ? 0x10 : 0x20) | MULTITRACK).u8(MANY_TRACKS | packetType);
  out.u32(fourCc("avc1")).u8(0).u24(main.length).raw(main);
  return out.u8(1).u24(other.length).raw(other).view();
}

function u24(value: number): Uint8Array {
  return Uint8Array.of(value >>> 16, value >>> 8, value);
}
