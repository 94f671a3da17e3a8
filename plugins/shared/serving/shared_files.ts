import type { Clock, Timer } from "../../../kernel/clock.ts";
import type { FileFacts, Files } from "../../../kernel/files/files.ts";
import { type Block, BlockCache } from "./block_cache.ts";
import { OpenSlots } from "./open_slots.ts";
import type { ResourceReading } from "./resource.ts";
import { BLOCK_BYTES, SharedFile } from "./shared_file.ts";

/** Files open at once for all readers together: well within what a server sets aside beside its connections. */
export const MAX_OPEN_FILES = 128;

/** A file that nobody reads any more stays open for so long, in milliseconds: players ask for one piece after the other. */
export const LINGER_MS = 2000;

/** What one of many slow readers is given at a time. */
const SMALL_BYTES = 16 * 1024;

/** The files that are being read, each open at most once. */
export class SharedFiles implements AsyncDisposable {
  readonly cache: BlockCache = new BlockCache();
  readonly #slots = new OpenSlots(MAX_OPEN_FILES);
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #shared = new Map<string, SharedFile>();
  readonly #lingering = new Map<string, Timer>();
  readonly #closing = new Set<Promise<void>>();
  #isOver = false;

  constructor(files: Files, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
  }

  /** How many files are open. */
  get open(): number {
    return this.#slots.taken;
  }

  /** Begins to read the file at a path, of which these are the facts now. Rejects as opening does. */
  async read(path: string, facts: FileFacts): Promise<ResourceReading> {
    if (this.#isOver) throw new TypeError(`Cannot read ${path}: reading has ended`);
    const file = this.#find(path, facts);
    const reading = new FileReading(file, this.cache, () => this.#left(facts.id, file));
    try {
      await file.check();
      return reading;
    } catch (error) {
      reading.close();
      throw error;
    }
  }

  /** Closes all files; whoever still reads fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const timer of this.#lingering.values()) timer[Symbol.dispose]();
    for (const [id, file] of this.#shared) this.#close(id, file);
    await Promise.allSettled(this.#closing);
  }

  #find(path: string, facts: FileFacts): SharedFile {
    const { id } = facts;
    this.#lingering.get(id)?.[Symbol.dispose]();
    this.#lingering.delete(id);
    let file = this.#shared.get(id);
    if (file) file.update(path, facts);
    else {
      file = new SharedFile(path, facts, { files: this.#files, cache: this.cache, slots: this.#slots });
      this.#shared.set(id, file);
    }
    file.readers++;
    return file;
  }

  #left(id: string, file: SharedFile): void {
    if (--file.readers > 0 || this.#isOver) return;
    this.#lingering.set(id, this.#clock.setTimeout(() => this.#close(id, file), LINGER_MS));
  }

  #close(id: string, file: SharedFile): void {
    this.#lingering.delete(id);
    this.#shared.delete(id);
    const closing = file.close().catch(() => {}).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** One answer's reading of a file: it holds at most one block, or a small piece when readers hold many. */
class FileReading implements ResourceReading {
  readonly #file: SharedFile;
  readonly #cache: BlockCache;
  readonly #onClose: () => void;
  #held?: Block;
  #isClosed = false;

  constructor(file: SharedFile, cache: BlockCache, onClose: () => void) {
    this.#file = file;
    this.#cache = cache;
    this.#onClose = onClose;
  }

  read(position: number): Uint8Array | Promise<Uint8Array> {
    this.#letGo();
    const index = Math.floor(position / BLOCK_BYTES);
    const offset = position - index * BLOCK_BYTES;
    const block = this.#file.peek(index);
    if (block && block.bytes.length > offset) return this.#hold(block, offset);
    if (this.#cache.isFull) return this.#file.read(position, SMALL_BYTES);
    return this.#file.load(index).then((block) => {
      // Somebody who knew of less of a growing file had it read.
      if (block.bytes.length <= offset) return this.#file.read(position, SMALL_BYTES);
      return this.#hold(block, offset);
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#letGo();
    this.#onClose();
  }

  #hold(block: Block, offset: number): Uint8Array {
    if (!this.#isClosed) {
      this.#held = block;
      this.#cache.hold(block);
    }
    return block.bytes.subarray(offset);
  }

  #letGo(): void {
    if (this.#held) this.#cache.release(this.#held);
    this.#held = undefined;
  }
}
