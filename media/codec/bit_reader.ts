import { FormatError } from "../errors.ts";

/** No count, size or id in a parameter set needs more leading zeros than an Exp-Golomb code of 32 bits has. */
const MAX_LEADING_ZEROS = 32;

/** Reads fields of any number of bits, the most significant first; beyond the end it throws {@linkcode FormatError}. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bits are left. */
  get left(): number {
    return this.#bytes.length * 8 - this.#position;
  }

  /** The next bit as a flag. */
  flag(): boolean {
    return this.bits(1) === 1;
  }

  /** The next `count` bits, at most 32, as an unsigned number. */
  bits(count: number): number {
    if (count > this.left) {
      throw new FormatError(`Codec configuration ends early: ${count} more bits are needed, ${this.left} are left`);
    }
    let value = 0;
    for (let wanted = count; wanted > 0;) {
      const free = 8 - (this.#position & 7);
      const taken = Math.min(free, wanted);
      const piece = this.#bytes[this.#position >> 3] >> free - taken & (1 << taken) - 1;
      value = value * 2 ** taken + piece;
      this.#position += taken;
      wanted -= taken;
    }
    return value;
  }

  /** Passes over `count` bits. */
  skip(count: number): void {
    if (count > this.left) {
      throw new FormatError(`Codec configuration ends early: ${count} more bits are needed, ${this.left} are left`);
    }
    this.#position += count;
  }

  /** The next unsigned Exp-Golomb number (ITU-T H.264, 9.1). */
  ue(): number {
    let zeros = 0;
    while (!this.flag()) {
      if (++zeros > MAX_LEADING_ZEROS) {
        throw new FormatError("Codec configuration has an Exp-Golomb code without an end");
      }
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** The next signed Exp-Golomb number (ITU-T H.264, 9.1.1). */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
