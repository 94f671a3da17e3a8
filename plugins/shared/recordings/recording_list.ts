import { join } from "@std/path";
import type { Clock } from "../../../kernel/clock.ts";
import type { Files } from "../../../kernel/files/files.ts";
import { DEFAULT_VHOST, streamId, type StreamKey } from "../../../kernel/names.ts";
import { isServedPart, TOP_FOLDERS } from "./served_path.ts";
import { stampedName } from "./stamped_name.ts";
import type { WrittenFiles } from "./written_files.ts";

/** What a recording is: the folder that it lies under. */
export type RecordingKind = (typeof TOP_FOLDERS)[number];

/** A file that can be played from its beginning. */
export interface Recording {
  readonly kind: RecordingKind;
  /** The stream's id: `app/name`, with `vhost:` before it unless the vhost is the default one. */
  readonly stream: string;
  /** The file's name. */
  readonly name: string;
  /** Where it is served. */
  readonly path: string;
  /** When it began, where its name or its folder says so. */
  readonly start: Date | null;
  readonly bytes: number;
  readonly modified: Date;
  /** Whether this server is writing it. */
  readonly isWritten: boolean;
}

/** Which recordings are asked for. */
export interface RecordingQuery {
  readonly kind?: RecordingKind;
  readonly stream?: StreamKey;
  /** How many of the newest to leave out. */
  readonly offset: number;
  /** How many to give at most. */
  readonly limit: number;
}

/** One page of recordings, the newest first. */
export interface RecordingPage {
  readonly recordings: readonly Recording[];
  /** How many there are on all pages. */
  readonly total: number;
  /** False when there is so much on the disk that not all of it was looked at. */
  readonly isComplete: boolean;
}

/** A request looks at no more files and folders than this: some hundred milliseconds of work. */
export const MAX_LOOKED_AT = 50_000;

/** Recordings lie no deeper below their stream's folder. */
const MAX_DEPTH = 4;

/** A stream has at least app and name, whatever these look like. */
const LEAST_NAMES = 2;

/** A stream's folder lies so deep: vhost, app and name. */
const STREAM_DEPTH = 3;

/** For so long one look at the disk serves all who ask the same, in milliseconds. */
const FRESH_MS = 1000;

/** So many different questions are remembered for that time. */
const MAX_REMEMBERED = 100;

/** The end of a recording's name, by its kind. */
const EXTENSIONS: Readonly<Record<RecordingKind, string>> = { flv: ".flv", mp4: ".mp4", hls: "index.m3u8" };

/** Files that are the beginning of others, or another name of one that is listed. */
const NOT_LISTED = /^(index\.flv|record\.m3u8|stream_full\.mp4|(.*_)?init(_\d+)?\.mp4)$/;

interface Candidate {
  readonly kind: RecordingKind;
  readonly parts: readonly string[];
  readonly start: Date | null;
}

interface Scan {
  readonly at: number;
  readonly result: Promise<{ readonly candidates: readonly Candidate[]; readonly isComplete: boolean }>;
}

/** The recordings on the disk; looking never takes more than a bounded amount of work. */
export class RecordingList {
  readonly #files: Files;
  readonly #dataDir: string;
  readonly #written: WrittenFiles;
  readonly #clock: Clock;
  readonly #scans = new Map<string, Scan>();

  constructor(files: Files, dataDir: string, written: WrittenFiles, clock: Clock) {
    this.#files = files;
    this.#dataDir = dataDir;
    this.#written = written;
    this.#clock = clock;
  }

