/** Memory that is lent for a while. */
export interface LentBuffer extends Disposable {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Lends memory for parts, the same again and again: what is thrown away is only collected some time later, and parts are large.
 * One buffer stays for the next part; what is larger than a part is not kept.
 */
export class PartBuffers {
  readonly #size: number;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #lent = 0;

  /** `size` is that of parts, in bytes. */
  constructor(size: number) {
    this.#size = size;
  }

  /** How many buffers are kept. */
  get kept(): number {
    return this.#free.length;
  }

  /** Lends so many bytes, with anything in them. */
  take(length: number): LentBuffer {
    if (length > this.#size) return { bytes: new Uint8Array(length), [Symbol.dispose]: () => {} };
    const whole = this.#free.pop() ?? new Uint8Array(this.#size);
    this.#lent++;
    let isBack = false;
    return {
      bytes: whole.subarray(0, length),
      [Symbol.dispose]: () => {
        if (isBack) return;
        isBack = true;
        this.#back(whole);
      },
    };
  }

  #back(whole: Uint8Array<ArrayBuffer>): void {
    this.#free.push(whole);
    if (--this.#lent === 0) this.#free.length = 1;
  }
}
