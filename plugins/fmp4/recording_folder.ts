import { basename, join } from "@std/path";
import type { Files, OpenFile } from "../../kernel/files/files.ts";
import type { StreamKey } from "../../kernel/names.ts";
import { BackgroundSync } from "../shared/recordings/background_sync.ts";
import { readText } from "../shared/http/read_text.ts";
import { freeName } from "./disk.ts";

/** What says what a folder is the recording of. */
const FACTS_FILE = "recording.json";

/** What is known of a recording while it goes on, and after a crash. */
export interface RecordingFacts {
  /** The stream's id. */
  readonly stream: string;
  readonly key: StreamKey;
  /** Names the session, and sorts: when it began, `YYYYMMDD_HHMMSS`. */
  readonly session: string;
  /** Which part of the session it is, from 1. */
  readonly part: number;
  /** Where the complete file goes, below the data folder. */
  readonly path: string;
  /** When the part began. */
  readonly startedAt: string;
  /** Its init segments, and from which segment on each holds. */
  readonly inits: readonly { readonly file: string; readonly from: number }[];
}

/**
 * A recording while it is written: a folder with its init segments, its segments, and what says how they belong together.
 *
 * Each segment is a file that grows by fragments. Whatever happens, all fragments but the one that is being written are whole.
 */
export class RecordingFolder {
  readonly path: string;
  readonly #files: Files;
  readonly #isSynced: boolean;
  #facts: RecordingFacts;
  #segment?: { readonly file: OpenFile; readonly sync: BackgroundSync };
  #segmentBytes = 0;
  /** The segment before, until the disk has kept all of it. */
  #closing: Promise<void> = Promise.resolve();
  #bytes = 0;

  private constructor(files: Files, path: string, facts: RecordingFacts, isSynced: boolean) {
    this.#files = files;
    this.path = path;
    this.#facts = facts;
    this.#isSynced = isSynced;
  }

  /** Makes the folder, below `parent`, under a name that is free. */
  static async create(
    files: Files,
    parent: string,
    facts: RecordingFacts,
    isSynced: boolean,
  ): Promise<RecordingFolder> {
    const path = await freeName(files, join(parent, `${facts.session}_${facts.part}`));
    const folder = new RecordingFolder(files, path, facts, isSynced);
    await folder.#make(FACTS_FILE, new TextEncoder().encode(JSON.stringify(facts)));
    return folder;
  }

  get facts(): RecordingFacts {
    return this.#facts;
  }

  /** How many bytes its segments have. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes the init segment of the segments from `from` on. */
  async addInit(file: string, content: Uint8Array, from: number): Promise<void> {
    await this.#make(file, content);
    this.#facts = { ...this.#facts, inits: [...this.#facts.inits, { file, from }] };
    await this.#files.replace(join(this.path, FACTS_FILE), JSON.stringify(this.#facts));
  }

  /**
   * Writes a fragment of the segment that is open, or opens one of this number. The disk is made to keep it; rejects with what
   * it could not keep before.
   */
  async append(number: number, fragment: Uint8Array): Promise<void> {
    if (!this.#segment) {
      const file = await this.#files.create(this.segmentPath(number));
      this.#segment = { file, sync: new BackgroundSync(file) };
      this.#segmentBytes = 0;
    }
    const { file, sync } = this.#segment;
    await file.write(fragment);
    if (this.#isSynced) sync.request();
    this.#segmentBytes += fragment.length;
    this.#bytes += fragment.length;
  }

  /**
   * Closes the segment that is open, if there is one, as soon as the disk has kept it; gives its size in bytes. Waits for the
   * one before: no more than two are open.
   */
  async closeSegment(): Promise<number> {
    const segment = this.#segment;
    this.#segment = undefined;
    try {
      await this.#closing;
    } finally {
      this.#closing = segment ? closed(segment.file, segment.sync) : Promise.resolve();
      // Whoever waits next hears of a failure.
      this.#closing.catch(() => {});
    }
    return this.#segmentBytes;
  }

  /** Closes everything; settles when the disk has kept it, and rejects with what it could not keep. */
  async close(): Promise<void> {
    try {
      await this.closeSegment();
    } finally {
      await this.#closing;
    }
  }

  /** Where a segment lies. */
  segmentPath(number: number): string {
    return join(this.path, segmentFile(number));
  }

  async #make(name: string, content: Uint8Array): Promise<void> {
    await using file = await this.#files.create(join(this.path, name));
    await file.write(content);
    if (this.#isSynced) await file.sync();
  }
}

async function closed(file: OpenFile, sync: BackgroundSync): Promise<void> {
  try {
    await sync.settle();
  } finally {
    await file.close();
  }
}

function segmentFile(number: number): string {
  return `${number}.m4s`;
}

/** What a folder is the recording of; undefined when it does not say. Throws what the disk throws. */
export async function readFacts(files: Files, folder: string): Promise<RecordingFacts | undefined> {
  const text = await readText(files, join(folder, FACTS_FILE));
  try {
    const facts: RecordingFacts = JSON.parse(text ?? "null");
    const isWhole = Array.isArray(facts?.inits) && typeof facts.path === "string" && typeof facts.stream === "string";
    return isWhole ? facts : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The files of a recording in the order in which they are read: each init segment before its segments. */
export async function sourcesOf(files: Files, folder: string, { inits }: RecordingFacts): Promise<string[]> {
  const numbers = (await files.list(folder))
    .map(({ name }) => /^(\d+)\.m4s$/.exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
  const due = [...inits];
  const sources: string[] = [];
  for (const number of numbers) {
    while (due.length > 0 && due[0].from <= number) sources.push(due.shift()!.file);
    sources.push(segmentFile(number));
  }
  return sources.map((name) => join(folder, basename(name)));
}

/** All folders of recordings below a folder. */
export async function findRecordings(files: Files, folder: string): Promise<string[]> {
  const entries = await files.list(folder);
  if (entries.some(({ name, kind }) => kind === "file" && name === FACTS_FILE)) return [folder];
  const found: string[] = [];
  for (const { name, kind } of entries) {
    if (kind === "folder") found.push(...await findRecordings(files, join(folder, name)));
  }
  return found;
}
