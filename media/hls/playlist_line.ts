import { FormatError } from "../errors.ts";
import { AttributeReader } from "./attribute_reader.ts";

/** What no playlist has: a byte order mark, and control characters but for the ends of lines (RFC 8216, 4.1). */
// deno-lint-ignore no-control-regex
const FORBIDDEN = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\ufeff]/;

const TAG = /^#(EXT[A-Z0-9-]*)(?::(.*))?$/;

/** One line of a playlist that says something: a tag or a URI. */
export class PlaylistLine {
  /** The tag without `#`; undefined for a URI. */
  readonly tag: string | undefined;
  /** What stands behind the tag's colon, undefined when there is none; or the URI. */
  readonly value: string | undefined;

  constructor(readonly number: number, text: string) {
    const [, tag, value] = TAG.exec(text) ?? [];
    this.tag = tag;
    this.value = tag === undefined ? text : value;
    if (tag === undefined && text.startsWith("#EXT")) this.fail(`${text} is not a tag`);
    if (tag === undefined && /\s/.test(text)) this.fail("there is white space in a URI");
  }

  /** Throws what is wrong here. */
  fail(problem: string): never {
    throw new FormatError(`Playlist, line ${this.number}: ${problem}`);
  }

  /** The value of a tag that has none. */
  none(): void {
    if (this.value !== undefined) this.fail(`${this.tag} has no value`);
  }

  /** A decimal-integer (RFC 8216, 4.2). */
  integer(text: string | undefined = this.value): number {
    const number = text !== undefined && /^\d{1,20}$/.test(text) ? Number(text) : NaN;
    return Number.isSafeInteger(number) ? number : this.fail(`${text} is not an integer`);
  }

  /** A decimal-floating-point (RFC 8216, 4.2). */
  decimal(text: string | undefined = this.value): number {
    if (text === undefined || !/^\d+(\.\d+)?$/.test(text)) this.fail(`${text} is not a number`);
    return Number(text);
  }

  /** An attribute list of these attributes. */
  attributes(...known: string[]): AttributeReader {
    return new AttributeReader(this, known);
  }
}

/** The lines of a playlist without comments and empty ones. The first, EXTM3U, is checked and left out. */
export function playlistLines(text: string): PlaylistLine[] {
  const lines = text.split(/\r?\n/);
  const wrong = lines.findIndex((line) => FORBIDDEN.test(line) || line.includes("\r"));
  if (wrong >= 0) throw new FormatError(`Playlist, line ${wrong + 1}: there is a control character`);
  if (lines[0] !== "#EXTM3U") throw new FormatError("Playlist, line 1: there is no EXTM3U");
  return lines.flatMap((line, i) => i === 0 || isComment(line) ? [] : [new PlaylistLine(i + 1, line)]);
}

function isComment(line: string): boolean {
  return line === "" || line.startsWith("#") && !line.startsWith("#EXT");
}
