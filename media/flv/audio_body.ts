import type { Codec, KnownCodec, MediaPacket } from "../packet.ts";
import { parseEnhancedAudio } from "./enhanced_audio.ts";

const FORMAT_ENHANCED = 9;
const FORMAT_AAC = 10;

/** Legacy sound formats with a name; 14 is MP3 at 8 kHz. */
const CODECS: Readonly<Record<number, KnownCodec>> = { 2: "mp3", 10: "aac", 14: "mp3" };

const AAC_SEQUENCE_HEADER = 0;

/**
 * The packets of an audio body that is not empty; `dts` in microseconds. Never throws.
 *
 * Follows the FLV specification 10.1, annex E.4.2, and enhanced RTMP v2, "Enhanced Audio".
 */
export function parseAudioBody(dts: number, body: Uint8Array): MediaPacket[] {
  const format = body[0] >> 4;
  if (format === FORMAT_ENHANCED) return parseEnhancedAudio(dts, body);
  if (format === FORMAT_AAC) return [parseAacBody(dts, body)];
  return [frame(CODECS[format] ?? `audio-${format}`, dts, body.subarray(1), body)];
}

function parseAacBody(dts: number, body: Uint8Array): MediaPacket {
  if (body.length < 2 || body[1] > 1) return frame(`audio-${FORMAT_AAC}`, dts, body, body);
  const data = body.subarray(2);
  if (body[1] !== AAC_SEQUENCE_HEADER) return frame("aac", dts, data, body);
  return { kind: "audio", role: "config", codec: "aac", track: 0, dts, pts: dts, data, body };
}

function frame(codec: Codec, dts: number, data: Uint8Array, body: Uint8Array): MediaPacket {
  return { kind: "audio", role: "frame", codec, track: 0, dts, pts: dts, data, body };
}
