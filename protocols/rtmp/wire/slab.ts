/** How many bytes are taken from memory at once. */
const SLAB_BYTES = 64 * 1024;

/** Messages larger than this get memory of their own: at most this much of a slab stays unused. */
const LARGEST_PIECE = 8 * 1024;

/**
 * Copies small messages behind each other into larger pieces of memory, which costs a fraction of a piece for each.
 *
 * What is kept of a stream is kept and dropped in the order in which it came, so a slab outlives its messages by little.
 */
export class Slab {
  #bytes: Uint8Array<ArrayBuffer> = EMPTY;
  #used = 0;

  /** A copy of the bytes from `start` up to `end` that shares no memory with them. */
  copy(source: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length > LARGEST_PIECE) return Uint8Array.prototype.slice.call(source, start, end);
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += length;
    this.#bytes.set(source.subarray(start, end), at);
    return this.#bytes.subarray(at, this.#used);
  }
}

const EMPTY = new Uint8Array(0);
