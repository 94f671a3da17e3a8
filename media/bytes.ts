const INITIAL_CAPACITY = 1024;

/**
 * A growing big-endian byte buffer: every writer of a format in this folder writes into one.
 *
 * Views from {@linkcode ByteWriter.view} stay valid and unchanged for ever: bytes once written are never written again,
 * and growth moves to a new buffer instead of moving the old one.
 */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacity = INITIAL_CAPACITY) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes fit before the buffer grows. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** A view of the bytes from `start` up to `end` (by default all that is written), not a copy. */
  view(start = 0, end: number = this.#length): Uint8Array {
    return this.#bytes.subarray(start, end);
  }

  /** Begins anew in the same buffer: for scratch writers whose views nobody keeps. */
  clear(): void {
    this.#length = 0;
  }

  /** Appends one byte. */
  u8(value: number): this {
    const at = this.#take(1);
    this.#bytes[at] = value;
    return this;
  }

  /** Appends an unsigned 16-bit number. */
  u16(value: number): this {
    const at = this.#take(2);
    this.#view.setUint16(at, value);
    return this;
  }

  /** Appends an unsigned 24-bit number. */
  u24(value: number): this {
    const at = this.#take(3);
    this.#bytes[at] = value >>> 16;
    this.#bytes[at + 1] = value >>> 8;
    this.#bytes[at + 2] = value;
    return this;
  }

  /** Appends an unsigned 32-bit number; larger numbers wrap. */
  u32(value: number): this {
    const at = this.#take(4);
    this.#view.setUint32(at, value);
    return this;
  }

  /** Appends an unsigned 32-bit number with the least significant byte first. */
  u32le(value: number): this {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  /** Appends an unsigned 64-bit number; exact up to 2^53. */
  u64(value: number): this {
    const at = this.#take(8);
    this.#view.setUint32(at, Math.floor(value / 0x1_0000_0000));
    this.#view.setUint32(at + 4, value);
    return this;
  }

  /** Appends an IEEE 754 double. */
  f64(value: number): this {
    const at = this.#take(8);
    this.#view.setFloat64(at, value);
    return this;
  }

  /** Appends bytes. */
  raw(bytes: Uint8Array): this {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  #take(count: number): number {
    const at = this.#length;
    const needed = at + count;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#length = needed;
    return at;
  }

  #grow(needed: number): void {
    const bytes = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/** One buffer with the bytes of all parts; a single part is returned as it is, without a copy. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
