import type { TrackSource } from "../../media/format.ts";
import type { MediaKind, MediaPacket } from "../../media/packet.ts";
import { RateMeter } from "./rate_meter.ts";
import { TrackFacts, type TrackJson } from "./track_facts.ts";

/** What is known of a stream, for the API, the dashboard and metrics. */
export interface StreamFactsJson {
  /** Video and audio tracks, in the order in which they turned up. */
  readonly tracks: readonly TrackJson[];
  /** Bits per second of the current publication over the last whole seconds. */
  readonly bitrate: { readonly "1s": number; readonly "10s": number; readonly "60s": number };
  /** Packets since the stream began. */
  readonly packets: number;
  /** Bytes of payload since the stream began. */
  readonly bytes: number;
}

/** What is known of a stream, kept while its packets pass: tracks of the current publication, rates and totals. */
export class StreamFacts implements TrackSource {
  packets = 0;
  bytes = 0;
  #tracks: TrackFacts[] = [];
  #meter = new RateMeter();
  #newestAt = 0;

  get tracks(): readonly TrackFacts[] {
    return this.#tracks;
  }

  /** True once a video configuration or frame has come. */
  get hasVideo(): boolean {
    return this.#has("video");
  }

  /** True once an audio configuration or frame has come. */
  get hasAudio(): boolean {
    return this.#has("audio");
  }

  /** A publication begins: what was known of the tracks of the one before means nothing any more. */
  begin(): void {
    this.#tracks = [];
    this.#meter = new RateMeter();
  }

  /** Counts a packet that came at `nowMs` of the server's clock; true for a track's first configuration or frame. */
  observe(packet: MediaPacket, nowMs: number): boolean {
    this.packets++;
    this.bytes += packet.body.length;
    this.#meter.add(packet.body.length, nowMs);
    this.#newestAt = nowMs;
    let track = this.#find(packet.kind, packet.track);
    if (!track) this.#tracks.push(track = new TrackFacts(packet));
    return track.observe(packet, nowMs);
  }

  /** Says whether a `config` or `metadata` packet, not yet observed, differs from the one its track has. */
  isNews(packet: MediaPacket): boolean {
    const track = this.#find(packet.kind, packet.track);
    const known = packet.role === "config" ? track?.config : track?.metadata;
    return known === undefined || !isEqual(known.body, packet.body);
  }

  /** Says whether the track of a packet has a configuration. */
  hasConfigOf({ kind, track }: MediaPacket): boolean {
    return this.#find(kind, track)?.config !== undefined;
  }

  /** What a reader of packets must have first: metadata and configurations of all tracks, with `at`, in microseconds, as their time. */
  prelude(at: number): MediaPacket[] {
    return this.#tracks
      .flatMap((track) => [track.metadata, track.config])
      .filter((packet) => packet !== undefined)
      .map((packet) => ({ ...packet, dts: at, pts: at }));
  }

  /** What is known at `nowMs`: the bit rates of a publisher that has fallen silent go down to 0. */
  report(nowMs: number): StreamFactsJson {
    return {
      tracks: this.#tracks.filter(({ kind }) => kind !== "data").map((track) => track.report(nowMs)),
      bitrate: { "1s": this.#bitrate(1, nowMs), "10s": this.#bitrate(10, nowMs), "60s": this.#bitrate(60, nowMs) },
      packets: this.packets,
      bytes: this.bytes,
    };
  }

  /** What was known when the newest packet came. */
  toJSON(): StreamFactsJson {
    return this.report(this.#newestAt);
  }

  #bitrate(window: number, nowMs: number): number {
    return Math.round(this.#meter.perSecond(window, nowMs) * 8);
  }

  #has(kind: MediaKind): boolean {
    for (const track of this.#tracks) {
      if (track.kind === kind && track.isReal) return true;
    }
    return false;
  }

  #find(kind: MediaKind, number: number): TrackFacts | undefined {
    for (const track of this.#tracks) {
      if (track.track === number && track.kind === kind) return track;
    }
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
