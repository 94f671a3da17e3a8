import { join } from "@std/path";
import { z } from "zod";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { readText } from "../shared/http/read_text.ts";

/** The folder of the marks; no stream can have its name. */
const FOLDER = "flv/.unfinished";

const SUFFIX = ".json";

const SHAPE = z.object({ stream: z.string(), path: z.string().regex(/^(?!.*\.\.)\w[\w.\/-]*\.flv$/) });

/** Says that a recording is not complete, from before there is a file until nothing is left to be done to it. */
export interface Mark {
  /** The stream's id. */
  readonly stream: string;
  /** The recording, below the data folder. */
  readonly path: string;
  /** Another name on the same disk, for a moment. */
  readonly scratch: string;
  /** The recording is complete, or gone. */
  clear(): Promise<void>;
}

/** What a file says that is a mark. */
interface Found extends z.output<typeof SHAPE> {
  readonly id: string;
}

/**
 * Which recordings are not complete, kept on the disk so that the next start knows after a crash, and all isolates of a server
 * know meanwhile.
 *
 * Invariant: whatever recording is not complete has a mark; one that has a mark may be complete all the same.
 */
export class Unfinished {
  readonly #ctx: Pick<PluginContext, "files" | "dataDir" | "isHome">;
  /** What the ids of all own marks begin with. */
  readonly #own = crypto.randomUUID();
  #count = 0;
  /** What has been read, by the files' names: marks are never changed. */
  #read: ReadonlyMap<string, Found> = new Map();
  #left?: Promise<readonly Mark[]>;

  constructor(ctx: Pick<PluginContext, "files" | "dataDir" | "isHome">) {
    this.#ctx = ctx;
  }

  /** The recordings that are marked, whichever isolate writes them. */
  async paths(): Promise<ReadonlySet<string>> {
    return new Set((await this.#all()).map(({ path }) => path));
  }

  /** Marks a recording that is to be made; the mark would survive a loss of power. */
  async mark(stream: string, path: string): Promise<Mark> {
    const id = `${this.#own}-${++this.#count}`;
    const mark = this.#known(stream, path, id);
    try {
      await using file = await this.#ctx.files.create(this.#at(id + SUFFIX));
      await file.write(new TextEncoder().encode(JSON.stringify({ stream, path })));
      await file.sync();
    } catch (error) {
      await mark.clear().catch(() => {});
      throw error;
    }
    return mark;
  }

  /**
   * The marks of streams whose home is here that an earlier run of the server, or of the worker, has left; looked for once.
   */
  left(): Promise<readonly Mark[]> {
    return this.#left ??= this.#find().catch((error) => {
      this.#left = undefined;
      throw error;
    });
  }

  /** Takes away what a crash has left of marks in the making and of scratch names; before anybody makes any. */
  async clean(): Promise<void> {
    const { files } = this.#ctx;
    const marks = new Set((await this.#all()).map(({ id }) => id + SUFFIX));
    for (const { name } of await files.list(this.#at(""))) if (!marks.has(name)) await files.remove(this.#at(name));
  }

  async #find(): Promise<readonly Mark[]> {
    const all = await this.#all();
    return all.filter(({ id, stream }) => !id.startsWith(this.#own) && this.#ctx.isHome(stream))
      .map(({ id, stream, path }) => this.#known(stream, path, id));
  }

  async #all(): Promise<readonly Found[]> {
    const read = new Map<string, Found>();
    for (const { name } of await this.#ctx.files.list(this.#at(""))) {
      const found = this.#read.get(name) ?? await this.#look(name);
      if (found) read.set(name, found);
    }
    this.#read = read;
    return [...read.values()];
  }

  #known(stream: string, path: string, id: string): Mark {
    return {
      stream,
      path,
      scratch: `${FOLDER}/${id}.flv`,
      clear: () => this.#ctx.files.remove(this.#at(id + SUFFIX)),
    };
  }

  /** A mark that is torn was never followed by a recording, or not yet. */
  async #look(name: string): Promise<Found | undefined> {
    if (!name.endsWith(SUFFIX)) return undefined;
    const text = await readText(this.#ctx.files, this.#at(name));
    try {
      const { data } = SHAPE.safeParse(JSON.parse(text ?? ""));
      return data && { ...data, id: name.slice(0, -SUFFIX.length) };
    } catch {
      return undefined;
    }
  }

  #at(name: string): string {
    return join(this.#ctx.dataDir, FOLDER, name);
  }
}
