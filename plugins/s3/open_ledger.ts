import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "@std/path";
import type { PluginContext } from "../../kernel/plugin.ts";
import { Ledger } from "./ledger.ts";

/** The database in the data folder that says what is to be sent, and what has been; nobody is served it. */
export const LEDGER_FILE = "s3.sqlite";

/** Opens the ledger of a data folder; one that cannot be read is put aside, and recordings that are new are sent again. */
export async function openLedger({ dataDir, claimDataDir, log }: PluginContext): Promise<Ledger> {
  await claimDataDir();
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, LEDGER_FILE);
  try {
    return new Ledger(path);
  } catch (error) {
    if (!isBroken(error)) throw error;
    log.error(`${path} cannot be read: ${error.message}; it is put aside as ${path}.broken`);
  }
  for (const suffix of ["-wal", "-shm"]) await rm(path + suffix, { force: true });
  await rename(path, `${path}.broken`);
  return new Ledger(path);
}

/** Whether SQLite says that a file is no database (SQLITE_NOTADB, SQLITE_CORRUPT): all that Deno gives of it are words. */
function isBroken(error: unknown): error is Error {
  return error instanceof Error && /not a database|malformed/.test(error.message);
}
