import type { MediaPacket } from "../../../media/packet.ts";

/** How many frames are remembered: more than a server sends anew to one who comes back. */
const REMEMBERED = 8192;

/** Memory is taken in step with the frames that come, from so many on. */
const FIRST_REMEMBERED = 256;

/** Stamps in neighbouring spans of so many microseconds may be the same: those of HLS are not exact. */
const SPAN = 1_000_000;

/** Spans are told apart modulo this: six days, and with 32 bits of content it is what a number holds exactly. */
const SPANS = 2 ** 19;

/** Of longer bodies so many bytes at the beginning and at the end are looked at. */
const EDGE_BYTES = 256;

/**
 * Tells frames that have come before.
 *
 * A server sends its newest group of pictures to whoever connects, or a playlist of some segments; one who comes back to the
 * same stream has most of it. That the stream is the same shows by stamps and bytes together.
 */
export class Overlap {
  /** A frame's content and span in one number; the oldest is overwritten by the newest. */
  #frames = new Float64Array(FIRST_REMEMBERED);
  #count = 0;
  /** Of all that is remembered; made when it is asked for. */
  #index?: ReadonlySet<number>;

  /** From now on this frame has come. `packet` has the sender's own stamps. */
  remember(packet: MediaPacket): void {
    if (this.#count === this.#frames.length && this.#count < REMEMBERED) this.#grow();
    this.#frames[this.#count++ % this.#frames.length] = frameOf(packet, 0);
    this.#index = undefined;
  }

  /** Whether this very frame has come before. */
  has(packet: MediaPacket): boolean {
    this.#index ??= new Set(this.#frames.subarray(0, Math.min(this.#count, this.#frames.length)));
    return [-1, 0, 1].some((away) => this.#index?.has(frameOf(packet, away)));
  }

  #grow(): void {
    const larger = new Float64Array(this.#frames.length * 2);
    larger.set(this.#frames);
    this.#frames = larger;
  }
}

/** A frame as a number, in the span of its stamp or so many spans away. */
function frameOf({ kind, track, dts, body }: MediaPacket, away: number): number {
  const span = Math.floor(dts / SPAN) + away;
  let sum = 0x811c9dc5 ^ (track << 1 | Number(kind === "video"));
  sum = Math.imul(sum, 0x01000193) ^ body.length;
  if (body.length <= 2 * EDGE_BYTES) sum = summed(sum, body, 0, body.length);
  else sum = summed(summed(sum, body, 0, EDGE_BYTES), body, body.length - EDGE_BYTES, body.length);
  return (sum >>> 0) * SPANS + (span % SPANS + SPANS) % SPANS;
}

/** FNV-1a. */
function summed(sum: number, bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) sum = Math.imul(sum ^ bytes[at], 0x01000193);
  return sum;
}
