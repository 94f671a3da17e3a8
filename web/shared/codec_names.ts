import type { LiveTrack } from "./live_stream.ts";

const NAMES: Readonly<Record<string, string>> = {
  avc: "H.264",
  hevc: "H.265",
  vvc: "H.266",
  av1: "AV1",
  vp8: "VP8",
  vp9: "VP9",
  aac: "AAC",
  mp3: "MP3",
  opus: "Opus",
  flac: "FLAC",
  ac3: "AC-3",
  eac3: "E-AC-3",
};

/** A codec's name as people say it; one that nobody knows as it is. */
export function codecName(codec: string): string {
  return Object.hasOwn(NAMES, codec) ? NAMES[codec] : codec;
}

/** `H.264 (avc1.64001f)`. */
export function describeTrack({ codec, codecString }: LiveTrack): string {
  return codecString && codecString !== codec ? `${codecName(codec)} (${codecString})` : codecName(codec);
}
