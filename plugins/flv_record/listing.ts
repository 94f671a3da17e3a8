import { join } from "@std/path";
import { streamId } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin.ts";
import type { Kept } from "../shared/retention.ts";
import { commonFolder, newestPath, recordingMatcher } from "./recording_names.ts";
import type { Unfinished } from "./unfinished.ts";

/**
 * Lists the complete recordings that a template names, whose age is that of their last change. One that is the newest of
 * its stream goes with that name. What else is in the folders is none of ours.
 */
export class RecordingListing {
  readonly #disk: Pick<PluginContext, "files" | "dataDir">;
  readonly #unfinished: Unfinished;
  readonly #folder: string;
  readonly #keyOf: ReturnType<typeof recordingMatcher>;

  constructor(disk: Pick<PluginContext, "files" | "dataDir">, template: string, unfinished: Unfinished) {
    this.#disk = disk;
    this.#unfinished = unfinished;
    this.#folder = commonFolder(template);
    this.#keyOf = recordingMatcher(template);
  }

  /** All there are, in no order. */
  async list(): Promise<Kept[]> {
    await this.#unfinished.left();
    return await this.#list(this.#folder);
  }

  async #list(folder: string): Promise<Kept[]> {
    const { files, dataDir } = this.#disk;
    const kept: Kept[] = [];
    for (const { name, kind } of await files.list(join(dataDir, folder))) {
      const path = folder ? `${folder}/${name}` : name;
      kept.push(...await (kind === "folder" ? this.#list(path) : this.#look(path)));
    }
    return kept;
  }

  async #look(path: string): Promise<Kept[]> {
    const key = this.#keyOf(path);
    if (!key || this.#unfinished.has(path)) return [];
    const { files, dataDir } = this.#disk;
    const found = await files.facts(join(dataDir, path));
    if (!found) return [];
    const newest = newestPath(key);
    const isNewest = newest !== path && (await files.facts(join(dataDir, newest)))?.id === found.id;
    const stream = streamId(key.vhost, key.app, key.name);
    const alias = isNewest ? newest : undefined;
    return [{ stream, paths: [path], alias, bytes: found.size, date: found.modified }];
  }
}
