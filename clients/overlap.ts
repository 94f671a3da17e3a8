import type { MediaPacket } from "../media/packet.ts";

/** How many frames are remembered: more than a server sends anew to one who comes back, its newest group of pictures. */
const REMEMBERED = 4096;

/**
 * Tells frames that have come before.
 *
 * A server sends its newest group of pictures to whoever connects; one who comes back to the same stream has most of it. That
 * the stream is the same shows by stamps and bytes together.
 */
export class Overlap {
  #newer = new Set<string>();
  #older = new Set<string>();

  /** Whether this very frame has come before; from now on it has. `packet` has the sender's own stamps. */
  isRepeat({ kind, track, dts, body }: MediaPacket): boolean {
    const frame = `${kind} ${track} ${dts} ${body.length} ${sumOf(body)}`;
    if (this.#newer.has(frame) || this.#older.has(frame)) return true;
    if (this.#newer.size >= REMEMBERED) {
      this.#older = this.#newer;
      this.#newer = new Set();
    }
    this.#newer.add(frame);
    return false;
  }
}

/** FNV-1a. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0x811c9dc5;
  for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193);
  return sum;
}
