import { isFileName, type Listing } from "./listing.ts";

const MAP = /^#EXT-X-MAP:.*\bURI="([^"]*)"/;

const END = "#EXT-X-ENDLIST";

const DISCONTINUITY = "#EXT-X-DISCONTINUITY";

/** What is said of the next segment alone (RFC 8216, section 4.3.2). */
const OF_ONE_SEGMENT = /^#(EXTINF|EXT-X-BYTERANGE|EXT-X-PROGRAM-DATE-TIME|EXT-X-DATERANGE):/;

/** Reads a playlist to which lines are added while it is read: what stands behind its last segment may be torn. */
export function listingOf(text: string): Listing {
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n").slice(0, -1);
  const files = lines.map(namedBy).filter((name) => name !== undefined).filter(isFileName);
  return {
    files: [...new Set(files)],
    upTo: (has, isLost) => linesUpTo(isLost ? withoutLost(lines, isLost) : lines, has),
  };
}

function namedBy(line: string): string | undefined {
  return isSegment(line) ? line : MAP.exec(line)?.[1];
}

function isSegment(line: string): boolean {
  return line !== "" && !line.startsWith("#");
}

/** What comes after a segment that is left out does not continue what was before it. */
function withoutLost(lines: readonly string[], isLost: (file: string) => boolean): string[] {
  const kept: string[] = [];
  let tags: string[] = [];
  for (const line of lines) {
    if (!isSegment(line)) {
      if (line !== DISCONTINUITY || !tags.includes(line)) tags.push(line);
    } else if (isLost(line)) {
      tags = tags.filter((tag) => !OF_ONE_SEGMENT.test(tag));
      if (!tags.includes(DISCONTINUITY)) tags.push(DISCONTINUITY);
    } else {
      kept.push(...tags, line);
      tags = [];
    }
  }
  return [...kept, ...tags];
}

function linesUpTo(
  lines: readonly string[],
  has: (file: string) => boolean,
): string | undefined {
  const missing = lines.map(namedBy).findIndex((name) => name !== undefined && !has(name));
  const isWhole = missing < 0;
  if (isWhole && lines.includes(END)) return lines.join("\n") + "\n";
  const before = lines.slice(0, isWhole ? lines.length : missing);
  const last = before.findLastIndex(isSegment);
  return last < 0 ? undefined : before.slice(0, last + 1).join("\n") + "\n";
}
