import { join } from "@std/path";
import type { LiveIndex, LiveInit, SourceName } from "../../media/mp4/live_index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Files } from "../../kernel/files/files.ts";
import { readText } from "../shared/http/read_text.ts";
import { linkOrCopy } from "./disk.ts";
import { GrowingSource, INDEX_FILE, indexText, parseIndex } from "./live_index.ts";

/** The newest session's complete file, beside the merged segments. */
export const FULL_FILE = "stream_full.mp4";

/**
 * What a session leaves in its folder: its segments, whole or not. All else stays: a stream of another virtual host may have
 * the folder's name, and its recordings beside these.
 */
const LEFT_BEHIND = /^(?:(?:video|audio)_)?(?:\d+\.m4s|init(?:_\d+)?\.mp4)(?:\.\d+\.part)?$/;

/**
 * An index is written whole each time. Beyond so many bytes it is written no faster than this, so that streams of many hours
 * do not keep the disk busy with their indexes: with two hours of segments of two seconds every time, with four every other.
 */
const SMALL_INDEX = 64 * 1024;
const INDEX_BYTES_PER_MS = 200;

/** What a folder works with. */
export interface FolderHost {
  readonly files: Files;
  readonly clock: Clock;
}

/** What a folder of live segments says of its session. */
export type SessionFacts = Omit<LiveIndex, "version" | "state" | "sources" | "full" | "endedAt">;

/**
 * A folder of live segments at their addresses, with the index that lists those that are complete.
 *
 * It belongs to one session at a time. Players that have the index of the one before find another session in the next one;
 * what belongs to the session before is taken away when its index is.
 */
export class LiveFolder {
  readonly path: string;
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #facts: SessionFacts;
  readonly #windowSeconds: number;
  readonly #sources: GrowingSource[] = [];
  #savedAt = -Infinity;
  #savedBytes = 0;

  private constructor({ files, clock }: FolderHost, path: string, facts: SessionFacts, windowSeconds: number) {
    this.#files = files;
    this.#clock = clock;
    this.path = path;
    this.#facts = facts;
    this.#windowSeconds = windowSeconds;
  }

  /** Names the session that it belongs to. */
  get session(): string {
    return this.#facts.session;
  }

  /** Takes the folder for a session. Segments older than `windowSeconds` are taken away while it lasts; 0 keeps them. */
  static async take(
    host: FolderHost,
    path: string,
    facts: SessionFacts,
    windowSeconds: number,
  ): Promise<LiveFolder> {
    const folder = new LiveFolder(host, path, facts, windowSeconds);
    await folder.save();
    await clear(host.files, path);
    return folder;
  }

  /** Adds an init segment to a source, which begins with its first one. */
  async addInit(name: SourceName, init: LiveInit, content: Uint8Array): Promise<void> {
    await this.#files.replace(join(this.path, init.uri), content);
    const known = this.#sources.find((source) => source.name === name);
    const source = known ?? new GrowingSource(name);
    if (!known) this.#sources.push(source);
    source.addInit(init);
  }

  /** Lists a segment whose file is in the folder already. */
  add(name: SourceName, segment: Parameters<GrowingSource["add"]>[0]): void {
    this.#sources.find((source) => source.name === name)?.add(segment);
  }

  /** Puts a file into the folder that lies elsewhere too. */
  async link(path: string, uri: string): Promise<void> {
    await linkOrCopy(this.#files, path, join(this.path, uri));
  }

  /** Writes the index, and takes away what has grown too old. A long index is not written with every segment. */
  async save(): Promise<void> {
    const ms = this.#clock.now() - this.#savedAt;
    if (this.#savedBytes > SMALL_INDEX && ms < this.#savedBytes / INDEX_BYTES_PER_MS) return;
    const old = this.#windowSeconds > 0 ? this.#sources.flatMap((source) => source.dropOlder(this.#windowSeconds)) : [];
    await this.#write({ state: "live" });
    for (const { uri } of old) await this.#files.remove(join(this.path, uri));
  }

  /** Says that nothing follows. */
  async end(endedAt: Date): Promise<void> {
    await this.#write({ state: "ended", endedAt: endedAt.toISOString() });
  }

  async #write(state: Pick<LiveIndex, "state" | "endedAt">): Promise<void> {
    const text = indexText({ version: 1, ...this.#facts, ...state }, this.#sources);
    await this.#files.replace(join(this.path, INDEX_FILE), text);
    this.#savedAt = this.#clock.now();
    this.#savedBytes = text.length;
  }
}

/** The index of a folder; undefined when there is none. */
export async function readIndex(files: Files, folder: string): Promise<LiveIndex | undefined> {
  const text = await readText(files, join(folder, INDEX_FILE));
  return text === undefined ? undefined : parseIndex(text);
}

/** Says that a session is over whose server was killed. */
export async function endIndex(files: Files, folder: string, endedAt: Date): Promise<void> {
  const index = await readIndex(files, folder);
  if (index?.state === "live") await write(files, folder, { ...index, state: "ended", endedAt: endedAt.toISOString() });
}

/** Changes what the index of a folder says, as long as it belongs to this session, and that has ended. */
export async function amendEnded(
  files: Files,
  folder: string,
  session: string,
  changes: Partial<LiveIndex>,
): Promise<void> {
  const index = await readIndex(files, folder);
  if (index?.session === session && index.state === "ended") await write(files, folder, { ...index, ...changes });
}

async function write(files: Files, folder: string, index: LiveIndex): Promise<void> {
  await files.replace(join(folder, INDEX_FILE), JSON.stringify(index) + "\n");
}

/** Takes the segments of a session away, if the folder still belongs to it and it has ended; says whether it did. */
export async function emptyFolder(files: Files, folder: string, session: string): Promise<boolean> {
  const index = await readIndex(files, folder);
  if (index?.session !== session || index.state !== "ended") return false;
  await write(files, folder, { ...index, sources: [] });
  await clear(files, folder);
  return true;
}

async function clear(files: Files, folder: string): Promise<void> {
  for (const { name, kind } of await files.list(folder)) {
    if (kind === "file" && LEFT_BEHIND.test(name)) await files.remove(join(folder, name));
  }
}
