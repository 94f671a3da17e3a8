import type { FileFacts, Files, OpenFile } from "../../../kernel/files/files.ts";
import { Block, type BlockCache } from "./block_cache.ts";
import type { OpenSlots, SlotHolder } from "./open_slots.ts";

/** Files are read in blocks of so many bytes, at multiples of them, so that readers at about the same place share one. */
export const BLOCK_BYTES = 128 * 1024;

/** What all files of one server share. */
export interface SharedFileDeps {
  readonly files: Files;
  readonly cache: BlockCache;
  readonly slots: OpenSlots;
}

/** A file that was there a moment ago and is not now; it has the system's code for that. */
export class FileGone extends Error {
  override readonly name = "FileGone";
  readonly code = "ENOENT";

  constructor(path: string) {
    super(`Cannot read ${path}: another file has taken its place, or none`);
  }
}

/** One state of a file: when it differs, what was read before may no longer be what is there. */
export function fileTag({ size, modified }: FileFacts): string {
  return `${size.toString(16)}-${modified.getTime().toString(16)}`;
}

/**
 * A file that any number read at once: it is open once or, while nobody needs it, not at all, and what several need is read
 * once.
 */
export class SharedFile implements SlotHolder {
  /** How many readings there are. */
  readers = 0;
  readonly #deps: SharedFileDeps;
  readonly #id: string;
  readonly #blocks = new Map<number, Block>();
  readonly #loading = new Map<number, Promise<Block>>();
  #path: string;
  #size: number;
  #tag: string;
  #handle?: Promise<OpenFile>;
  #busy = 0;
  #isClosed = false;
  readonly #unused = Promise.withResolvers<void>();

  constructor(path: string, facts: FileFacts, deps: SharedFileDeps) {
    this.#deps = deps;
    this.#id = facts.id;
    this.#path = path;
    this.#size = facts.size;
    this.#tag = fileTag(facts);
  }

  /** Learns what the file is called now and how it looks: what was read before it changed is forgotten. */
  update(path: string, facts: FileFacts): void {
    this.#path = path;
    this.#size = facts.size;
    if (fileTag(facts) === this.#tag) return;
    this.#tag = fileTag(facts);
    this.#forget();
  }

  /** Makes sure that it can be read. Rejects as opening does, with {@linkcode FileGone} when it is not this file any more. */
  async check(): Promise<void> {
    if (!this.#handle) await this.#use(() => Promise.resolve());
  }

  /** The block with this number, if it is in memory. */
  peek(index: number): Block | undefined {
    return this.#blocks.get(index);
  }

  /** Reads a block; those who want the same one at the same time share the read. */
  load(index: number): Promise<Block> {
    let loading = this.#loading.get(index);
    if (!loading) {
      loading = this.#load(index).finally(() => {
        if (this.#loading.get(index) === loading) this.#loading.delete(index);
      });
      this.#loading.set(index, loading);
    }
    return loading;
  }

  /** Reads so many bytes for one reader alone; fewer at the end. */
  read(position: number, count: number): Promise<Uint8Array> {
    return this.#use(async (file) => {
      const into = new Uint8Array(count);
      let filled = 0;
      while (filled < count) {
        const length = await file.read(into.subarray(filled), position + filled);
        if (length === 0) break;
        filled += length;
      }
      return into.subarray(0, filled);
    });
  }

  /** Closes it for good, as soon as nothing is being read. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#forget();
    if (this.#busy > 0) await this.#unused.promise;
    await this.yieldSlot();
  }

  /** Closes the file until it is needed again. */
  async yieldSlot(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#deps.slots.busy(this);
    if (!handle) return;
    try {
      await (await handle).close();
    } finally {
      this.#deps.slots.give();
    }
  }

  #forget(): void {
    this.#loading.clear();
    for (const block of this.#blocks.values()) this.#deps.cache.drop(block);
  }

  async #load(index: number): Promise<Block> {
    const tag = this.#tag;
    const start = index * BLOCK_BYTES;
    const bytes = await this.read(start, Math.max(0, Math.min(BLOCK_BYTES, this.#size - start)));
    const block = new Block(bytes, (dropped) => {
      if (this.#blocks.get(index) === dropped) this.#blocks.delete(index);
    });
    if (tag !== this.#tag || this.#isClosed) return block;
    this.#blocks.set(index, block);
    this.#deps.cache.keep(block);
    return block;
  }

  /** Runs something with the file open. */
  async #use<T>(run: (file: OpenFile) => Promise<T>): Promise<T> {
    const { slots } = this.#deps;
    if (this.#isClosed) throw new TypeError(`Cannot read ${this.#path}: it has been closed`);
    slots.busy(this);
    this.#busy++;
    try {
      const handle = this.#handle ??= this.#open();
      return await run(await handle);
    } finally {
      if (--this.#busy === 0) {
        if (this.#isClosed) this.#unused.resolve();
        else if (this.#handle) slots.idle(this);
      }
    }
  }

  async #open(): Promise<OpenFile> {
    const { files, slots } = this.#deps;
    await slots.take();
    let file: OpenFile | undefined;
    try {
      file = await files.open(this.#path, "read");
      if ((await files.facts(this.#path))?.id !== this.#id) throw new FileGone(this.#path);
      return file;
    } catch (error) {
      this.#handle = undefined;
      slots.give();
      await file?.close();
      throw error;
    }
  }
}
