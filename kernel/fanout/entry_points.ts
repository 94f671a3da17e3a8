import type { MediaPacket } from "../../media/packet.ts";

/** Sound alone can be entered anywhere; an entry a second gives a player a second of it at once, and cheap rings. */
const AUDIO_ENTRY_INTERVAL = 1_000_000;

/** Says where a stream can be entered: at the video's keys or, without video, about once a second. */
export class EntryPoints {
  #lastAudioEntry = -Infinity;

  /** True if decoding can start with this packet. Packets must come in order; only the main track counts. */
  isEntry(packet: MediaPacket, hasVideo: boolean): boolean {
    if (packet.track !== 0) return false;
    if (hasVideo) return packet.role === "key";
    if (packet.role !== "frame" || packet.kind !== "audio") return false;
    if (packet.dts - this.#lastAudioEntry < AUDIO_ENTRY_INTERVAL) return false;
    this.#lastAudioEntry = packet.dts;
    return true;
  }
}
