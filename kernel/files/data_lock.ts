import { join } from "@std/path";
import { errorText } from "../error_text.ts";
import type { Files, OpenFile } from "./files.ts";
import type { Logger } from "../log/log.ts";

/** The file in the data folder that the server which writes there holds locked; nobody is served it. */
export const LOCK_FILE = ".lock";

/** More than a number of a process has digits. */
const MAX_PID_BYTES = 32;

/** Another server writes into the data folder. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
}

/**
 * Keeps a data folder for one server: a second one would take for left behind what the first still writes, and repair it.
 *
 * The system holds the lock and lets go when the process ends, however it ends. The folder is taken by the first plugin that
 * asks, so that a server which writes nothing needs none.
 */
export class DataLock implements AsyncDisposable {
  readonly #files: Files;
  readonly #folder: string;
  readonly #log: Logger;
  #taken?: Promise<Disposable | undefined>;

  constructor(files: Files, folder: string, log: Logger) {
    this.#files = files;
    this.#folder = folder;
    this.#log = log;
  }

  /**
   * Takes the folder, once. On a disk that knows no locks, or may not be written to, it is used without one, and the log says so.
   *
   * @throws {DataFolderError} when another server has it
   */
  async take(): Promise<void> {
    await (this.#taken ??= this.#take());
  }

  /** Lets go of the folder, if it was taken. */
  async [Symbol.asyncDispose](): Promise<void> {
    const lock = await this.#taken?.catch(() => undefined);
    lock?.[Symbol.dispose]();
  }

  async #take(): Promise<Disposable | undefined> {
    const path = join(this.#folder, LOCK_FILE);
    let lock: Disposable | undefined;
    try {
      lock = await this.#files.lock(path, `${Deno.pid}\n`);
    } catch (error) {
      const why = errorText(error);
      this.#log.warn(`Cannot lock ${this.#folder}, and would not notice another server that writes there: ${why}`);
      return undefined;
    }
    if (!lock) throw new DataFolderError(await this.#refusal(path));
    return lock;
  }

  async #refusal(path: string): Promise<string> {
    const pid = await readPid(this.#files, path);
    const who = pid === undefined ? "another server" : `another server, process ${pid},`;
    return `Cannot use the data folder ${this.#folder}: ${who} writes there`;
  }
}

/** Who holds the lock; undefined where the system lets nobody read a locked file. */
async function readPid(files: Files, path: string): Promise<number | undefined> {
  try {
    await using file: OpenFile = await files.open(path, "read");
    const bytes = new Uint8Array(MAX_PID_BYTES);
    const length = await file.read(bytes, 0);
    return Number.parseInt(new TextDecoder().decode(bytes.subarray(0, length)), 10) || undefined;
  } catch {
    return undefined;
  }
}
