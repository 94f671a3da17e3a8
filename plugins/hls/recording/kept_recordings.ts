import { dirname, join } from "@std/path";
import { streamId } from "../../../kernel/names.ts";
import type { Kept } from "../../shared/recordings/retention.ts";
import type { Disk } from "./recorded_session.ts";
import { ALIAS_NAME, HLS_FOLDER, INDEX_NAME, isSessionName, streamOf } from "./recording_names.ts";

/** Vhost, app, stream, session. */
const MAX_DEPTH = 4;

/** The recorded sessions on the disk. Those that are complete are looked through once. */
export class KeptRecordings {
  readonly #disk: Disk;
  readonly #unfinished: () => Promise<ReadonlySet<string>>;
  readonly #known = new Map<string, Kept>();

  /** `unfinished` gives the playlists of sessions that are not complete, below the data folder. */
  constructor(disk: Disk, unfinished: () => Promise<ReadonlySet<string>>) {
    this.#disk = disk;
    this.#unfinished = unfinished;
  }

  /** All that are complete: of those that were there before, the ones that are not unfinished. */
  async list(): Promise<Kept[]> {
    const folders = await this.#sessions(HLS_FOLDER, MAX_DEPTH);
    const there = new Set(folders);
    for (const folder of this.#known.keys()) if (!there.has(folder)) this.#known.delete(folder);
    const unfinished = await this.#unfinished();
    const kept: Kept[] = [];
    for (const folder of folders) {
      if (unfinished.has(`${folder}/${INDEX_NAME}`)) continue;
      const found = this.#known.get(folder) ?? await this.#look(folder);
      kept.push(found);
    }
    return kept;
  }

  /** What leads to the newest session of a stream goes with the last one. */
  async removed({ paths: [folder] }: Kept): Promise<void> {
    const { files, dataDir } = this.#disk;
    const stream = dirname(folder);
    const names = (await files.list(join(dataDir, stream))).map(({ name }) => name);
    if (names.length === 1 && names[0] === ALIAS_NAME) await files.remove(join(dataDir, stream, ALIAS_NAME));
  }

  async #sessions(folder: string, depth: number): Promise<string[]> {
    const found: string[] = [];
    for (const { name, kind } of await this.#disk.files.list(join(this.#disk.dataDir, folder))) {
      const path = `${folder}/${name}`;
      if (kind !== "folder" || name.startsWith(".")) continue;
      if (isSessionName(name) && streamOf(path) && await this.#hasPlaylist(path)) found.push(path);
      else if (depth > 1) found.push(...await this.#sessions(path, depth - 1));
    }
    return found;
  }

  /** A stream may be called as a session is. */
  async #hasPlaylist(folder: string): Promise<boolean> {
    if (this.#known.has(folder)) return true;
    return await this.#disk.files.facts(join(this.#disk.dataDir, folder, INDEX_NAME)) !== undefined;
  }

  async #look(folder: string): Promise<Kept> {
    const key = streamOf(folder)!;
    const { files, dataDir } = this.#disk;
    let bytes = 0;
    let date = new Date(0);
    for (const { name } of await files.list(join(dataDir, folder))) {
      const facts = await files.facts(join(dataDir, folder, name));
      bytes += facts?.size ?? 0;
      if (facts && facts.modified > date) date = facts.modified;
    }
    const kept: Kept = { stream: streamId(key.vhost, key.app, key.name), paths: [folder], bytes, date };
    this.#known.set(folder, kept);
    return kept;
  }
}
