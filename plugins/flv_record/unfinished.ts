import { join } from "@std/path";
import { z } from "zod";
import type { PluginContext } from "../../kernel/plugin.ts";
import { readText } from "../shared/read_text.ts";

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

/**
 * Which recordings are not complete, kept on the disk so that the next start knows after a crash.
 *
 * Invariant: whatever recording is not complete has a mark; one that has a mark may be complete all the same.
 */
export class Unfinished {
  readonly #disk: Pick<PluginContext, "files" | "dataDir">;
  readonly #marks = new Map<string, Mark>();
  #left?: Promise<readonly Mark[]>;

  constructor(disk: Pick<PluginContext, "files" | "dataDir">) {
    this.#disk = disk;
  }

  /** Whether a recording is marked. */
  has(path: string): boolean {
    for (const mark of this.#marks.values()) if (mark.path === path) return true;
    return false;
  }

  /** Marks a recording that is to be made; the mark would survive a loss of power. */
  async mark(stream: string, path: string): Promise<Mark> {
    const id = crypto.randomUUID();
    const mark = this.#known(stream, path, id);
    try {
      await using file = await this.#disk.files.create(this.#at(id + SUFFIX));
      await file.write(new TextEncoder().encode(JSON.stringify({ stream, path })));
      await file.sync();
    } catch (error) {
      await mark.clear().catch(() => {});
      throw error;
    }
    return mark;
  }

  /** The marks that an earlier run of the server has left, looked for once; what else is in their folder goes. */
  left(): Promise<readonly Mark[]> {
    return this.#left ??= this.#find().catch((error) => {
      this.#left = undefined;
      throw error;
    });
  }

  async #find(): Promise<readonly Mark[]> {
    const { files } = this.#disk;
    const marks: Mark[] = [];
    for (const { name } of await files.list(this.#at(""))) {
      const id = name.replace(/\.\w+$/, "");
      if (this.#marks.has(id)) continue;
      const found = name.endsWith(SUFFIX) ? await this.#read(name) : undefined;
      if (found) marks.push(this.#known(found.stream, found.path, id));
      else await files.remove(this.#at(name));
    }
    return marks;
  }

  #known(stream: string, path: string, id: string): Mark {
    const mark: Mark = {
      stream,
      path,
      scratch: `${FOLDER}/${id}.flv`,
      clear: async () => {
        await this.#disk.files.remove(this.#at(id + SUFFIX));
        this.#marks.delete(id);
      },
    };
    this.#marks.set(id, mark);
    return mark;
  }

  /** A mark that is torn was never followed by a recording. */
  async #read(name: string): Promise<z.output<typeof SHAPE> | undefined> {
    const text = await readText(this.#disk.files, this.#at(name));
    try {
      return SHAPE.safeParse(JSON.parse(text ?? "")).data;
    } catch {
      return undefined;
    }
  }

  #at(name: string): string {
    return join(this.#disk.dataDir, FOLDER, name);
  }
}
