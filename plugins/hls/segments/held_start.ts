import type { MediaPacket } from "../../../media/packet.ts";

/**
 * So long after its first picture, in microseconds, a stream may turn out to have sound without its tracks having changed: MP3
 * and AC-3 have no configuration that would announce them.
 */
const SOUND_WAIT = 500_000;

/** No more frames are held for that, whatever their stamps say: half a second of 200 pictures a second. */
const MAX_HELD = 100;

/** The frames of a stream that has just begun, until it is known whether it has sound. */
export class HeldStart {
  #held: MediaPacket[] = [];

  /** Holds a frame back, when the stream that begins with it, or with what is held, may turn out to have sound in a moment. */
  hold(packet: MediaPacket): boolean {
    const first = this.#held[0] ?? packet;
    const isOver = packet.dts - first.dts >= SOUND_WAIT || this.#held.length >= MAX_HELD;
    if (first.role !== "key" || isOver) return false;
    this.#held.push(packet);
    return true;
  }

  /** Gives out what was held: it is known now. */
  release(): readonly MediaPacket[] {
    const held = this.#held;
    if (held.length > 0) this.#held = [];
    return held;
  }
}
