import { type CodecDescription, describeCodec } from "../../media/codec/describe.ts";
import type { TrackState } from "../../media/format.ts";
import type { Codec, MediaKind, MediaPacket } from "../../media/packet.ts";
import { PicturePace } from "./picture_pace.ts";
import { RateMeter } from "./rate_meter.ts";

/** The window of a track's bit rate, in seconds. */
const RATE_WINDOW = 10;

/**
 * Largest configuration or metadata that is kept for viewers to come, in bytes. Real ones have some hundreds, seldom some
 * thousands; there may be one of each for 512 tracks, and all of them precede every key frame.
 */
export const MAX_KEPT_BYTES = 65_536;

/** What is known of one track; what is not known is absent. */
export interface TrackJson extends CodecDescription {
  readonly kind: MediaKind;
  /** Its number among the tracks of its kind; 0 is the main one. */
  readonly track: number;
  readonly codec: Codec;
  /** Bits per second over the last ten seconds. */
  readonly bitrate: number;
  readonly packets: number;
  readonly bytes: number;
  /** Pictures per second, as measured. */
  readonly frameRate?: number;
  /** Seconds from key to key, as measured. */
  readonly gopSeconds?: number;
}

/** What is known of one track of a publication, kept while its packets pass. */
export class TrackFacts implements TrackState {
  readonly kind: MediaKind;
  readonly track: number;
  codec: Codec;
  config?: MediaPacket;
  metadata?: MediaPacket;
  packets = 0;
  bytes = 0;
  /** True once a configuration or a frame has come: metadata alone makes no track. */
  isReal = false;
  readonly #meter = new RateMeter();
  readonly #pace?: PicturePace;
  #described?: { readonly codec: Codec; readonly config?: MediaPacket; readonly description: CodecDescription };

  /** Takes kind, number and codec of the track's first packet, which is still to be observed. */
  constructor({ kind, track, codec }: MediaPacket) {
    this.kind = kind;
    this.track = track;
    this.codec = codec;
    if (kind === "video") this.#pace = new PicturePace();
  }

  /** Counts a packet of this track that came at `nowMs`; true for its first configuration or frame. */
  observe(packet: MediaPacket, nowMs: number): boolean {
    this.packets++;
    this.bytes += packet.body.length;
    this.#meter.add(packet.body.length, nowMs);
    const wasReal = this.isReal;
    if (packet.role === "metadata") this.metadata = kept(packet);
    else if (packet.role !== "end") this.#observeMedia(packet);
    return this.isReal && !wasReal;
  }

  /** What is known at `nowMs`. */
  report(nowMs: number): TrackJson {
    const { kind, track, codec, packets, bytes } = this;
    return {
      kind,
      track,
      codec,
      ...this.#describe(),
      bitrate: Math.round(this.#meter.perSecond(RATE_WINDOW, nowMs) * 8),
      packets,
      bytes,
      frameRate: this.#pace?.frameRate,
      gopSeconds: this.#pace?.gopSeconds,
    };
  }

  #observeMedia(packet: MediaPacket): void {
    this.isReal = true;
    if (packet.codec !== this.codec) {
      this.codec = packet.codec;
      this.config = undefined;
    }
    if (packet.role === "config") this.config = kept(packet);
    else this.#pace?.observe(packet);
  }

  #describe(): CodecDescription {
    const { codec, config } = this;
    if (!this.#described || this.#described.config !== config || this.#described.codec !== codec) {
      this.#described = { codec, config, description: describeCodec(codec, config?.data) };
    }
    return this.#described.description;
  }
}

function kept(packet: MediaPacket): MediaPacket | undefined {
  return packet.body.length <= MAX_KEPT_BYTES ? packet : undefined;
}
