/** How many numbers are in a block: lists grow by so much, and nothing is copied when they do. */
const BLOCK_LENGTH = 16_384;

/** A growing list of numbers, each in four bytes (unsigned) or in eight (`wide`: exact up to 2^53). */
export class NumberList {
  readonly #wide: boolean;
  readonly #blocks: (Uint32Array | Float64Array)[] = [];
  #length = 0;

  constructor({ wide = false }: { wide?: boolean } = {}) {
    this.#wide = wide;
  }

  /** How many numbers there are. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes of memory they take. */
  get memory(): number {
    return this.#blocks.length * BLOCK_LENGTH * (this.#wide ? 8 : 4);
  }

  /** Appends a number; those of four bytes wrap. */
  push(value: number): void {
    const at = this.#length % BLOCK_LENGTH;
    if (at === 0) this.#blocks.push(this.#wide ? new Float64Array(BLOCK_LENGTH) : new Uint32Array(BLOCK_LENGTH));
    this.#blocks[this.#blocks.length - 1][at] = value;
    this.#length++;
  }

  /** The number at an index that is in the list. */
  at(index: number): number {
    return this.#blocks[Math.floor(index / BLOCK_LENGTH)][index % BLOCK_LENGTH];
  }

  /** Puts another number at an index that is in the list. */
  set(index: number, value: number): void {
    this.#blocks[Math.floor(index / BLOCK_LENGTH)][index % BLOCK_LENGTH] = value;
  }
}
