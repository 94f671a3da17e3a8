import { FormatError } from "../errors.ts";
import type { ReadMediaPlaylist } from "./media_playlist_parser.ts";
import type { Part, SegmentStart } from "./segment.ts";

/** The least that a part lasts, of the part target, unless it is the last of its segment or missing. */
const MIN_PART = 0.85;

/** How much durations that were rounded to the microsecond may differ, in seconds. */
const ROUNDING = 0.000_002;

/** How much a segment may differ from its parts together, in seconds: they are measured on several tracks. */
const PARTS_TOLERANCE = 0.05;

/**
 * Holds a playlist to the rules that concern more than one of its lines, and gives it back; `needed` is the version that its
 * tags need. Throws {@linkcode FormatError}.
 */
export function checkMediaPlaylist(
  playlist: Omit<ReadMediaPlaylist, "targetDuration"> & { readonly targetDuration?: number },
  needed: number,
): ReadMediaPlaylist {
  const { targetDuration, version, segments, type, isEnded } = playlist;
  if (targetDuration === undefined) fail("there is no EXT-X-TARGETDURATION");
  if (version < needed) fail(`its tags need version ${needed}, and it says ${version}`);
  for (const { uri, duration } of segments) {
    if (Math.round(duration) > targetDuration) {
      fail(`${uri} lasts ${duration} s, and the target is ${targetDuration} s`);
    }
  }
  if (type === "VOD" && !isEnded) fail("a VOD playlist has no EXT-X-ENDLIST");
  if (isEnded && (playlist.pending || playlist.preloadHint)) fail("it has ended, and media is to come");
  const checked = { ...playlist, targetDuration };
  checkServerControl(checked);
  checkParts(checked);
  return checked;
}

function checkServerControl({ serverControl, targetDuration, partTarget, skipped }: ReadMediaPlaylist): void {
  const { canSkipUntil, holdBack, partHoldBack, canBlockReload } = serverControl ?? {};
  if (canSkipUntil !== undefined && canSkipUntil < 6 * targetDuration) {
    fail("CAN-SKIP-UNTIL is under six target durations");
  }
  if (holdBack !== undefined && holdBack < 3 * targetDuration) fail("HOLD-BACK is under three target durations");
  if (skipped > 0 && canSkipUntil === undefined) fail("segments are skipped, and there is no CAN-SKIP-UNTIL");
  if (partTarget === undefined) return;
  if (!canBlockReload) fail("there are parts, and no CAN-BLOCK-RELOAD");
  if (partHoldBack === undefined) fail("there are parts, and no PART-HOLD-BACK");
  if (partHoldBack < 2 * partTarget) fail("PART-HOLD-BACK is under two part targets");
}

function checkParts({ segments, pending, partTarget }: ReadMediaPlaylist): void {
  for (const segment of segments) {
    const { parts, uri, duration } = segment;
    if (!parts) continue;
    checkDurations(segment, partTarget, true);
    const sum = parts.reduce((sum, part) => sum + part.duration, 0);
    if (Math.abs(sum - duration) > PARTS_TOLERANCE) fail(`${uri} lasts ${duration} s, and its parts ${sum} s`);
  }
  if (pending) checkDurations(pending, partTarget, false);
}

function checkDurations({ parts = [] }: SegmentStart, partTarget: number | undefined, isWhole: boolean): void {
  if (parts.length === 0) return;
  if (partTarget === undefined) fail("there are parts, and no EXT-X-PART-INF");
  for (const [i, part] of parts.entries()) checkPart(part, partTarget, isWhole && i + 1 === parts.length);
}

function checkPart({ uri, duration, gap }: Part, partTarget: number, isLast: boolean): void {
  if (duration > partTarget + ROUNDING) fail(`part ${uri} lasts ${duration} s, and the target is ${partTarget} s`);
  const isShort = duration < MIN_PART * partTarget - ROUNDING;
  if (isShort && !isLast && !gap) fail(`part ${uri} lasts ${duration} s, under 85 % of ${partTarget} s`);
}

function fail(problem: string): never {
  throw new FormatError(`Playlist: ${problem}`);
}
