import { join } from "@std/path";
import type { Clock } from "../../kernel/clock.ts";
import type { Files } from "../../kernel/files/files.ts";
import type { StreamKey } from "../../kernel/names.ts";
import type { Kept } from "../shared/recordings/retention.ts";
import { readText } from "../shared/http/read_text.ts";
import { freeName } from "./disk.ts";
import { FULL_FILE } from "./live_folder.ts";
import { COMPLETE_FOLDER, placesOf } from "./places.ts";
import type { RecordingFacts } from "./recording_folder.ts";

/** A complete recording, as it is written down. */
export interface CatalogueEntry extends Omit<RecordingFacts, "inits"> {
  readonly bytes: number;
  readonly seconds: number;
  /** When it was complete. */
  readonly completedAt: string;
}

interface Listed {
  readonly entry: CatalogueEntry;
  /** The file that the entry stands in, below the data folder. */
  readonly note: string;
}

/** Whoever removes a file has said so by then, in milliseconds. */
const FORGET_MS = 60_000;

/**
 * What complete recordings there are: a small file for each, so that they are found wherever the template of paths puts
 * them, and files of others never are.
 *
 * Those of a stream are written down in its home alone, and taken away there or in the main isolate.
 */
export class Catalogue {
  readonly #files: Files;
  readonly #dataDir: string;
  readonly #clock: Clock;
  /** What has been read, by folder and by name: notes are never changed. */
  readonly #known = new Map<string, ReadonlyMap<string, Listed>>();

  /** Since when the files of recordings are missing, by their notes, in milliseconds. */
  #missing: ReadonlyMap<string, number> = new Map();

  constructor(files: Files, dataDir: string, clock: Clock) {
    this.#files = files;
    this.#dataDir = dataDir;
    this.#clock = clock;
  }

  /** Writes a complete recording down. */
  async add(entry: CatalogueEntry): Promise<void> {
    const folder = join(this.#dataDir, placesOf(entry.key).complete);
    const path = await freeName(this.#files, join(folder, `${entry.session}_${entry.part}.json`));
    await this.#files.replace(path, JSON.stringify(entry));
  }

  /** Whether none of the stream's recordings is newer. */
  async isNewest(entry: Pick<CatalogueEntry, "key" | "session" | "part">): Promise<boolean> {
    const all = await this.#read(placesOf(entry.key).complete);
    return all.every((other) => compare(other.entry, entry) <= 0);
  }

  /** Whether something of a session is complete. */
  async hasSession(key: StreamKey, session: string): Promise<boolean> {
    return (await this.#read(placesOf(key).complete)).some(({ entry }) => entry.session === session);
  }

  /** The stream whose recording is at a path, or was. */
  async streamOf(path: string): Promise<string | undefined> {
    return (await this.#read(COMPLETE_FOLDER)).find(({ entry }) => entry.path === path)?.entry.stream;
  }

  /** Forgets a stream's recording that was at a path; gives what was known of it, and whether it was the newest. */
  async forget(key: StreamKey, path: string): Promise<{ entry: CatalogueEntry; wasNewest: boolean } | undefined> {
    const all = await this.#read(placesOf(key).complete);
    const found = all.find(({ entry }) => entry.path === path);
    if (!found) return undefined;
    await this.#files.remove(join(this.#dataDir, found.note));
    return { entry: found.entry, wasNewest: isNewestOf(all, found) };
  }

  /**
   * All complete recordings, with what goes with them. One that somebody has removed without saying so is forgotten: not at
   * once, since word of it may be on its way to the stream's home, which sees to what else there is of it.
   */
  async list(): Promise<readonly Kept[]> {
    const listed = await this.#read(COMPLETE_FOLDER);
    const newest = new Set(newestOfAll(listed));
    const kept: Kept[] = [];
    const missing = new Map<string, number>();
    for (const each of listed) {
      const { stream, path, bytes, completedAt } = each.entry;
      if (!await this.#files.facts(join(this.#dataDir, path))) {
        const now = this.#clock.now();
        const since = this.#missing.get(each.note) ?? now;
        if (now - since < FORGET_MS) missing.set(each.note, since);
        else await this.#files.remove(join(this.#dataDir, each.note));
        continue;
      }
      const alias = newest.has(each) ? join(placesOf(each.entry.key).merge, FULL_FILE) : undefined;
      kept.push({ stream, paths: [path, each.note], alias, bytes, date: new Date(completedAt) });
    }
    this.#missing = missing;
    return kept;
  }

  async #read(folder: string): Promise<Listed[]> {
    const known = this.#known.get(folder);
    const notes = new Map<string, Listed>();
    const below: Listed[] = [];
    for (const { name, kind } of await this.#files.list(join(this.#dataDir, folder))) {
      const note = join(folder, name);
      if (kind === "folder") below.push(...await this.#read(note));
      else if (name.endsWith(".json")) {
        const entry = known?.get(name)?.entry ?? parse(await readText(this.#files, join(this.#dataDir, note)));
        if (entry) notes.set(name, { entry, note });
      }
    }
    if (notes.size > 0) this.#known.set(folder, notes);
    else this.#known.delete(folder);
    return [...below, ...notes.values()];
  }
}

/** Of each stream the newest. */
function newestOfAll(all: readonly Listed[]): Iterable<Listed> {
  const newest = new Map<string, Listed>();
  for (const each of all) {
    const { stream } = each.entry;
    const known = newest.get(stream);
    if (!known || compare(known.entry, each.entry) <= 0) newest.set(stream, each);
  }
  return newest.values();
}

function isNewestOf(all: readonly Listed[], { entry }: Listed): boolean {
  return all.every((other) => other.entry.stream !== entry.stream || compare(other.entry, entry) <= 0);
}

function compare(a: Pick<CatalogueEntry, "session" | "part">, b: Pick<CatalogueEntry, "session" | "part">): number {
  if (a.session !== b.session) return a.session < b.session ? -1 : 1;
  return a.part - b.part;
}

function parse(text: string | undefined): CatalogueEntry | undefined {
  try {
    const entry: CatalogueEntry = JSON.parse(text ?? "null");
    return typeof entry?.path === "string" ? entry : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
