import type { Files, OpenFile } from "../../kernel/files/files.ts";
import { systemFiles } from "../../kernel/files/system_files.ts";

/** The machine's disk, which counts what is done to it; reading can be held up. */
export class CountingFiles {
  /** Files that were to be opened so far. */
  asked = 0;
  /** Files opened so far. */
  opens = 0;
  /** Files open now. */
  open = 0;
  /** The most files that were open at once. */
  mostOpen = 0;
  /** Reads begun so far. */
  reads = 0;
  /** Bytes read so far. */
  bytes = 0;
  #gate: Promise<void> = Promise.resolve();
  #openGate: Promise<void> = Promise.resolve();

  /** What a server is given. */
  readonly files: Files = {
    ...systemFiles,
    open: async (path, mode) => {
      this.asked++;
      await this.#openGate;
      return this.#counted(await systemFiles.open(path, mode));
    },
  };

  /** Lets no read finish until the function that it gives is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    return resolve;
  }

  /** Lets no file be opened until the function that it gives is called. */
  holdOpens(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#openGate = promise;
    return resolve;
  }

  #counted(file: OpenFile): OpenFile {
    this.opens++;
    this.mostOpen = Math.max(this.mostOpen, ++this.open);
    let isOpen = true;
    const close = async () => {
      if (isOpen) this.open--;
      isOpen = false;
      await file.close();
    };
    return {
      read: async (into, position) => {
        this.reads++;
        await this.#gate;
        const count = await file.read(into, position);
        this.bytes += count;
        return count;
      },
      write: (bytes, position) => file.write(bytes, position),
      sync: () => file.sync(),
      truncate: (size) => file.truncate(size),
      close,
      [Symbol.asyncDispose]: close,
    };
  }
}
