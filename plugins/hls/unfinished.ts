import { join } from "@std/path";
import { z } from "zod";
import type { Disk } from "./recorded_session.ts";

/** The folder of the marks; no stream can have its name. */
const FOLDER = "hls/.unfinished";

const SUFFIX = ".json";

const SHAPE = z.object({ stream: z.string(), path: z.string().regex(/^hls\/(?!.*\.\.)\w[\w.\/-]*\.m3u8$/) });

/** What is not complete. */
export interface UnfinishedSession {
  /** The stream's id. */
  readonly stream: string;
  /** The playlist, below the data folder. */
  readonly path: string;
}

/** Says that a recording is not complete, from before there is anything of it until nothing is left to be done. */
export interface Mark extends UnfinishedSession {
  /** The recording is complete, or gone. */
  clear(): Promise<void>;
}

/** Which recordings are not complete, kept on the disk so that the next start knows of them after a crash. */
export class Unfinished {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Marks a recording that is about to begin. */
  async mark(session: UnfinishedSession): Promise<Mark> {
    const name = crypto.randomUUID() + SUFFIX;
    await this.#disk.files.replace(this.#at(name), JSON.stringify(session));
    return this.#mark(session, name);
  }

  /** The marks that are there; a file that is none goes. */
  async all(): Promise<Mark[]> {
    const marks: Mark[] = [];
    for (const { name } of await this.#disk.files.list(this.#at(""))) {
      const session = name.endsWith(SUFFIX) ? await this.#read(name) : undefined;
      if (session) marks.push(this.#mark(session, name));
      else await this.#disk.files.remove(this.#at(name));
    }
    return marks;
  }

  #mark(session: UnfinishedSession, name: string): Mark {
    return { ...session, clear: () => this.#disk.files.remove(this.#at(name)) };
  }

  async #read(name: string): Promise<UnfinishedSession | undefined> {
    const path = this.#at(name);
    await using file = await this.#disk.files.open(path, "read");
    const bytes = new Uint8Array((await this.#disk.files.facts(path))?.size ?? 0);
    const text = new TextDecoder().decode(bytes.subarray(0, await file.read(bytes, 0)));
    try {
      return SHAPE.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  #at(name: string): string {
    return join(this.#disk.dataDir, FOLDER, name);
  }
}
