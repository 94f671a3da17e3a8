/// <reference lib="dom" />
import { av1Record, vpRecord } from "../../../media/codec/config_writer.ts";
import { videoConfigBody, videoFrameBody } from "../../../media/flv/body_writer.ts";
import { codecStrings, VIDEO_CODECS, type VideoCodecName } from "./codec_choice.ts";
import type { UploadPacket } from "../upload/flv_upload.ts";
import { fitSize, type Size } from "./picture_size.ts";
import { copyOf } from "./copy_bytes.ts";

/** What a video encoder is to make. */
export interface VideoFormat {
  readonly codec: VideoCodecName;
  /** The most that the shorter side may have, in pixels. */
  readonly shortSide: number;
  readonly framesPerSecond: number;
  /** In bits per second. */
  readonly bitrate: number;
}

/** The configuration with which this browser encodes such a picture; undefined when it cannot. */
async function findConfig(format: VideoFormat, size: Size): Promise<VideoEncoderConfig | undefined> {
  for (const codec of codecStrings(format.codec, size, format.framesPerSecond)) {
    const config = configOf(codec, format, size);
    if (await isSupported(config)) return config;
  }
}

/** The codecs in which this browser encodes such a picture, in the order in which they are proposed. */
export async function findCodecs(format: Omit<VideoFormat, "codec">, size: Size): Promise<VideoCodecName[]> {
  const found = await Promise.all(VIDEO_CODECS.map((codec) => findConfig({ ...format, codec }, size)));
  return VIDEO_CODECS.filter((_, i) => found[i]);
}

function configOf(codec: string, format: VideoFormat, size: Size): VideoEncoderConfig {
  return {
    ...size,
    codec,
    bitrate: format.bitrate,
    framerate: format.framesPerSecond,
    latencyMode: "realtime",
    ...(format.codec === "avc" && { avc: { format: "avc" } }),
    ...(format.codec === "hevc" && { hevc: { format: "hevc" } }),
  };
}

async function isSupported(config: VideoEncoderConfig): Promise<boolean> {
  try {
    return (await VideoEncoder.isConfigSupported(config)).supported ?? false;
  } catch {
    return false;
  }
}

/** What becomes of a video encoder's work. */
export interface VideoEvents {
  onPacket(packet: UploadPacket): void;
  onError(error: Error): void;
}

/** Encodes frames into packets, in whatever size they come; a picture that changes its size begins anew with a key. */
export class VideoTrackEncoder implements Disposable {
  readonly #format: VideoFormat;
  readonly #events: VideoEvents;
  readonly #encoder: VideoEncoder;
  #source: Size = { width: 0, height: 0 };
  #config?: VideoEncoderConfig;
  #isConfiguring = false;
  #needsKey = false;
  #bitrate: number;

  constructor(format: VideoFormat, events: VideoEvents) {
    this.#format = format;
    this.#events = events;
    this.#bitrate = format.bitrate;
    this.#encoder = new VideoEncoder({ output: (chunk, meta) => this.#onChunk(chunk, meta), error: events.onError });
  }

  /** How many frames wait to be encoded. */
  get queue(): number {
    return this.#encoder.encodeQueueSize;
  }

  /** What is being made; undefined before the first frame. */
  get config(): VideoEncoderConfig | undefined {
    return this.#config;
  }

  /** Makes more or fewer bits from now on. */
  setBitrate(bitrate: number): void {
    this.#bitrate = bitrate;
    if (!this.#config || this.#isConfiguring || this.#encoder.state !== "configured") return;
    this.#config = { ...this.#config, bitrate };
    this.#encoder.configure(this.#config);
  }

  /** Encodes a frame whose timestamp is the session's time; false when it was left out. The frame stays the caller's. */
  encode(frame: VideoFrame, isKey: boolean): boolean {
    if (this.#encoder.state === "closed") return false;
    const { displayWidth: width, displayHeight: height } = frame;
    if (width !== this.#source.width || height !== this.#source.height) this.#configure({ width, height });
    this.#needsKey ||= isKey;
    if (this.#isConfiguring) return false;
    this.#encoder.encode(frame, { keyFrame: this.#needsKey });
    this.#needsKey = false;
    return true;
  }

  [Symbol.dispose](): void {
    if (this.#encoder.state !== "closed") this.#encoder.close();
  }

  async #configure(source: Size): Promise<void> {
    this.#source = source;
    this.#isConfiguring = true;
    const config = await findConfig(
      { ...this.#format, bitrate: this.#bitrate },
      fitSize(source, this.#format.shortSide),
    );
    if (this.#source !== source || this.#encoder.state === "closed") return;
    if (!config) return this.#events.onError(unsupported(this.#format, source));
    this.#config = config;
    this.#encoder.configure(config);
    this.#needsKey = true;
    this.#isConfiguring = false;
  }

  #onChunk(chunk: EncodedVideoChunk, meta: EncodedVideoChunkMetadata | undefined): void {
    const { codec } = this.#format;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const common = { kind: "video", codec, dts: chunk.timestamp } as const;
    const record = meta?.decoderConfig && recordOf(codec, meta.decoderConfig, data);
    if (record) this.#events.onPacket({ ...common, role: "config", body: videoConfigBody(codec, record) });
    const isKey = chunk.type === "key";
    this.#events.onPacket({ ...common, role: isKey ? "key" : "delta", body: videoFrameBody(codec, isKey, 0, data) });
  }
}

/** The decoder's configuration as FLV has it: as the encoder gives it, else made from what it says. */
function recordOf(codec: VideoCodecName, { codec: text, description }: VideoDecoderConfig, frame: Uint8Array) {
  if (description) return copyOf(description);
  if (codec === "av1") return av1Record(text, frame);
  return codec === "vp9" ? vpRecord(text) : undefined;
}

function unsupported({ codec }: VideoFormat, { width, height }: Size): Error {
  return new DOMException(`This browser cannot encode ${width} × ${height} in ${codec}`, "NotSupportedError");
}