  /** A page of what there is. */
  async page({ kind, stream, offset, limit }: RecordingQuery): Promise<RecordingPage> {
    const { candidates, isComplete } = await this.#scanned(kind, stream);
    const page = await Promise.all(candidates.slice(offset, offset + limit).map((each) => this.#recording(each)));
    const recordings = page.filter((each) => each !== undefined);
    return { recordings, total: candidates.length, isComplete };
  }

  #scanned(kind: RecordingKind | undefined, stream: StreamKey | undefined): Scan["result"] {
    const key = `${kind ?? ""} ${stream ? folderOf(stream).join("/") : ""}`;
    const now = this.#clock.now();
    const known = this.#scans.get(key);
    if (known && now - known.at < FRESH_MS) return known.result;
    this.#scans.delete(key);
    for (const [oldest] of this.#scans) {
      if (this.#scans.size < MAX_REMEMBERED) break;
      this.#scans.delete(oldest);
    }
    const result = this.#scan(kind ? [kind] : TOP_FOLDERS, stream);
    const scan = { at: now, result };
    this.#scans.set(key, scan);
    result.catch(() => this.#scans.get(key) === scan && this.#scans.delete(key));
    return result;
  }

  async #scan(kinds: readonly RecordingKind[], stream: StreamKey | undefined): Scan["result"] {
    const walk = new Walk(this.#files, this.#dataDir);
    for (const kind of kinds) {
      await walk.into(kind, [kind, ...(stream ? folderOf(stream) : [])], MAX_DEPTH + (stream ? 0 : STREAM_DEPTH));
    }
    const candidates = walk.found.toSorted((a, b) => timeOf(b) - timeOf(a) || compare(b.parts.join(), a.parts.join()));
    return { candidates, isComplete: walk.left > 0 };
  }

  async #recording({ kind, parts, start }: Candidate): Promise<Recording | undefined> {
    const path = parts.join("/");
    const facts = await this.#files.facts(join(this.#dataDir, ...parts));
    return facts && {
      kind,
      stream: streamOf(parts),
      name: parts[parts.length - 1],
      path: `/${path}`,
      start,
      bytes: facts.size,
      modified: facts.modified,
      isWritten: this.#written.has(path),
    };
  }
}

/** Looks for recordings in folders, up to a number of files and folders in all. */
class Walk {
  readonly found: Candidate[] = [];
  left = MAX_LOOKED_AT;
  readonly #files: Files;
  readonly #dataDir: string;

  constructor(files: Files, dataDir: string) {
    this.#files = files;
    this.#dataDir = dataDir;
  }

  async into(kind: RecordingKind, folder: readonly string[], depth: number): Promise<void> {
    if (this.left <= 0) return;
    const entries = await this.#files.list(join(this.#dataDir, ...folder));
    const folders: string[][] = [];
    for (const { name, kind: isA } of entries) {
      if (--this.left <= 0) break;
      if (!isServedPart(name)) continue;
      if (isA === "folder") folders.push([...folder, name]);
      else if (folder.length >= 3 && name.endsWith(EXTENSIONS[kind]) && !NOT_LISTED.test(name)) {
        this.found.push({ kind, parts: [...folder, name], start: startOf([...folder, name]) });
      }
    }
    if (depth > 0) { for (const each of folders) await this.into(kind, each, depth - 1); }
  }
}

/** A vhost that begins with a dot would be a hidden folder. */
function folderOf({ vhost, app, name }: StreamKey): readonly string[] {
  return vhost === DEFAULT_VHOST ? [app, name] : [vhost.replace(/^\./, "_"), app, name];
}

/** The stream of a recording, by its path's parts: what stands before the folders and the file that belong to one recording. */
export function streamOf([, ...parts]: readonly string[]): string {
  const isEnd = (part: string, i: number) =>
    i === parts.length - 1 || (i >= LEAST_NAMES && (part.startsWith("output_") || stampedName(part) !== undefined));
  const end = parts.findIndex(isEnd);
  const [vhost, app, name] = parts.slice(0, end);
  return end >= STREAM_DEPTH ? streamId(vhost, app, name) : parts.slice(0, end).join("/");
}

/** The time in a name, or in the innermost folder that has one. */
function startOf(parts: readonly string[]): Date | null {
  for (const part of parts.toReversed()) {
    const stamp = stampedName(part);
    if (stamp) return stamp.start;
  }
  return null;
}

/** What has no time is a stream's list that goes on and on, and so the newest. */
function timeOf({ start }: Candidate): number {
  return start?.getTime() ?? Infinity;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
