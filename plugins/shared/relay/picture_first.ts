import { announcedTracks } from "../../../kernel/streams/probe.ts";
import type { MediaPacket } from "../../../media/packet.ts";

/**
 * How long announced pictures are waited for, in milliseconds: longer than most encoders take from key to key, and shorter than
 * the patience of a gateway that asks this server in turn.
 */
export const PICTURE_WAIT_MS = 7000;

/**
 * Has a stream of another server begin with its pictures, where its metadata announces some.
 *
 * Servers without a cache, such as nginx-rtmp, send sound at once and pictures from the next key frame on. Players would be told
 * that there is sound alone, and have to begin again when that has changed. Sound from before the first picture is left out.
 */
export class PictureFirst {
  #state: "begins" | "waits" | "flows" = "begins";
  #since = 0;
  /** What decoders of the sound that is left out will need of it, by track. */
  readonly #held = new Map<number, MediaPacket>();

  /** Whether sound is being left out. */
  get isWaiting(): boolean {
    return this.#state === "waits";
  }

  /** The packets that pass now that this one has come; `now` is in milliseconds of a monotonic clock. */
  pass(packet: MediaPacket, now: number): readonly MediaPacket[] {
    if (this.#state === "flows") return [packet];
    if (packet.kind === "data") {
      if (packet.role === "metadata") this.#hear(packet, now);
      return [packet];
    }
    if (packet.kind === "audio" && this.#state === "waits" && now - this.#since < PICTURE_WAIT_MS) {
      return this.#hold(packet);
    }
    this.#state = "flows";
    return [...this.#held.values(), packet];
  }

  #hear(metadata: MediaPacket, now: number): void {
    if (this.#state !== "begins" || !announcedTracks(metadata)?.hasVideo) return;
    this.#state = "waits";
    this.#since = now;
  }

  #hold(packet: MediaPacket): readonly MediaPacket[] {
    if (packet.role === "config") this.#held.set(packet.track, packet);
    return [];
  }
}
