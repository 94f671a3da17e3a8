import { dirname, join } from "@std/path";
import type { PluginContext } from "../../kernel/plugin.ts";
import type { Catalogue, CatalogueEntry } from "./catalogue.ts";
import { amendEnded, emptyFolder, FULL_FILE } from "./live_folder.ts";
import { placesOf } from "./places.ts";
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
