import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import { Contributions, perServer } from "../per_server.ts";

/** Says whether a recording, named by its path below the data folder, must not be removed yet. */
export type IsHeld = (path: string) => boolean;

/** Which recordings must not be removed for their age or size yet, as those say that were added. */
export class HeldRecordings extends Contributions<IsHeld> {
  /** Whether anybody holds a recording. */
  has(path: string): boolean {
    for (const isHeld of this) if (isHeld(path)) return true;
    return false;
  }
}

/** What is held of the recordings of a server: plugins that have yet to do something with them meet those that remove them. */
export const heldRecordings: (ctx: Pick<PluginContext, "feed">) => HeldRecordings = perServer(() =>
  new HeldRecordings()
);
