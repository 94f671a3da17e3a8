import { dirname, join } from "@std/path";
import type { PluginContext } from "../../kernel/plugin.ts";
import type { Catalogue, CatalogueEntry } from "./catalogue.ts";
import { type Kept, removeEmptyFolders } from "../shared/retention.ts";
import { amendEnded, emptyFolder, FULL_FILE, readIndex } from "./live_folder.ts";
import { INDEX_FILE } from "./live_index.ts";
import { MERGE_FOLDER, placesOf, SEPARATE_FOLDER } from "./places.ts";
import type { Turns } from "./turns.ts";

/**
 * When somebody else removes a complete recording, such as its operator, what else there is of it goes too: its second name,
 * and the live segments that its session left.
 */
export function followRemovals(ctx: PluginContext, catalogue: Catalogue, turns: Turns, name: string): void {
  ctx.on("artifact:remove", async ({ by, path }) => {
    if (by === name) return;
    const gone = await catalogue.forget(path);
    if (!gone) return;
    await turns.take(dirname(placesOf(gone.entry.key).merge), () => removeRest(ctx, gone.entry, gone.wasNewest));
  });
}

async function removeRest({ files, dataDir }: PluginContext, entry: CatalogueEntry, wasNewest: boolean): Promise<void> {
  const { merge, separate } = placesOf(entry.key);
  if (wasNewest) await files.remove(join(dataDir, merge, FULL_FILE));
  for (const folder of [merge, separate].map((path) => join(dataDir, path))) {
    await emptyFolder(files, folder, entry.session);
    if (wasNewest) await amendEnded(files, folder, entry.session, { full: undefined });
  }
}

/** When the newest recording of a stream need not be kept any more, what is left of its folders goes too. */
export async function dropRest(ctx: PluginContext, turns: Turns, { alias }: Kept): Promise<void> {
  const folder = alias && dirname(dirname(alias));
  if (folder) await turns.take(folder, () => dropFolders(ctx, folder));
}

/**
 * Removes the folders of live segments of a stream, given by the folder that they are in, if neither segments nor a complete
 * file are in them any more and nobody writes there. For one at a time.
 */
export async function dropFolders(ctx: PluginContext, folder: string): Promise<void> {
  const { files, dataDir } = ctx;
  const merge = join(dataDir, folder, MERGE_FOLDER);
  if (await files.facts(join(merge, FULL_FILE))) return;
  for (const path of [merge, join(dataDir, folder, SEPARATE_FOLDER)]) {
    const index = await readIndex(files, path);
    // A complete file that has not been told of may still come.
    if (index?.state !== "ended" || index.sources.length > 0 || !index.full) continue;
    await files.remove(join(path, INDEX_FILE));
    await files.removeEmpty(path);
  }
  await removeEmptyFolders(ctx, folder);
}
