import { BitReader } from "../codec/bit_reader.ts";

/** The identifier of a program config element among the elements of an AAC frame (ISO/IEC 14496-3, table 4.85). */
const ID_PCE = 5;

const OBJECT_SBR = 5;
const OBJECT_PS = 29;
const EXPLICIT_RATE = 15;

/**
 * The element that describes the channels of AAC whose configuration lists them itself, as frames have it: bytes that can
 * stand in front of any frame, which decoders of ADTS need.
 *
 * `config` is an AudioSpecificConfig with the channel configuration 0, of one of the first four object types. Comments are
 * left out. Throws `FormatError` when it is cut off. Follows ISO/IEC 14496-3, 1.6.2.1 and 4.4.1.1.
 */
export function programConfigElement(config: Uint8Array): Uint8Array {
  const bits = new BitReader(config);
  skipToElement(bits);
  const copy = new BitCopier(bits);
  copy.put(ID_PCE, 3);
  copyElement(copy);
  return copy.bytes();
}

/** Passes over everything in front of the element, which ends a GASpecificConfig. */
function skipToElement(bits: BitReader): void {
  const objectType = bits.bits(5);
  skipRate(bits);
  bits.skip(4);
  if (objectType === OBJECT_SBR || objectType === OBJECT_PS) {
    skipRate(bits);
    bits.skip(5);
  }
  bits.skip(1);
  if (bits.flag()) bits.skip(14);
  bits.skip(1);
}

function skipRate(bits: BitReader): void {
  if (bits.bits(4) === EXPLICIT_RATE) bits.skip(24);
}

/** Everything of the element up to where it is aligned, and an empty comment. */
function copyElement(copy: BitCopier): void {
  copy.bits(4 + 2 + 4);
  const [front, side, back] = [copy.bits(4), copy.bits(4), copy.bits(4)];
  const lfe = copy.bits(2);
  const associated = copy.bits(3);
  const coupling = copy.bits(4);
  if (copy.bits(1)) copy.bits(4);
  if (copy.bits(1)) copy.bits(4);
  if (copy.bits(1)) copy.bits(3);
  for (let i = 0; i < front + side + back; i++) copy.bits(5);
  for (let i = 0; i < lfe + associated; i++) copy.bits(4);
  for (let i = 0; i < coupling; i++) copy.bits(5);
  copy.align();
  copy.put(0, 8);
}

/** Writes bits that it reads, and others between them. */
class BitCopier {
  readonly #source: BitReader;
  readonly #bits: number[] = [];

  constructor(source: BitReader) {
    this.#source = source;
  }

  /** Copies the next bits, and gives back the number that they are. */
  bits(count: number): number {
    const value = this.#source.bits(count);
    this.put(value, count);
    return value;
  }

  /** Appends a number of so many bits. */
  put(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.#bits.push(value >> bit & 1);
  }

  /** Appends zeros up to a whole byte. */
  align(): void {
    while (this.#bits.length % 8 !== 0) this.#bits.push(0);
  }

  /** What has been written, which must be whole bytes. */
  bytes(): Uint8Array {
    const byteAt = (at: number) => this.#bits.slice(8 * at, 8 * at + 8).reduce((value, bit) => value << 1 | bit);
    return Uint8Array.from({ length: this.#bits.length / 8 }, (_, at) => byteAt(at));
  }
}
