import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "@std/path";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";

/** A database in the data folder, and what is opened on it. */
export interface DatabaseFile<T> {
  /** Its name in the data folder. */
  readonly name: string;
  /** The mode that it is made with, such as 0o600; absent, the database makes it as it likes. */
  readonly mode?: number;
  /** What the log adds when it is put aside: what that means for whoever runs the server. */
  readonly loss?: string;
  /** Opens it. Throws the database's error when that fails. */
  open(path: string): T;
}

/** Opens a database of the data folder, which is made and claimed for it; one that cannot be read is put aside for a new one. */
export async function openDatabaseFile<T>(
  { dataDir, claimDataDir, log }: Pick<PluginContext, "dataDir" | "claimDataDir" | "log">,
  file: DatabaseFile<T>,
): Promise<T> {
  await claimDataDir();
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, file.name);
  await make(path, file.mode);
  try {
    return file.open(path);
  } catch (error) {
    if (!isBroken(error)) throw error;
    const loss = file.loss ? `, and ${file.loss}` : "";
    log.error(`${path} cannot be read: ${error.message}; it is put aside as ${path}.broken${loss}`);
  }
  for (const suffix of ["-wal", "-shm"]) await rm(path + suffix, { force: true });
  await rename(path, `${path}.broken`);
  await make(path, file.mode);
  return file.open(path);
}

/** The files that the database makes beside this one get its mode. */
async function make(path: string, mode: number | undefined): Promise<void> {
  if (mode !== undefined) await (await open(path, "a", mode)).close();
}

/** Whether SQLite says that a file is no database (SQLITE_NOTADB, SQLITE_CORRUPT): all that Deno gives of it are words. */
function isBroken(error: unknown): error is Error {
  return error instanceof Error && /not a database|malformed/.test(error.message);
}
