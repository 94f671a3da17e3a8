import type { FileFacts, Files, OpenFile } from "../../../../kernel/files/files.ts";
import { systemFiles } from "../../../../kernel/files/system_files.ts";

/** What stands at a position of a made file. */
export function madeByte(position: number): number {
  return (position * 7 + (position >>> 10)) & 0xff;
}

/** A disk on which every path is a file of the same size, whose bytes are made as they are read. */
export class MadeFiles {
  opens = 0;
  open = 0;
  mostOpen = 0;
  reads = 0;
  /** What happens before a file is opened. */
  beforeOpen: (path: string) => Promise<void> = () => Promise.resolve();
  /** What happens before something is read. */
  beforeRead: () => Promise<void> = () => Promise.resolve();
  /** Another one when the file at a path has been replaced. */
  identity: (path: string) => string = (path) => path;

  constructor(public size: number) {}

  readonly files: Files = {
    ...systemFiles,
    facts: (path) => Promise.resolve(this.facts(path)),
    open: async (path) => {
      await this.beforeOpen(path);
      this.opens++;
      this.mostOpen = Math.max(this.mostOpen, ++this.open);
      return this.#file();
    },
  };

  facts(path: string): FileFacts {
    return { kind: "file", size: this.size, modified: new Date(0), id: this.identity(path) };
  }

  #file(): OpenFile {
    let isOpen = true;
    const close = () => {
      if (isOpen) this.open--;
      isOpen = false;
      return Promise.resolve();
    };
    const refuse = () => Promise.reject(new Error("This file is only read"));
    return {
      read: async (into, position) => {
        this.reads++;
        await this.beforeRead();
        if (!isOpen) throw new Error("Read from a file that has been closed");
        const count = Math.max(0, Math.min(into.length, this.size - position));
        for (let i = 0; i < count; i++) into[i] = madeByte(position + i);
        return count;
      },
      write: refuse,
      sync: refuse,
      truncate: refuse,
      close,
      [Symbol.asyncDispose]: close,
    };
  }
}
