import type { FileFacts } from "../../kernel/files/files.ts";
import type { Caching } from "../shared/serving/resource.ts";
import { stampedName } from "../shared/recordings/stamped_name.ts";

/** Lists, which change as long as there is something to add. */
const LISTS: ReadonlySet<string> = new Set(["m3u8", "mpd", "json"]);

/** Files that grow as long as something is recorded; segments are written in one go. */
const RECORDINGS: ReadonlySet<string> = new Set(["flv", "mp4", "m4a", "m4v", "mkv", "webm"]);

/** A recording that nobody has written to for so long is finished, unless we know better, in milliseconds. */
const SETTLED_MS = 10_000;

/** What there is to know about a file that somebody asks for. */
export interface AskedFile {
  /** The path below the data directory, as it was asked for. */
  readonly parts: readonly string[];
  readonly facts: FileFacts;
  /** Somebody is known to write it. */
  readonly isWritten: boolean;
  /** Another file will be meant by the same address some day. */
  readonly isAlias: boolean;
}

/**
 * How long caches may keep a file: one that still grows not at all. Only where the address has the time of a recording in
 * it, as a name or a folder, does it never mean anything else; all others are asked about each time, which costs a 304.
 */
export function cachingOf({ parts, facts, isWritten, isAlias }: AskedFile, now: Date): Caching {
  const name = parts[parts.length - 1];
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  if (LISTS.has(extension)) return "revalidate";
  const isFresh = now.getTime() - facts.modified.getTime() < SETTLED_MS;
  if (isWritten || (isFresh && RECORDINGS.has(extension))) return "never";
  return !isAlias && parts.some((part) => stampedName(part)) ? "immutable" : "revalidate";
}
