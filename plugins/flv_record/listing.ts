import { join } from "@std/path";
import type { PluginContext } from "../../kernel/plugin.ts";
import type { Kept } from "../shared/retention.ts";
import { FLV_FOLDER, idOf, NEWEST_NAME, recordingMatcher, streamFolder } from "./recording_names.ts";
import type { Unfinished } from "./unfinished.ts";

/**
 * Lists the complete recordings that the template names, whose age is that of their last change. One that is the newest of
 * its stream goes with that name. What else is in the folder is none of ours.
 */
export function lister(
  { files, dataDir }: Pick<PluginContext, "files" | "dataDir">,
  template: string,
  unfinished: Unfinished,
): () => Promise<Kept[]> {
  const keyOf = recordingMatcher(template);

  async function list(folder: string): Promise<Kept[]> {
    const kept: Kept[] = [];
    for (const { name, kind } of await files.list(join(dataDir, folder))) {
      const path = `${folder}/${name}`;
      if (kind === "folder") kept.push(...await list(path));
      else if (name !== NEWEST_NAME) kept.push(...await look(path));
    }
    return kept;
  }

  async function look(path: string): Promise<Kept[]> {
    const key = keyOf(path);
    if (!key || unfinished.has(path)) return [];
    const found = await files.facts(join(dataDir, path));
    if (!found) return [];
    const newest = `${streamFolder(key)}/${NEWEST_NAME}`;
    const isNewest = (await files.facts(join(dataDir, newest)))?.id === found.id;
    return [{ stream: idOf(key), paths: isNewest ? [path, newest] : [path], bytes: found.size, date: found.modified }];
  }

  return () => list(FLV_FOLDER);
}
