/** A message's buffer may be so many times as large as what has arrived of it: few moves, and little to be had for a lie. */
const HEADROOM = 4;

const NOTHING = new Uint8Array(0);

/** What a peer's chunks on one chunk stream have said so far, and the message that is not complete. */
export class ChunkStream {
  /** Of the newest message, in milliseconds. */
  timestamp = 0;
  /** What a message without a timestamp of its own is later than the one before. */
  delta = 0;
  length = 0;
  type = 0;
  streamId = 0;
  /** The last header's extended timestamp; undefined when it had none. */
  extended: number | undefined;
  /** True from a message's first header to its last byte. */
  isOpen = false;
  /** How much of the message has arrived. */
  filled = 0;
  #body = NOTHING;

  constructor(readonly id: number) {}

  /** Bytes that the unfinished message occupies. */
  get held(): number {
    return this.#body.length;
  }

  /** Adds a part of the message. The buffer grows with what arrives, not with the length that a peer has announced. */
  append(part: Uint8Array): void {
    const filled = this.filled + part.length;
    if (filled > this.#body.length) {
      const larger = new Uint8Array(Math.min(this.length, filled * HEADROOM));
      larger.set(this.#body.subarray(0, this.filled));
      this.#body = larger;
    }
    this.#body.set(part, this.filled);
    this.filled = filled;
  }

  /** Ends the message, complete or not, and gives back its bytes. */
  close(): Uint8Array {
    const body = this.#body;
    this.#body = NOTHING;
    this.filled = 0;
    this.isOpen = false;
    return body;
  }
}
