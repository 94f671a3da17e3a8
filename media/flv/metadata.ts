import { decodeAmf0, encodeAmf0 } from "../amf/amf0.ts";
import { type AmfObject, amfObject, EcmaArray, propertiesOf } from "../amf/amf_value.ts";
import { describeCodec } from "../codec/describe.ts";
import { FormatError } from "../errors.ts";
import type { TrackState } from "../format.ts";
import type { KnownCodec, MediaPacket } from "../packet.ts";
import { FOURCC } from "./fourcc.ts";
import type { FlvFlags } from "./header.ts";

/** Properties that describe the video. */
const VIDEO_PROPERTY = /^(video|avc|has(video|keyframes)$|width$|height$|framerate$|fps$|display(width|height)$)/i;

/** Properties that describe the audio. */
const AUDIO_PROPERTY = /^(audio|aac|has(audio)$|stereo$|samplerate$|channels$)/i;

/** Properties of the file that a publisher plays, untrue of a live stream: players take them for a file to seek in. */
const FILE_PROPERTY =
  /^(duration|filesize|datasize|keyframes|haskeyframes|canseektoend|last(keyframe)?(timestamp|location))$/i;

/** The maps that describe multitrack streams track by track. */
const TRACK_MAP = /TrackIdInfoMap$/;

/**
 * The largest `onMetaData` body that is sent to players, in bytes. Real ones without a keyframe index have less than
 * 2,000, and each viewer's first burst holds one.
 */
export const MAX_METADATA_BYTES = 65_536;

/**
 * The most values in an `onMetaData` that is sent to players. Real ones have some twenty; a few hundred bytes of
 * references can make hundreds of thousands, to be written before every key frame.
 */
export const MAX_METADATA_VALUES = 8192;

/**
 * The time of every `onMetaData`, in milliseconds, however late it is sent: at another one FFmpeg takes it for subtitles, and
 * files that it makes of the stream are broken.
 */
export const METADATA_TIME = 0;

/** The properties of an `onMetaData` script's data; none when it has none, cannot be read or is too large. */
export function readMetadata(script: MediaPacket): AmfObject {
  if (script.data.length > MAX_METADATA_BYTES) return amfObject();
  try {
    const [, value] = decodeAmf0(script.data, MAX_METADATA_VALUES);
    return propertiesOf(value) ?? amfObject();
  } catch (error) {
    if (error instanceof FormatError) return amfObject();
    throw error;
  }
}

/** What `onMetaData` would say of the main tracks, as far as their decoder configurations tell. */
export function observedMetadata(tracks: readonly TrackState[]): AmfObject {
  const properties = amfObject();
  for (const { kind, track, codec, config } of tracks) {
    if (track !== 0 || !config) continue;
    const { width, height, sampleRate, channels } = describeCodec(codec, config.data);
    if (kind === "video") Object.assign(properties, defined({ videocodecid: codecId(config), width, height }));
    if (kind === "audio") {
      const audio = {
        audiocodecid: codecId(config),
        audiosamplerate: sampleRate,
        stereo: channels ? channels > 1 : undefined,
      };
      Object.assign(properties, defined(audio));
    }
  }
  return properties;
}

/** The number that a legacy body starts with, or the FourCC of an enhanced one (enhanced RTMP v2, "Enhancing onMetaData"). */
function codecId({ kind, codec, body }: MediaPacket): number | undefined {
  const enhanced = kind === "video" ? (body[0] & 0x80) !== 0 : body[0] >> 4 === 9;
  if (enhanced) return FOURCC[codec as KnownCodec];
  return kind === "video" ? body[0] & 0x0f : body[0] >> 4;
}

function defined(properties: AmfObject): AmfObject {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}

/**
 * The body of an `onMetaData` script for a live FLV stream, made from what the publisher said.
 *
 * What describes a kind of media that `flags` does not have is left out, as is what describes a file; `hasAudio` and
 * `hasVideo` are set. `multitrack` keeps the descriptions of tracks other than the main one. Beyond
 * {@linkcode MAX_METADATA_BYTES} nothing of the publisher's is kept.
 */
export function metadataBody(published: AmfObject, flags: FlvFlags, multitrack: boolean): Uint8Array {
  const flows = { hasVideo: flags.hasVideo, hasAudio: flags.hasAudio };
  const properties = Object.assign(streamProperties(published, flags, multitrack), flows);
  return encodeMetadata(properties) ?? encodeAmf0("onMetaData", new EcmaArray(flows));
}

/** What a publisher said that is true of the stream as `flags` and `multitrack` describe it, whatever file it came from. */
export function streamProperties(published: AmfObject, flags: FlvFlags, multitrack: boolean): AmfObject {
  const properties = amfObject();
  for (const key of Object.keys(published)) {
    if (!isLeftOut(key, flags, multitrack)) properties[key] = published[key];
  }
  return properties;
}

/**
 * An `onMetaData` body. Undefined for what is larger than `limit` or cannot be sent: text that was not UTF-8 and references
 * take more room when they are written again.
 */
export function encodeMetadata(properties: AmfObject, limit = MAX_METADATA_BYTES): Uint8Array | undefined {
  try {
    const body = encodeAmf0("onMetaData", new EcmaArray(properties));
    return body.length > limit ? undefined : body;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function isLeftOut(key: string, flags: FlvFlags, multitrack: boolean): boolean {
  return FILE_PROPERTY.test(key) ||
    !flags.hasVideo && VIDEO_PROPERTY.test(key) ||
    !flags.hasAudio && AUDIO_PROPERTY.test(key) ||
    !multitrack && TRACK_MAP.test(key);
}
