import { parse } from "range-parser";

/** A piece of a resource: the first byte and the one behind the last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one piece that a `Range` header asks for; undefined for the whole, `unsatisfiable` for 416.
 *
 * Of several pieces the whole is sent instead, as RFC 9110, 14.2 allows: no player asks for several, and an answer in parts
 * can be made to cost many times the resource. What is malformed or counts in other units is overlooked.
 */
export function requestedRange(header: string, size: number): ByteRange | "unsatisfiable" | undefined {
  const { code, type, ranges } = parse(size, header);
  if (type !== "bytes" || (code & MALFORMED) !== 0) return undefined;
  if (ranges.length === 0 && code !== 0) return "unsatisfiable";
  if (ranges.length !== 1 || code !== 0) return undefined;
  return { start: ranges[0].start, end: ranges[0].end + 1 };
}

/** The bit that the parser sets when a piece cannot be understood. */
const MALFORMED = 1;
