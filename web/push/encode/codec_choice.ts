import type { Size } from "./picture_size.ts";

/** The video codecs that a page may encode, in the order in which they are proposed. */
export const VIDEO_CODECS = ["avc", "hevc", "vp9", "av1"] as const;

/** A video codec by the name that packets have. */
export type VideoCodecName = typeof VIDEO_CODECS[number];

/** One level of a codec: the largest picture, the most of it per second, and how the codec string says it. */
type Level = readonly [picture: number, perSecond: number, text: string];

/** Levels of H.264 in macroblocks (ITU-T H.264, table A-1). */
const AVC_LEVELS: readonly Level[] = [
  [1620, 40_500, "1e"],
  [3600, 108_000, "1f"],
  [5120, 216_000, "20"],
  [8192, 245_760, "28"],
  [8704, 522_240, "2a"],
  [36_864, 983_040, "33"],
  [36_864, 2_073_600, "34"],
];

/** Levels of H.265 in luma samples (ITU-T H.265, table A.8), as `L` and thirty times the level. */
const HEVC_LEVELS: readonly Level[] = [
  [552_960, 16_588_800, "90"],
  [983_040, 33_177_600, "93"],
  [2_228_224, 66_846_720, "120"],
  [2_228_224, 133_693_440, "123"],
  [8_912_896, 267_386_880, "150"],
  [8_912_896, 534_773_760, "153"],
];

/** Levels of VP9 in luma samples (VP9 levels, webmproject.org). */
const VP9_LEVELS: readonly Level[] = [
  [552_960, 20_736_000, "30"],
  [983_040, 36_864_000, "31"],
  [2_228_224, 83_558_400, "40"],
  [2_228_224, 160_432_128, "41"],
  [8_912_896, 311_951_360, "50"],
  [8_912_896, 588_251_136, "51"],
];

/** Levels of AV1 in luma samples (AV1 specification, annex A.3). */
const AV1_LEVELS: readonly Level[] = [
  [665_856, 24_969_600, "04"],
  [1_065_024, 39_938_400, "05"],
  [2_359_296, 77_856_768, "08"],
  [2_359_296, 155_713_536, "09"],
  [8_912_896, 273_715_200, "12"],
  [8_912_896, 547_430_400, "13"],
];

/**
 * The codec strings to try for a codec, best first: the lowest level that holds the picture at this rate; for H.264 first
 * the high profile, then main, then constrained baseline.
 */
export function codecStrings(codec: VideoCodecName, { width, height }: Size, framesPerSecond: number): string[] {
  const samples = width * height;
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  switch (codec) {
    case "avc": {
      const level = levelFor(AVC_LEVELS, blocks, framesPerSecond);
      return ["6400", "4d00", "42e0"].map((profile) => `avc1.${profile}${level}`);
    }
    case "hevc":
      return [`hvc1.1.6.L${levelFor(HEVC_LEVELS, samples, framesPerSecond)}.B0`];
    case "vp9":
      return [`vp09.00.${levelFor(VP9_LEVELS, samples, framesPerSecond)}.08`];
    case "av1":
      return [`av01.0.${levelFor(AV1_LEVELS, samples, framesPerSecond)}M.08`];
  }
}

function levelFor(levels: readonly Level[], picture: number, framesPerSecond: number): string {
  const fits = ([largest, most]: Level) => picture <= largest && picture * framesPerSecond <= most;
  return (levels.find(fits) ?? levels[levels.length - 1])[2];
}
