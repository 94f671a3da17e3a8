import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
} from "node:fs/promises";
import { dirname } from "@std/path";
import { type FileFacts, type Files, type FolderEntry, hasCode, type OpenFile } from "./files.ts";

/** What a file that is being replaced is called until it is whole. */
const UNFINISHED = ".part";

/** So that replacements of one file at the same time do not write into each other, nor those of other isolates. */
let replacements = Math.floor(Math.random() * 2 ** 40);

/** The machine's disk. */
export const systemFiles: Files = {
  async create(path) {
    return new SystemFile(await inFolderOf(path, () => open(path, "wx+")), path);
  },

  async open(path, mode) {
    return new SystemFile(await open(path, mode === "read" ? "r" : "r+"), path);
  },

  async replace(path, content, mode) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const part = `${path}.${++replacements}${UNFINISHED}`;
    try {
      await inFolderOf(path, () => writeWhole(part, bytes, mode));
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  },

  async rename(from, to) {
    await inFolderOf(to, () => rename(from, to));
  },

  link: (path, second) => link(path, second),

  remove: (path) => rm(path, { recursive: true, force: true }),

  async removeEmpty(folder) {
    try {
      await rmdir(folder);
      return true;
    } catch (error) {
      if (NOT_EMPTY.some((code) => hasCode(error, code))) return false;
      throw error;
    }
  },

  realPath: (path) => unlessMissing(realpath(path)),

  async facts(path): Promise<FileFacts | undefined> {
    const found = await unlessMissing(stat(path));
    if (!found?.isFile() && !found?.isDirectory()) return undefined;
    return {
      kind: found.isFile() ? "file" : "folder",
      size: found.size,
      modified: found.mtime,
      id: `${found.dev}:${found.ino}`,
    };
  },

  async list(folder): Promise<readonly FolderEntry[]> {
    const entries = await unlessMissing(readdir(folder, { withFileTypes: true })) ?? [];
    return entries
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry) => ({ name: entry.name, kind: entry.isFile() ? "file" : "folder" }));
  },

  async lock(path, content) {
    await mkdir(dirname(path), { recursive: true });
    const file = await Deno.open(path, { create: true, read: true, write: true });
    try {
      if (await file.tryLock(true)) {
        await file.truncate();
        await file.write(new TextEncoder().encode(content));
        return file;
      }
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
  },

  async freeBytes(path) {
    for (let at = path;; at = dirname(at)) {
      const found = await unlessMissing(statfs(at)).catch(() => null);
      if (found) return found.bavail * found.bsize;
      if (found === null || dirname(at) === at) return undefined;
    }
  },
};

class SystemFile implements OpenFile {
  readonly #path: string;
  #handle?: FileHandle;
  #end = 0;

  constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    return (await this.#open().read(into, 0, into.length, position)).bytesRead;
  }

  async write(bytes: Uint8Array, position = this.#end): Promise<void> {
    this.#end = Math.max(this.#end, position + bytes.length);
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#open().write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }

  async sync(): Promise<void> {
    await this.#open().datasync();
  }

  async truncate(size: number): Promise<void> {
    await this.#open().truncate(size);
    this.#end = Math.min(this.#end, size);
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(): FileHandle {
    if (!this.#handle) throw new TypeError(`Cannot use ${this.#path}: it has been closed`);
    return this.#handle;
  }
}

/** A folder that has nothing in it yet may be taken away before something is: then it is made again. */
const ATTEMPTS = 3;

async function inFolderOf<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    let isMade = false;
    try {
      await mkdir(dirname(path), { recursive: true });
      isMade = true;
      return await work();
    } catch (error) {
      const isGone = hasCode(error, "ENOENT") || (!isMade && hasCode(error, "EEXIST"));
      if (attempt === ATTEMPTS || !isGone) throw error;
    }
  }
}

async function writeWhole(path: string, bytes: Uint8Array, mode?: number): Promise<void> {
  await using file = new SystemFile(await open(path, "w", mode), path);
  await file.write(bytes);
}

/** There is something in it, there is no folder, or something else has its name. */
const NOT_EMPTY = ["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR"];

/** There is nothing, something else is in the way, or links lead round in a circle. */
const MISSING = ["ENOENT", "ENOTDIR", "ELOOP"];

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (MISSING.some((code) => hasCode(error, code))) return undefined;
    throw error;
  }
}
