import { join } from "@std/path";
import { streamId, type StreamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Kept } from "../shared/recordings/retention.ts";
import { commonFolder, newestPath, recordingMatcher } from "./recording_names.ts";
import type { Unfinished } from "./unfinished.ts";

/** A file with a recording's name. */
interface Found {
  readonly path: string;
  readonly key: StreamKey;
}

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

  /**
   * All there are, in no order. Files are looked for before marks: one that has no mark by then is complete, whichever
   * isolate has written it.
   */
  async list(): Promise<Kept[]> {
    const found = await this.#find(this.#folder);
    const unfinished = await this.#unfinished.paths();
    const kept: Kept[] = [];
    for (const { path, key } of found) if (!unfinished.has(path)) kept.push(...await this.#look(path, key));
    return kept;
  }

  async #find(folder: string): Promise<Found[]> {
    const { files, dataDir } = this.#disk;
    const found: Found[] = [];
    for (const { name, kind } of await files.list(join(dataDir, folder))) {
      const path = folder ? `${folder}/${name}` : name;
      const key = this.#keyOf(path);
      if (kind === "folder") found.push(...await this.#find(path));
      else if (key) found.push({ path, key });
    }
    return found;
  }

  async #look(path: string, key: StreamKey): Promise<Kept[]> {
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
