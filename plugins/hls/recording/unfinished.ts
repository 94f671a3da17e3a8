import { join } from "@std/path";
import { z } from "zod";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import { readText } from "../../shared/http/read_text.ts";
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

/**
 * Which recordings are not complete, kept on the disk so that the next start knows of them after a crash, and all isolates of
 * a server know meanwhile.
 */
export class Unfinished {
  readonly #ctx: Disk & Pick<PluginContext, "isMain">;
  /** What has been read, by the files' names: marks are never changed. */
  #read: ReadonlyMap<string, UnfinishedSession> = new Map();

  constructor(ctx: Disk & Pick<PluginContext, "isMain">) {
    this.#ctx = ctx;
  }

  /** Marks a recording that is about to begin. */
  async mark(session: UnfinishedSession): Promise<Mark> {
    const name = crypto.randomUUID() + SUFFIX;
    await this.#ctx.files.replace(this.#at(name), JSON.stringify(session));
    return this.#mark(session, name);
  }

  /** The marks that are there; the main isolate removes a file that is none, unless it is about to become one. */
  async all(): Promise<Mark[]> {
    const torn: string[] = [];
    const sessions = await this.#all(torn);
    if (this.#ctx.isMain) { for (const name of torn) await this.#ctx.files.remove(this.#at(name)); }
    return [...sessions].map(([name, session]) => this.#mark(session, name));
  }

  /** The playlists of all recordings that are not complete, whichever isolate writes them. */
  async paths(): Promise<ReadonlySet<string>> {
    return new Set((await this.#all()).values().map(({ path }) => path));
  }

  #mark(session: UnfinishedSession, name: string): Mark {
    const { files } = this.#ctx;
    return {
      ...session,
      isThere: async () => await files.facts(this.#at(name)) !== undefined,
      clear: () => files.remove(this.#at(name)),
    };
  }

  async #all(torn: string[] = []): Promise<ReadonlyMap<string, UnfinishedSession>> {
    const read = new Map<string, UnfinishedSession>();
    for (const { name } of await this.#ctx.files.list(this.#at(""))) {
      if (name.endsWith(IN_WRITING)) continue;
      const found = this.#read.get(name) ?? (name.endsWith(SUFFIX) ? await this.#look(name) : "torn");
      if (found === "torn") torn.push(name);
      else if (found !== "gone") read.set(name, found);
    }
    return this.#read = read;
  }

  /** Recordings are completed at any time, and their marks gone. */
  async #look(name: string): Promise<UnfinishedSession | "torn" | "gone"> {
    const text = await readText(this.#ctx.files, this.#at(name));
    if (text === undefined) return "gone";
    try {
      return SHAPE.parse(JSON.parse(text));
    } catch {
      return "torn";
    }
  }

  #at(name: string): string {
    return join(this.#ctx.dataDir, FOLDER, name);
  }
}
