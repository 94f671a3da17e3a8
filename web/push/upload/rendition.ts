/// <reference lib="dom" />
import { codecName } from "../../shared/codec_names.ts";
import { FlvUpload, type UploadMetadata, type UploadPacket } from "./flv_upload.ts";
import { Pressure } from "../encode/pressure.ts";
import { openWebSocket } from "./publish_address.ts";
import { measureUpload } from "./upload_probe.ts";
import { Uplink, type UplinkStatus } from "./uplink.ts";
import { type VideoFormat, VideoTrackEncoder } from "../encode/video_encoding.ts";

/** One stream that is to be published. */
export interface RenditionPlan {
  /** The WebSocket's address, key and all. */
  readonly url: string;
  readonly video: VideoFormat;
}

/** What a rendition tells and asks. */
export interface RenditionHost {
  /** The session's time, in microseconds. */
  now(): number;
  /** A connection begins: its first frame has to be a key. Gives the time that its stamps count from, in microseconds. */
  onOpen(): number;
  /** Nothing was encoded for so long that the next frame has to be a key. */
  onGap(): void;
  /** The connection's status has changed. */
  onChange(): void;
  /** It cannot be encoded; in words. */
  onFailed(words: string): void;
}

/** Counts and sizes of one moment; rates are what two of them differ by. */
export interface RenditionFigures {
  /** In milliseconds of a monotonic clock. */
  readonly at: number;
  readonly frames: number;
  readonly dropped: number;
  readonly sentBytes: number;
  /** How much of the stream waits to be sent, in milliseconds. */
  readonly queueMs: number;
  /** What the encoder is to make, in bits per second; undefined where nothing is encoded. */
  readonly bitrate?: number;
  /** In pixels; 0 before the first frame. */
  readonly width: number;
  readonly height: number;
  /** The names of what is sent: `H.264 · AAC`. */
  readonly codecs: string;
}

/** After so long a gap the next frame is a key, in milliseconds: whoever came meanwhile has waited long enough. */
const LONG_GAP_MS = 1000;

/** An encoder that fails so often without having made anything will not do better. */
const MAX_FAILURES = 3;

/** The lowest bit rate that is tried on a narrow connection, as a part of what was chosen and in bits per second. */
const FLOOR_SHARE = 0.08;
const FLOOR_BITRATE = 100_000;

/** One stream on its way: an encoder, a connection, and what keeps the two in step. */
export class Rendition implements Disposable {
  readonly #plan: RenditionPlan;
  readonly #host: RenditionHost;
  readonly #upload = new FlvUpload();
  readonly #uplink: Uplink;
  readonly #pressure: Pressure;
  #encoder?: VideoTrackEncoder;
  #isMeasuring = false;
  #failures = 0;
  #frames = 0;
  #dropped = 0;
  #gapSince?: number;

  constructor(plan: RenditionPlan, host: RenditionHost) {
    this.#plan = plan;
    this.#host = host;
    const ceiling = plan.video.bitrate;
    this.#pressure = new Pressure({
      ceiling,
      floor: Math.min(ceiling, Math.max(FLOOR_BITRATE, ceiling * FLOOR_SHARE)),
    });
    this.#uplink = new Uplink({
      open: () => openWebSocket(plan.url),
      later: (callback, ms) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      now: () => performance.now(),
      onChange: () => host.onChange(),
      onOpen: () => this.#begin(),
    });
  }

  /** How its connection is. */
  get status(): UplinkStatus {
    return this.#uplink.status;
  }

  /** What has come of it so far. */
  get figures(): RenditionFigures {
    const { width = 0, height = 0 } = this.#encoder?.config ?? {};
    return {
      at: performance.now(),
      frames: this.#frames,
      dropped: this.#dropped,
      sentBytes: this.#uplink.sentBytes,
      queueMs: this.#pressure.waiting(this.#uplink.queuedBytes),
      bitrate: this.#pressure.bitrate,
      width,
      height,
      codecs: this.#upload.codecs.map(codecName).join(" · "),
    };
  }

  /** Begins to connect, and goes on doing so until it is stopped. */
  start(metadata: UploadMetadata): void {
    this.#upload.describe(metadata);
    this.#uplink.start();
  }

  /** Ends the stream; it can be started again. */
  stop(): void {
    this.#uplink.stop();
    this.#encoder?.[Symbol.dispose]();
    this.#encoder = undefined;
  }

  /** Ends the stream. */
  [Symbol.dispose](): void {
    this.stop();
  }

  /**
   * Measures what the connection carries, in bits per second; undefined when it closes meanwhile. No picture is encoded
   * until it is done.
   */
  async measure(tick: () => Promise<void>): Promise<number | undefined> {
    this.#isMeasuring = true;
    try {
      return await measureUpload(this.#uplink, tick, () => performance.now());
    } finally {
      this.#isMeasuring = false;
      this.#pressure.restart();
    }
  }

  /** Whether a frame may be encoded now; counts it as dropped when it may not although there is a connection. */
  admits(): boolean {
    if (!this.#uplink.isOpen || this.#isMeasuring) return false;
    const now = performance.now();
    if (!this.#pressure.admits(this.#uplink.queuedBytes, this.#encoder?.queue ?? 0)) {
      this.#dropped++;
      this.#gapSince ??= now;
      return false;
    }
    if (this.#gapSince !== undefined && now - this.#gapSince >= LONG_GAP_MS) this.#host.onGap();
    this.#gapSince = undefined;
    return true;
  }

  /** Encodes a frame whose timestamp is the session's time. The frame stays the caller's. */
  encode(frame: VideoFrame, isKey: boolean): void {
    this.#encoder ??= this.#openEncoder(this.#plan.video);
    this.#encoder.encode(frame, isKey);
  }

  /** Sends what is encoded already. */
  send(packet: UploadPacket): void {
    if (packet.role === "config" && !this.#upload.keep(packet)) return;
    if (!this.#uplink.isOpen) return;
    const bytes = this.#upload.tag(packet);
    if (bytes) this.#uplink.send(bytes);
  }

  /** Looks at the connection, a few times a second. */
  look(): void {
    if (!this.#uplink.isOpen || this.#isMeasuring) return;
    const { givenBytes, queuedBytes } = this.#uplink;
    const isChanged = this.#pressure.look({ at: performance.now(), givenBytes, queuedBytes });
    if (isChanged) this.#encoder?.setBitrate(this.#pressure.bitrate);
  }

  #begin(): Uint8Array {
    this.#pressure.restart();
    const zero = this.#host.onOpen();
    return this.#upload.begin(this.#host.now(), zero);
  }

  #openEncoder(format: VideoFormat): VideoTrackEncoder {
    return new VideoTrackEncoder({ ...format, bitrate: this.#pressure.bitrate }, {
      onPacket: (packet) => {
        if (packet.role !== "config") this.#frames++;
        this.#failures = 0;
        this.send(packet);
      },
      onError: (error) => this.#onError(error),
    });
  }

  /** An encoder that the browser took away is opened anew. */
  #onError(error: Error): void {
    this.#encoder?.[Symbol.dispose]();
    this.#encoder = undefined;
    this.#failures++;
    if (error.name === "NotSupportedError" || this.#failures >= MAX_FAILURES) this.#host.onFailed(error.message);
  }
}
