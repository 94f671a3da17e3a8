import type { Codec, KnownCodec } from "../packet.ts";
import { FOURCC } from "./fourcc.ts";

/** The frame types of a video body, its upper four bits (FLV specification 10.1, annex E.4.3.1). */
const FRAME_KEY = 1;
const FRAME_INTER = 2;

const LEGACY_AVC = 7;
const ENHANCED_VIDEO = 0x80;
const ENHANCED_AUDIO = 9 << 4;

/** The packet types of both the legacy AVC and AAC bodies and the enhanced ones. */
const CONFIG = 0;
const FRAME = 1;

/** The enhanced packet type of a frame that is shown when it is decoded, in which no composition time stands. */
const FRAME_WITHOUT_DELAY = 3;

/** AAC, 44 kHz, 16 bit, stereo: what a body says of every AAC, whose configuration has the truth (annex E.4.2.1). */
const AAC_HEAD = 0xaf;

/** MP3, 44 kHz, 16 bit, stereo: rates that a body cannot say are sent as this, and players read the frame's own header. */
const MP3_HEAD = 0x2f;

/** The times between decoding and showing that 24 bits hold, in milliseconds. */
const MAX_DELAY = 0x7f_ffff;
const MIN_DELAY = -0x80_0000;

const VIDEO_CODECS: ReadonlySet<Codec> = new Set<KnownCodec>(["avc", "hevc", "vvc", "av1", "vp8", "vp9"]);
const AUDIO_CODECS: ReadonlySet<Codec> = new Set<KnownCodec>(["aac", "mp3", "opus", "flac", "ac3", "eac3"]);

/** The codecs whose frames are stored in another order than they are shown in. */
const REORDERED: ReadonlySet<Codec> = new Set<KnownCodec>(["avc", "hevc", "vvc"]);

/** Whether there is an FLV body for this codec, plain or enhanced. */
export function hasFlvBody(kind: "video" | "audio", codec: Codec): boolean {
  return (kind === "video" ? VIDEO_CODECS : AUDIO_CODECS).has(codec);
}

/**
 * The body that tells a video decoder's configuration: an AVCDecoderConfigurationRecord or what the codec has in its place.
 *
 * Plain for AVC (FLV specification 10.1, annex E.4.3), which every player understands; enhanced for all others (enhanced
 * RTMP v2, "Enhanced Video"). Throws `TypeError` for a codec without an FLV body.
 */
export function videoConfigBody(codec: Codec, config: Uint8Array): Uint8Array {
  if (codec === "avc") return join([FRAME_KEY << 4 | LEGACY_AVC, CONFIG, 0, 0, 0], config);
  return join([ENHANCED_VIDEO | FRAME_KEY << 4 | CONFIG, ...fourCcOf("video", codec)], config);
}

/**
 * The body of one frame of video: length-prefixed NAL units, or what the codec has in their place.
 *
 * `delay` is how much later it is shown than decoded, in microseconds; written in whole milliseconds, and by codecs alone
 * that reorder their frames. Throws `TypeError` for a codec without an FLV body, `RangeError` for a delay beyond 24 bits.
 */
export function videoFrameBody(codec: Codec, isKey: boolean, delay: number, data: Uint8Array): Uint8Array {
  const frameType = (isKey ? FRAME_KEY : FRAME_INTER) << 4;
  const ms = REORDERED.has(codec) ? compositionTime(delay) : 0;
  const time = [ms >> 16 & 0xff, ms >> 8 & 0xff, ms & 0xff];
  if (codec === "avc") return join([frameType | LEGACY_AVC, FRAME, ...time], data);
  const fourCc = fourCcOf("video", codec);
  if (!REORDERED.has(codec)) return join([ENHANCED_VIDEO | frameType | FRAME, ...fourCc], data);
  if (ms === 0) return join([ENHANCED_VIDEO | frameType | FRAME_WITHOUT_DELAY, ...fourCc], data);
  return join([ENHANCED_VIDEO | frameType | FRAME, ...fourCc, ...time], data);
}

/**
 * The body that tells an audio decoder's configuration: an AudioSpecificConfig, an Opus identification header …
 *
 * Plain for AAC (FLV specification 10.1, annex E.4.2), enhanced for all others (enhanced RTMP v2, "Enhanced Audio").
 * Undefined for codecs whose frames say it all. Throws `TypeError` for a codec without an FLV body.
 */
export function audioConfigBody(codec: Codec, config: Uint8Array): Uint8Array | undefined {
  if (codec === "aac") return join([AAC_HEAD, CONFIG], config);
  if (codec === "mp3") return undefined;
  return join([ENHANCED_AUDIO | CONFIG, ...fourCcOf("audio", codec)], config);
}

/** The body of one frame of audio. Throws `TypeError` for a codec without an FLV body. */
export function audioFrameBody(codec: Codec, data: Uint8Array): Uint8Array {
  if (codec === "aac") return join([AAC_HEAD, FRAME], data);
  if (codec === "mp3") return join([MP3_HEAD], data);
  return join([ENHANCED_AUDIO | FRAME, ...fourCcOf("audio", codec)], data);
}

function compositionTime(delay: number): number {
  const ms = Math.round(delay / 1000);
  if (ms < MIN_DELAY || ms > MAX_DELAY) {
    throw new RangeError(`Cannot write a delay of ${ms} ms: an FLV body holds ${MIN_DELAY} to ${MAX_DELAY}`);
  }
  return ms;
}

function fourCcOf(kind: "video" | "audio", codec: Codec): number[] {
  const value = hasFlvBody(kind, codec) ? FOURCC[codec as KnownCodec] : undefined;
  if (value === undefined) throw new TypeError(`Cannot write ${kind} of codec "${codec}": FLV has no body for it`);
  return [value >>> 24, value >>> 16 & 0xff, value >>> 8 & 0xff, value & 0xff];
}

function join(head: readonly number[], data: Uint8Array): Uint8Array {
  const body = new Uint8Array(head.length + data.length);
  body.set(head);
  body.set(data, head.length);
  return body;
}
