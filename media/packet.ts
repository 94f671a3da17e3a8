/** What a packet carries. */
export type MediaKind = "video" | "audio" | "data";

/**
 * What a packet is to those who read it.
 *
 * - `config`: the decoder's configuration (AVC, HEVC, AAC … sequence header); no picture and no sound
 * - `key`: a video frame that needs no other to be decoded
 * - `delta`: a video frame that needs earlier ones
 * - `frame`: audio, all of which can be entered anywhere
 * - `metadata`: what describes the stream (`onMetaData`, HDR colour information)
 * - `end`: the encoder says that this track ends here
 */
export type PacketRole = "config" | "key" | "delta" | "frame" | "metadata" | "end";

/** The codecs that Sluice knows by name. */
export type KnownCodec =
  | "avc"
  | "hevc"
  | "vvc"
  | "av1"
  | "vp8"
  | "vp9"
  | "aac"
  | "mp3"
  | "opus"
  | "flac"
  | "ac3"
  | "eac3"
  | "script";

/** A codec's name; what nobody knows passes through under a name made of its kind and number, such as `video-4`. */
export type Codec = KnownCodec | (string & Record<never, never>);

/**
 * One frame, configuration or message of a stream.
 *
 * Immutable: no field and no byte is ever written after it is made, so that every reader of a stream shares it. Times
 * are integers in microseconds; `pts` may be earlier or later than `dts`.
 */
export interface MediaPacket {
  readonly kind: MediaKind;
  readonly role: PacketRole;
  readonly codec: Codec;
  /** 0 for the main track; more only in enhanced RTMP's multitrack streams. */
  readonly track: number;
  /** When it is to be decoded, in microseconds. */
  readonly dts: number;
  /** When it is to be shown, in microseconds. */
  readonly pts: number;
  /**
   * The payload without any container: length-prefixed NAL units, a raw AAC frame, an AVCDecoderConfigurationRecord,
   * an AudioSpecificConfig, the AMF0 values of a script message …
   */
  readonly data: Uint8Array;
  /** The same as an FLV tag body, byte for byte as it came in; a view on the same memory as `data` where it can be. */
  readonly body: Uint8Array;
  /** True on the first packet after a break in the timeline. */
  readonly discontinuity?: boolean;
}

/** Says whether decoding can start with this packet, given that the stream has video or has not. */
export function isEntryPoint(packet: MediaPacket, hasVideo: boolean): boolean {
  if (packet.track !== 0) return false;
  return hasVideo ? packet.role === "key" : packet.role === "frame";
}
