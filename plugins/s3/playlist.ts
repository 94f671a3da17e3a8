import { isFileName, type Listing } from "./listing.ts";

const MAP = /^#EXT-X-MAP:.*\bURI="([^"]*)"/;

const END = "#EXT-X-ENDLIST";

/** Reads a playlist to which lines are added while it is read: what stands behind its last segment may be torn. */
export function listingOf(text: string): Listing {
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n").slice(0, -1);
  const named = lines.map((line) => line.startsWith("#") || line === "" ? MAP.exec(line)?.[1] : line);
  const files = named.filter((name) => name !== undefined).filter(isFileName);
  return { files: [...new Set(files)], upTo: (has) => linesUpTo(lines, named, has) };
}

function linesUpTo(
  lines: readonly string[],
  named: readonly (string | undefined)[],
  has: (file: string) => boolean,
): string | undefined {
  const missing = named.findIndex((name) => name !== undefined && !has(name));
  const isWhole = missing < 0;
  if (isWhole && lines.includes(END)) return lines.join("\n") + "\n";
  const before = lines.slice(0, isWhole ? lines.length : missing);
  const last = before.findLastIndex((line) => line !== "" && !line.startsWith("#"));
  return last < 0 ? undefined : before.slice(0, last + 1).join("\n") + "\n";
}
