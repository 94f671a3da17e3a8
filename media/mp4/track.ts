import { type AudioClock, openAudioClock } from "../codec/audio_clock.ts";
import { describeCodec } from "../codec/describe.ts";
import { parseVp8KeyFrame, parseVp9KeyFrame } from "../codec/vp_frame.ts";
import { FormatError } from "../errors.ts";
import type { Codec } from "../packet.ts";
import { audioEntry, hasAudioEntry } from "./audio_entry.ts";
import { encodeBoxes } from "./box.ts";
import { hasVisualEntry, visualEntry } from "./visual_entry.ts";

/** The timescale of video, in Hz: whole milliseconds, as RTMP has them, are whole ticks, and so are all usual frame rates. */
export const VIDEO_TIMESCALE = 90_000;

/** A track as an MP4 file has it. */
export interface Mp4Track {
  /** Unique in the file, from 1. */
  readonly id: number;
  readonly kind: "video" | "audio";
  /** Ticks a second: all times of the track are in them. */
  readonly timescale: number;
  /** What decoders need, as the bytes of a sample entry (ISO/IEC 14496-12, 8.5.2). */
  readonly sampleEntry: Uint8Array;
  /** In pixels; 0 for audio. */
  readonly width: number;
  /** In pixels; 0 for audio. */
  readonly height: number;
  /** How long frames of audio are; undefined for video, and for tracks that were read from a file. */
  readonly clock?: AudioClock;
}

/** What a track of an MP4 file is made from. */
export interface Mp4TrackSource {
  readonly id: number;
  readonly kind: "video" | "audio";
  readonly codec: Codec;
  /** The decoder configuration; MP3, AC-3, E-AC-3 have none, Opus can do without. */
  readonly config?: Uint8Array;
  /** The first frame: MP3, AC-3 and E-AC-3 are described by it, and the size of VP8 and VP9 stands in it. */
  readonly frame?: Uint8Array;
}

/** Whether MP4 files hold this codec. */
export function hasMp4Entry(codec: Codec): boolean {
  return hasVisualEntry(codec) || hasAudioEntry(codec);
}

/**
 * Makes a track of an MP4 file. Undefined while what describes the codec is missing, and for codecs that MP4 files do not
 * hold. Throws {@linkcode FormatError} when it cannot be read or lacks the size of the pictures.
 */
export function mp4Track(source: Mp4TrackSource): Mp4Track | undefined {
  if (!hasMp4Entry(source.codec)) return undefined;
  return source.kind === "video" ? videoTrack(source) : audioTrack(source);
}

function videoTrack({ id, codec, config, frame }: Mp4TrackSource): Mp4Track | undefined {
  if (!config) return undefined;
  const size = pictureSize(codec, config, frame);
  if (!size) return undefined;
  const { width, height } = size;
  const sampleEntry = encodeBoxes(visualEntry(codec, config, width, height));
  return { id, kind: "video", timescale: VIDEO_TIMESCALE, sampleEntry, width, height };
}

function pictureSize(codec: Codec, config: Uint8Array, frame: Uint8Array | undefined) {
  if (codec === "vp8") return frame && parseVp8KeyFrame(frame);
  if (codec === "vp9") return frame && parseVp9KeyFrame(frame);
  const { width, height } = describeCodec(codec, config);
  if (!width || !height) throw new FormatError(`The ${codec} configuration does not tell the size of the pictures`);
  return { width, height };
}

function audioTrack({ id, codec, config, frame }: Mp4TrackSource): Mp4Track | undefined {
  const entry = audioEntry(codec, config, frame);
  const clock = openAudioClock(codec, config, frame);
  if (!entry || !clock) return undefined;
  return {
    id,
    kind: "audio",
    timescale: clock.sampleRate,
    sampleEntry: encodeBoxes(entry),
    width: 0,
    height: 0,
    clock,
  };
}
