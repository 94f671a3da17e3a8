import type { MediaPacket } from "../../../media/packet.ts";

/** How many frames are remembered: more than a server sends anew to one who comes back. */
const REMEMBERED = 4096;

/** Stamps in neighbouring spans of so many microseconds may be the same: those of HLS are not exact. */
const SPAN = 1_000_000;

/**
 * Tells frames that have come before.
 *
 * A server sends its newest group of pictures to whoever connects, or a playlist of some segments; one who comes back to the
 * same stream has most of it. That the stream is the same shows by stamps and bytes together.
 */
export class Overlap {
  #newer = new Set<string>();
  #older = new Set<string>();

  /** Whether this very frame has come before; from now on it has. `packet` has the sender's own stamps. */
  isRepeat({ kind, track, dts, body }: MediaPacket): boolean {
    const content = `${kind} ${track} ${body.length} ${sumOf(body)}`;
    const span = Math.floor(dts / SPAN);
    for (let near = span - 1; near <= span + 1; near++) {
      const frame = `${content} ${near}`;
      if (this.#newer.has(frame) || this.#older.has(frame)) return true;
    }
    if (this.#newer.size >= REMEMBERED) {
      this.#older = this.#newer;
      this.#newer = new Set();
    }
    this.#newer.add(`${content} ${span}`);
    return false;
  }
}

/** FNV-1a. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum;
}
