import type { MediaPacket } from "../../../media/packet.ts";
import { Timeline } from "../../../kernel/streams/timeline.ts";
import { Overlap } from "./overlap.ts";

/** Of a live stream no server sends anew what is older than this, in milliseconds, and no copy is so far behind another. */
export const LIVE_JOIN_MS = 2000;

/** Joins what comes over one connection after the other into one stream with one time. */
export class PulledStream {
  readonly #timeline = new Timeline();
  readonly #overlap = new Overlap();
  /** The newest configurations and metadata. */
  readonly #heads = new Map<string, Uint8Array>();
  /** Tracks of which this connection has brought a key. */
  readonly #keyed = new Set<number>();
  readonly #joinMs: number;
  #isJoining = true;
  #joinsSince?: number;
  #hasRepeats = false;
  #start?: number;

  /**
   * What a server sends anew it sends at once: what still repeats after `joinMs` milliseconds of a connection does so because a
   * publisher plays the same again, and counts. By default all repeats are left out, as is right for playlists and files.
   */
  constructor(joinMs = Infinity) {
    this.#joinMs = joinMs;
  }

  /** How much has come, in seconds of the stream. */
  get seconds(): number {
    return this.#start === undefined ? 0 : (this.#timeline.front - this.#start) / 1_000_000;
  }

  /** Another connection begins. */
  begin(): void {
    this.#isJoining = true;
    this.#joinsSince = undefined;
    this.#hasRepeats = false;
    this.#keyed.clear();
  }

  /**
   * The packet at its place in the stream; undefined for what the stream has already, and for pictures that need others which
   * were lost between two connections.
   *
   * `now` is when it arrived, in milliseconds of a monotonic clock.
   */
  take(packet: MediaPacket, now: number): MediaPacket | undefined {
    const { kind, role, track } = packet;
    this.#joinsSince ??= now;
    if (this.#isJoining && now - this.#joinsSince >= this.#joinMs) this.#beginAnew();
    if (role === "config" || role === "metadata") {
      return this.#isNews(packet) ? this.#timeline.place(packet, now) : undefined;
    }
    if (kind === "data" || role === "end") return this.#timeline.place(packet, now);
    if (role === "key") this.#keyed.add(track);
    if (role === "delta" && !this.#keyed.has(track)) return undefined;
    if (this.#isJoining && this.#overlap.has(packet)) {
      this.#hasRepeats = true;
      return undefined;
    }
    this.#overlap.remember(packet);
    // What follows on what is known has its time too; anything else is a publication of its own.
    if (this.#isJoining && !this.#hasRepeats) this.#timeline.begin();
    this.#isJoining = false;
    const placed = this.#timeline.place(packet, now);
    this.#start ??= placed.dts;
    return placed;
  }

  /** What has been left out as repeats was none: the rest of a group of pictures is nothing without its key. */
  #beginAnew(): void {
    this.#isJoining = false;
    if (this.#hasRepeats) this.#keyed.clear();
    this.#timeline.begin();
  }

  #isNews({ kind, role, track, body }: MediaPacket): boolean {
    const key = `${kind} ${role} ${track}`;
    const known = this.#heads.get(key);
    if (known?.length === body.length && known.every((byte, i) => byte === body[i])) return false;
    this.#heads.set(key, body);
    return true;
  }
}
