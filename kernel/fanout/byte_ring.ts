import { ByteWriter } from "../../media/bytes.ts";

/** How much a ring keeps for readers that lag behind. */
export interface RingLimits {
  /** Bytes kept in all, give or take a block; a GOP larger than this cannot be entered. */
  readonly bytes: number;
  /** Age in milliseconds of the oldest byte kept for a reader behind the newest entry. */
  readonly ms: number;
}

/** A block is closed at this size, so that growing one never copies more than this. */
const BLOCK_BYTES = 1024 * 1024;

/** The first block's capacity; later ones begin as large as the one before ended. */
const FIRST_CAPACITY = 16 * 1024;

const NO_BYTES = new ByteWriter(0);

/** A run of consecutive bytes in one buffer. An entry block begins with an init and a key unit. */
class Block {
  writer: ByteWriter;
  /** Where a reader goes on that comes from the block before: behind the init. */
  start = 0;
  /** Readers see the bytes before this. */
  flushed = 0;
  /** How many cursors stand in this block. */
  readers = 0;
  dropped = false;
  next?: Block;
  #view?: Uint8Array;
  #viewStart = 0;

  constructor(readonly isEntry: boolean, readonly startedAt: number, capacity: number) {
    this.writer = new ByteWriter(capacity);
  }

  /** The flushed bytes from `offset` on; all readers at the same place share one view. */
  viewFrom(offset: number): Uint8Array {
    if (this.#view && this.#viewStart === offset && offset + this.#view.length === this.flushed) return this.#view;
    this.#viewStart = offset;
    return this.#view = this.writer.view(offset, this.flushed);
  }

  /** Lets go of everything: a reader that has stalled may hold the block for long. */
  drop(): void {
    this.dropped = true;
    this.next = undefined;
    this.writer = NO_BYTES;
    this.#view = undefined;
  }
}

/** Where a reader stands in a {@linkcode ByteRing}. */
export class ByteCursor {
  /** @internal */ block?: Block;
  /** @internal */ offset = 0;
  /** How often the reader fell off the ring and went on at the newest entry. */
  skips = 0;
}

/**
 * One format's bytes of one stream: GOP cache, fan-out and back-pressure in one.
 *
 * Invariant: the newest entry block starts with everything a reader needs; every reader either stands at a unit's border
 * in a block that is still kept, or enters at an entry block's first byte. Bytes are written once and shared by all.
 */
export class ByteRing {
  /** How often readers fell off and jumped to the entry. */
  skips = 0;
  readonly #limits: RingLimits;
  #head?: Block;
  #tail?: Block;
  #entry?: Block;
  #unflushed?: Block;
  #bytes = 0;
  #capacity = FIRST_CAPACITY;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** Bytes held, with room already taken for more. */
  get size(): number {
    return this.#bytes + (this.#tail?.writer.capacity ?? 0);
  }

  /** True once a key unit has been written: before that nothing can be appended. */
  get isOpen(): boolean {
    return this.#tail !== undefined;
  }

  /** Begins a new entry block and returns the writer for its init; {@linkcode endInit} must follow. */
  beginEntry(now: number): ByteWriter {
    if (this.#tail) this.#capacity = Math.min(BLOCK_BYTES, Math.ceil(this.#tail.writer.length * 1.25));
    const writer = this.#addBlock(true, now).writer;
    this.#trim(now);
    return writer;
  }

  /** What was written since {@linkcode beginEntry} is the init: readers from the block before skip it. */
  endInit(): void {
    if (this.#tail) this.#tail.start = this.#tail.writer.length;
  }

  /** The writer for the next unit; whole units only. Throws before the first entry. */
  writer(now: number): ByteWriter {
    if (!this.#tail) throw new TypeError("A ring begins with an entry block");
    if (this.#tail.writer.length < BLOCK_BYTES) return this.#tail.writer;
    const writer = this.#addBlock(false, now).writer;
    this.#trim(now);
    return writer;
  }

  /** Shows readers what has been written; true if there was anything. */
  flush(): boolean {
    let any = false;
    for (let block = this.#unflushed; block; block = block.next) {
      any ||= block.flushed < block.writer.length;
      block.flushed = block.writer.length;
      if (block.isEntry) this.#entry = block;
    }
    this.#unflushed = this.#tail;
    return any;
  }

  /** The next bytes for a reader, undefined when it has seen all that is flushed. */
  read(cursor: ByteCursor): Uint8Array | undefined {
    if (!cursor.block || cursor.block.dropped) this.#enter(cursor);
    let block = cursor.block;
    if (!block || block.dropped) return undefined;
    while (cursor.offset >= block.flushed) {
      if (!block.next || block.flushed < block.writer.length) return undefined;
      this.#move(cursor, block.next, block.next.start);
      block = block.next;
    }
    const view = block.viewFrom(cursor.offset);
    cursor.offset = block.flushed;
    return view;
  }

  /** Forgets a reader. */
  leave(cursor: ByteCursor): void {
    if (cursor.block) cursor.block.readers--;
    cursor.block = undefined;
  }

  #enter(cursor: ByteCursor): void {
    if (!this.#entry) return;
    if (cursor.block) {
      cursor.skips++;
      this.skips++;
    }
    this.#move(cursor, this.#entry, 0);
  }

  #move(cursor: ByteCursor, block: Block, offset: number): void {
    if (cursor.block) cursor.block.readers--;
    block.readers++;
    cursor.block = block;
    cursor.offset = offset;
  }

  #addBlock(isEntry: boolean, now: number): Block {
    const block = new Block(isEntry, now, this.#capacity);
    if (this.#tail) {
      this.#bytes += this.#tail.writer.capacity;
      this.#tail.next = block;
    } else {
      this.#head = block;
      this.#unflushed = block;
    }
    return this.#tail = block;
  }

  /** Drops what is too much; never the last closed block, at whose end those stand who have read everything. */
  #trim(now: number): void {
    let beforeEntry = this.#entry !== undefined;
    for (let block = this.#head; block?.next && block.next !== this.#tail; block = this.#head) {
      beforeEntry &&= block !== this.#entry;
      const tooOld = block.startedAt < now - this.#limits.ms;
      const unwanted = beforeEntry && (block.readers === 0 || tooOld);
      if (!unwanted && this.#bytes <= this.#limits.bytes) return;
      this.#drop(block);
    }
  }

  #drop(block: Block): void {
    this.#bytes -= block.writer.capacity;
    this.#head = block.next;
    if (this.#entry === block) this.#entry = undefined;
    if (this.#unflushed === block) this.#unflushed = block.next;
    block.drop();
  }
}
