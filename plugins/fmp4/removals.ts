import { dirname, join } from "@std/path";
import type { Artifact } from "../../kernel/plugin/hooks.ts";
import { keyOfId } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Catalogue, CatalogueEntry } from "./catalogue.ts";
import { removeEmptyFolders } from "../shared/recordings/retention.ts";
import { amendEnded, emptyFolder, FULL_FILE, readIndex } from "./live_folder.ts";
import { INDEX_FILE } from "./live_index.ts";
import { MERGE_FOLDER, placesOf, SEPARATE_FOLDER } from "./places.ts";
import type { Turns } from "./turns.ts";

/**
 * When a complete recording has been removed, what else there is of it goes too: its second name, the live segments that its
 * session left, and with the newest one the folders of its stream. All that is the work of the stream's home.
 */
export function followRemovals(ctx: PluginContext, catalogue: Catalogue, turns: Turns, name: string): void {
  ctx.on("artifact:remove", async (event) => {
    const { by, stream, path } = event;
    if (!path.endsWith(".mp4")) return;
    if (ctx.isMain && by !== name) await tellWhose(ctx, catalogue, name, event);
    if (!ctx.isHome(stream)) return;
    const folder = dirname(placesOf(keyOfId(stream)).merge);
    const gone = await catalogue.forget(keyOfId(stream), path);
    if (gone) await turns.take(folder, () => removeRest(ctx, gone.entry, gone.wasNewest));
    else if (by === name) await turns.take(folder, () => dropFolders(ctx, folder));
  });
}

/** Who removes a file need not know which stream a template has put there: then that stream's home hears it from here. */
async function tellWhose(ctx: PluginContext, catalogue: Catalogue, name: string, event: Artifact): Promise<void> {
  const stream = await catalogue.streamOf(event.path);
  if (stream !== undefined && stream !== event.stream) ctx.tell("artifact:remove", { ...event, stream, by: name });
}

async function removeRest({ files, dataDir }: PluginContext, entry: CatalogueEntry, wasNewest: boolean): Promise<void> {
  const { merge, separate } = placesOf(entry.key);
  if (wasNewest) await files.remove(join(dataDir, merge, FULL_FILE));
  for (const folder of [merge, separate].map((path) => join(dataDir, path))) {
    await emptyFolder(files, folder, entry.session);
    if (wasNewest) await amendEnded(files, folder, entry.session, { full: undefined });
  }
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
