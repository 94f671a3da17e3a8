import type { MediaPacket } from "../../../media/packet.ts";
import { Timeline } from "../../../kernel/timeline.ts";
import { Overlap } from "./overlap.ts";

/** Joins what comes over one connection after the other into one stream with one time. */
export class PulledStream {
  readonly #timeline = new Timeline();
  readonly #overlap = new Overlap();
  readonly #configs = new Map<string, Uint8Array>();
  #isJoining = true;
  #hasRepeats = false;
  #start?: number;

  /** How much has come, in seconds of the stream. */
  get seconds(): number {
    return this.#start === undefined ? 0 : (this.#timeline.front - this.#start) / 1_000_000;
  }

  /** Another connection begins. */
  begin(): void {
    this.#isJoining = true;
    this.#hasRepeats = false;
  }

  /**
   * The packet at its place in the stream; undefined for what the stream has already.
   *
   * `now` is when it arrived, in milliseconds of a monotonic clock.
   */
  take(packet: MediaPacket, now: number): MediaPacket | undefined {
    const { kind, role } = packet;
    if (role === "config") return this.#isNews(packet) ? this.#timeline.place(packet, now) : undefined;
    if (kind === "data" || role === "metadata" || role === "end") return this.#timeline.place(packet, now);
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

  #isNews({ kind, track, body }: MediaPacket): boolean {
    const key = `${kind} ${track}`;
    const known = this.#configs.get(key);
    if (known?.length === body.length && known.every((byte, i) => byte === body[i])) return false;
    this.#configs.set(key, body);
    return true;
  }
}
