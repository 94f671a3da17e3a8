import { FormatError } from "./errors.ts";

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads big-endian fields one after another; whatever reaches beyond the end throws {@linkcode FormatError}. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
  }

  /** Where the next read begins. */
  get offset(): number {
    return this.#offset;
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#offset;
  }

  /** The next unsigned byte. */
  u8(): number {
    return this.#bytes[this.#take(1)];
  }

  /** The next unsigned byte, which stays unread; undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#offset];
  }

  /** The next unsigned 16-bit number. */
  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  /** The next unsigned 24-bit number. */
  u24(): number {
    return this.u8() << 16 | this.u16();
  }

  /** The next signed 16-bit number. */
  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  /** The next signed 32-bit number. */
  i32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  /** The next unsigned 32-bit number. */
  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** The next IEEE 754 double. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** The next `count` bytes, as a view. */
  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  /** All bytes that are left, as a view. */
  rest(): Uint8Array {
    return this.raw(this.left);
  }

  /** The next `count` bytes as UTF-8 text; what is not UTF-8 becomes U+FFFD. */
  text(count: number): string {
    return utf8.decode(this.raw(count));
  }

  #take(count: number): number {
    const at = this.#offset;
    if (count > this.#bytes.length - at) {
      throw new FormatError(`${count} bytes were announced at offset ${at}, but ${this.#bytes.length - at} are left`);
    }
    this.#offset = at + count;
    return at;
  }
}
