/** The folders below the data directory from which anything is served. */
export const TOP_FOLDERS = ["flv", "mp4", "hls"] as const;

/**
 * What a part of an address may be: what names and templates of paths are made of. So nothing hidden, no `.` and `..`, no
 * separator of any system, no control character, no name of another stream of a file as Windows has them.
 */
const PART = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;

/** Longest name of a file or folder that file systems take. */
const MAX_PART = 255;

/** Nothing lies deeper: a stream's folder, a session's, a track's, and what a template adds. */
const MAX_PARTS = 10;

/** What a file is called until it is whole. */
const UNFINISHED = ".part";

/**
 * The parts of the path below the data directory that a request's target names; undefined for what is not to be served.
 *
 * The target is as it came, still encoded, with or without its query. Each part is decoded once and then has to be one that
 * could have been written: a path that means another one is no path.
 */
export function servedPath(target: string): readonly string[] | undefined {
  const [path] = target.split(/[?#]/, 1);
  const [empty, ...parts] = path.split("/");
  if (empty !== "" || parts.length < 2 || parts.length > MAX_PARTS) return undefined;
  const decoded = parts.map(decodedPart);
  const isServed = (TOP_FOLDERS as readonly string[]).includes(decoded[0]) && decoded.every(isServedPart);
  return isServed ? decoded : undefined;
}

/** Says whether a name could be that of something that is served. */
export function isServedPart(part: string): boolean {
  return part.length <= MAX_PART && PART.test(part) && !part.toLowerCase().endsWith(UNFINISHED);
}

function decodedPart(part: string): string {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
