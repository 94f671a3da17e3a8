import { join } from "@std/path";
import { z } from "zod";
import { readText } from "../shared/read_text.ts";
import type { Disk } from "./recorded_session.ts";

/** The folder of the marks; no stream can have its name. */
const FOLDER = "hls/.unfinished";

const SUFFIX = ".json";

/** The end of the name of a file that is being written. */
const IN_WRITING = ".part";

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
  /** Whether the recording is still not complete. */
  isThere(): Promise<boolean>;
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

  /** The marks that are there; a file that is none goes, unless it is about to become one. */
  async all(): Promise<Mark[]> {
    const marks: Mark[] = [];
    for (const { name } of await this.#disk.files.list(this.#at(""))) {
      if (name.endsWith(IN_WRITING)) continue;
      const session = name.endsWith(SUFFIX) ? await this.#read(name) : "torn";
      if (session === "torn") await this.#disk.files.remove(this.#at(name));
      else if (session !== "gone") marks.push(this.#mark(session, name));
    }
    return marks;
  }

  #mark(session: UnfinishedSession, name: string): Mark {
    const { files } = this.#disk;
    return {
      ...session,
      isThere: async () => await files.facts(this.#at(name)) !== undefined,
      clear: () => files.remove(this.#at(name)),
    };
  }

  /** Recordings are completed at any time, and their marks gone. */
  async #read(name: string): Promise<UnfinishedSession | "torn" | "gone"> {
    const text = await readText(this.#disk.files, this.#at(name));
    if (text === undefined) return "gone";
    try {
      return SHAPE.parse(JSON.parse(text));
    } catch {
      return "torn";
    }
  }

  #at(name: string): string {
    return join(this.#disk.dataDir, FOLDER, name);
  }
}
