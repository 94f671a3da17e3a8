import { FormatError } from "../errors.ts";
import type { MediaPlaylist } from "./media_playlist.ts";
import type { ReadMediaPlaylist } from "./media_playlist_parser.ts";
import type { Segment } from "./segment.ts";

/** The least that is left of a playlist from which segments are removed, in target durations (RFC 8216, 6.2.2). */
const MIN_WINDOW = 3;

/** How much a sum of durations may be off, in seconds: each is a fraction that is not exact in binary. */
const ROUNDING = 0.000_001;

/**
 * The whole playlist that a delta update stands for, when `before` is the playlist that the player had
 * (draft-pantos-hls-rfc8216bis, 6.3.7). Throws {@linkcode FormatError} when `before` lacks skipped segments.
 */
export function mergeDelta(before: MediaPlaylist, update: ReadMediaPlaylist): ReadMediaPlaylist {
  const from = (update.mediaSequence ?? 0) - (before.mediaSequence ?? 0);
  const skipped = from < 0 ? [] : before.segments.slice(from, from + update.skipped);
  if (skipped.length !== update.skipped) {
    fail(`${update.skipped} segments are skipped, and ${skipped.length} of them known`);
  }
  return { ...update, skipped: 0, segments: [...skipped, ...update.segments] };
}

/**
 * Holds a live playlist to what may change from one version to the next (RFC 8216, 6.2.1 and 6.2.2): segments are only
 * added at the end and removed at the beginning, and are counted. Throws {@linkcode FormatError}.
 */
export function checkSuccession(before: MediaPlaylist, after: MediaPlaylist): void {
  for (const name of ["targetDuration", "type", "partTarget"] as const) {
    if (before[name] !== after[name]) fail(`${name} was ${before[name]}, and is ${after[name]}`);
  }
  const removed = (after.mediaSequence ?? 0) - (before.mediaSequence ?? 0);
  if (removed < 0) fail(`it began with segment ${before.mediaSequence}, and begins with ${after.mediaSequence ?? 0}`);
  if (removed > 0) checkRemoval(before, after);
  checkCounts(before, after, removed);
  before.segments.slice(removed).forEach((segment, i) => checkSame(segment, after.segments[i]));
  checkPending(before, after, removed);
}

function checkRemoval(before: MediaPlaylist, after: MediaPlaylist): void {
  if (before.type) fail(`segments were removed from a playlist of type ${before.type}`);
  const duration = after.segments.reduce((sum, segment) => sum + segment.duration, 0);
  if (duration >= MIN_WINDOW * after.targetDuration - ROUNDING || before.segments.length === 0) return;
  fail(`segments were removed, and ${duration} s are left`);
}

function checkCounts(before: MediaPlaylist, after: MediaPlaylist, removed: number): void {
  const added = removed + after.segments.length - before.segments.length;
  if (added < 0) fail(`it has lost ${-added} segments at its end`);
  if (before.isEnded && (added > 0 || !after.isEnded)) fail("it had ended, and goes on");
  if (removed > before.segments.length) return;
  const gone = before.segments.slice(0, removed).filter(({ discontinuity }) => discontinuity).length;
  const expected = (before.discontinuitySequence ?? 0) + gone;
  if ((after.discontinuitySequence ?? 0) !== expected) {
    fail(`EXT-X-DISCONTINUITY-SEQUENCE is ${after.discontinuitySequence ?? 0}, and ought to be ${expected}`);
  }
}

/** A segment stays what it was; only its parts may be left out. */
function checkSame({ parts, ...before }: Segment, { parts: partsAfter, ...after }: Segment): void {
  const [was, is] = [facts(before), facts(after)];
  if (was !== is) fail(`segment ${before.uri} was ${was}, and is ${is}`);
  if (partsAfter && facts(parts) !== facts(partsAfter)) fail(`segment ${before.uri} has other parts than before`);
}

/** What there was of the segment in progress is there still. */
function checkPending(before: MediaPlaylist, after: MediaPlaylist, removed: number): void {
  const parts = before.pending?.parts ?? [];
  const index = before.segments.length - removed;
  const successor = after.segments[index] ?? after.pending;
  if (index < 0 || parts.length === 0 || successor && "uri" in successor && !successor.parts) return;
  const known = successor?.parts?.slice(0, parts.length) ?? [];
  if (facts(parts) !== facts(known)) fail(`parts were ${facts(parts)}, and are ${facts(known)}`);
}

function facts(value: unknown): string {
  return JSON.stringify(value, (_, value) => isRecord(value) ? sorted(value) : value) ?? "none";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1));
}

function fail(problem: string): never {
  throw new FormatError(`Playlist: ${problem}`);
}
