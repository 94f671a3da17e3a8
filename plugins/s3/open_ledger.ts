import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { openDatabaseFile } from "../shared/database_file.ts";
import { Ledger } from "./ledger.ts";

/** The database in the data folder that says what is to be sent, and what has been; nobody is served it. */
export const LEDGER_FILE = "s3.sqlite";

/** Opens the ledger of a data folder; one that cannot be read is put aside, and recordings that are new are sent again. */
export async function openLedger(ctx: PluginContext): Promise<Ledger> {
  const ledger = await openDatabaseFile(ctx, { name: LEDGER_FILE, open: (path) => new Ledger(path) });
  ledger.reserve();
  return ledger;
}
