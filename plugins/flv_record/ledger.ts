import type { TrackState } from "../../media/format.ts";
import { KeyframeIndex } from "../../media/flv/keyframe_index.ts";
import type { RecordingFacts } from "../../media/flv/recording_head.ts";
import type { MediaKind, MediaPacket } from "../../media/packet.ts";

/** What comes later than this after the frame before comes after a pause; frames are not so long, in milliseconds. */
const MAX_FRAME_MS = 1000;

/** How far apart the entry points of a recording without video are, in milliseconds. */
const AUDIO_ENTRY_MS = 1000;

/** A track of a recording as it begins there, which is what a player has to know first. */
class LedgerTrack implements TrackState {
  readonly kind: MediaKind;
  readonly track: number;
  codec: string;
  config?: MediaPacket;
  metadata?: MediaPacket;
  #lastMs?: number;
  #frameMs = 0;
  #endMs = 0;

  constructor({ kind, track, codec }: MediaPacket) {
    this.kind = kind;
    this.track = track;
    this.codec = codec;
  }

  /** When its last frame is over: frames are as long as the last one whose successor is known. */
  get endMs(): number {
    return this.#endMs + this.#frameMs;
  }

  /** A configuration or metadata; the first of each is kept. */
  describe(packet: MediaPacket): void {
    if (packet.role === "config") this.config ??= packet;
    else this.metadata ??= packet;
  }

  /** A frame that is decoded and shown at these times. */
  play(decodedMs: number, shownMs: number): void {
    const step = decodedMs - (this.#lastMs ?? decodedMs);
    if (step > 0 && step <= MAX_FRAME_MS) this.#frameMs = step;
    this.#lastMs = decodedMs;
    this.#endMs = Math.max(this.#endMs, shownMs);
  }
}

/**
 * What the tags of a recording amount to: its tracks, how long it plays, where it can be entered.
 *
 * Filled while it is written or, after a crash, while it is read: both come to the same.
 */
export class Ledger {
  readonly #tracks: LedgerTrack[] = [];
  #index = new KeyframeIndex();
  #published?: MediaPacket;
  #hasVideo = false;
  #hasHeader = false;
  #nextAudioEntry = 0;
  /** Grows when tracks or metadata turn up that a head which has been written does not have. */
  revision = 0;

  /** What the recording begins with; its end is told by `duration` and the rest. */
  get beginning(): RecordingFacts {
    return { tracks: this.#tracks, published: this.#published };
  }

  /** Everything, for a file that is complete with so many bytes. */
  complete(fileSize: number): RecordingFacts & { readonly duration: number } {
    return { ...this.beginning, duration: this.duration, fileSize, index: this.#index };
  }

  /** How long it plays, in milliseconds. */
  get duration(): number {
    return this.#tracks.reduce((longest, { endMs }) => Math.max(longest, endMs), 0);
  }

  /** What the publisher said of the stream; the first counts. */
  publish(metadata: MediaPacket): void {
    if (this.#published) return;
    this.#published = metadata;
    this.revision++;
  }

  /** Takes the next tag: its packet, its timestamp in milliseconds and its position in the file. */
  add(packet: MediaPacket, timestamp: number, position: number): void {
    const { kind, role } = packet;
    if (kind === "data") return role === "metadata" ? this.publish(packet) : undefined;
    const track = this.#track(packet);
    if (role === "config" || role === "metadata") this.#describe(track, packet);
    else if (role !== "end") track.play(timestamp, timestamp + (packet.pts - packet.dts) / 1000);
    if (packet.track === 0) this.#enter(packet, timestamp, position);
  }

  #track(packet: MediaPacket): LedgerTrack {
    const { kind, track } = packet;
    const known = this.#tracks.find((each) => each.kind === kind && each.track === track);
    if (known) return known;
    const added = new LedgerTrack(packet);
    this.#tracks.push(added);
    this.revision++;
    return added;
  }

  #describe(track: LedgerTrack, packet: MediaPacket): void {
    if (packet.role === "config" ? track.config : track.metadata) return;
    track.describe(packet);
    this.revision++;
  }

  /** Players take the first entry for the sequence header, so there is one more, be there a header or not. */
  #enter({ kind, role }: MediaPacket, timestamp: number, position: number): void {
    if (kind === "video" && !this.#hasVideo) this.#beginVideo();
    const isHeader = role === "config" && !this.#hasHeader && (kind === "video") === this.#hasVideo;
    const isEntry = this.#hasVideo ? role === "key" : role === "frame" && timestamp >= this.#nextAudioEntry;
    if (!isHeader && !isEntry) return;
    if (!this.#hasHeader) this.#index.add(timestamp, position);
    this.#hasHeader = true;
    if (!isEntry) return;
    this.#index.add(timestamp, position);
    this.#nextAudioEntry = timestamp + AUDIO_ENTRY_MS;
  }

  /** Sound alone can be entered anywhere; with pictures, only where there is a key. */
  #beginVideo(): void {
    this.#hasVideo = true;
    this.#hasHeader = false;
    this.#index = new KeyframeIndex();
  }
}
