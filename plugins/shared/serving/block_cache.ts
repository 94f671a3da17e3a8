/** A piece of a file in memory, shared by all who read there. Its bytes are never written to once they are read. */
export class Block {
  /** How many readers have it in a write. */
  holders = 0;
  /** Nobody finds it, or does so any more. */
  isDropped = true;

  /** `onDrop` takes it out of the file that it was found in. */
  constructor(readonly bytes: Uint8Array, readonly onDrop: (block: Block) => void) {}
}

/** Blocks that nobody holds are kept up to so many bytes, the ones used last: what a few hundred readers need next. */
const IDLE_BYTES = 32 * 1024 * 1024;

/** Up to so many bytes are held by readers as whole blocks; beyond that they are given small pieces. */
const HELD_BYTES = 64 * 1024 * 1024;

/** Counts what is in memory of files, and forgets what was used longest ago. */
export class BlockCache {
  readonly #idle = new Set<Block>();
  #idleBytes = 0;
  #heldBytes = 0;

  /** Bytes of blocks in memory, held or not. */
  get bytes(): number {
    return this.#idleBytes + this.#heldBytes;
  }

  /**
   * Whether readers already hold as much as they may. Then so many are slow, and at so many places, that sharing is of no
   * use and each should hold little.
   */
  get isFull(): boolean {
    return this.#heldBytes >= HELD_BYTES;
  }

  /** A block has been read and may be asked for. */
  keep(block: Block): void {
    block.isDropped = false;
    this.#addIdle(block);
  }

  /** A reader begins to use a block. */
  hold(block: Block): void {
    if (block.holders++ > 0) return;
    if (this.#idle.delete(block)) this.#idleBytes -= block.bytes.length;
    this.#heldBytes += block.bytes.length;
  }

  /** A reader has used a block. */
  release(block: Block): void {
    if (--block.holders > 0) return;
    this.#heldBytes -= block.bytes.length;
    if (!block.isDropped) this.#addIdle(block);
  }

  /** A block will not be asked for any more; those who hold it keep it. */
  drop(block: Block): void {
    block.isDropped = true;
    block.onDrop(block);
    if (this.#idle.delete(block)) this.#idleBytes -= block.bytes.length;
  }

  #addIdle(block: Block): void {
    this.#idle.add(block);
    this.#idleBytes += block.bytes.length;
    for (const oldest of this.#idle) {
      if (this.#idleBytes <= IDLE_BYTES) return;
      this.drop(oldest);
    }
  }
}
