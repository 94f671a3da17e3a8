import { type MediaPlaylist, type RenditionReport, writeMediaPlaylist } from "../../../media/hls/media_playlist.ts";
import type { Part, Segment, SegmentStart } from "../../../media/hls/segment.ts";
import type { LiveWindow } from "./live_window.ts";
import { faultyPart, type WindowSegment } from "./window_segment.ts";

/** Which text of a playlist is wanted. */
export interface PlaylistView {
  /** Whether a delta update was asked for: it is given where it leaves something out. */
  readonly skip: boolean;
  /**
   * Whether it is not told yet that nothing more comes: hls.js loads no more parts when it is, and would wait for ever for the
   * rest of a last segment of which it has some.
   */
  readonly isBeforeEnd: boolean;
}

/** What a live playlist says beside its segments. */
export interface LivePlaylistOptions extends Partial<PlaylistView> {
  /** How far the other renditions of its group are. */
  readonly reports?: readonly RenditionReport[];
}

/** Players begin so many target durations before the end, and as many part targets when they play parts (bis, 4.4.3.8). */
const HOLD_BACK = 3;

/** A delta update leaves out what is so many target durations before the end (bis, 4.4.3.8). */
const SKIP_UNTIL = 6;

/** Parts are listed for so many target durations: nobody begins further back (bis, 6.2.2). */
const PARTS_KEPT = 3;

/**
 * The live playlist of a window that has promised its targets. One for all: players that know nothing of low latency read past
 * parts and hints. Durations are those of the window, exactly.
 */
export function livePlaylist(window: LiveWindow, options: LivePlaylistOptions = {}): string {
  const playlist = describePlaylist(window, options);
  return writeMediaPlaylist(playlist, { skip: options.skip ? skippable(playlist) : 0 });
}

function describePlaylist(window: LiveWindow, { reports, isBeforeEnd }: LivePlaylistOptions): MediaPlaylist {
  const { segments, open, hint, target, partTarget } = window;
  const isEnded = window.isEnded && !isBeforeEnd;
  const seconds = target!;
  const canSkip = segments.reduce((sum, { duration }) => sum + duration, 0) > SKIP_UNTIL * seconds * 1_000_000;
  const withParts = partTarget === undefined ? new Set() : recent(segments, PARTS_KEPT * seconds * 1_000_000);
  return {
    targetDuration: seconds,
    mediaSequence: segments[0]?.msn ?? window.nextMsn,
    discontinuitySequence: window.discontinuitySequence,
    isEnded,
    independentSegments: window.isIndependent,
    start: isEnded ? undefined : startBefore(window, HOLD_BACK * seconds * 1_000_000),
    serverControl: {
      canBlockReload: true,
      holdBack: HOLD_BACK * seconds,
      partHoldBack: partTarget === undefined ? undefined : HOLD_BACK * partTarget / 1_000_000,
      canSkipUntil: canSkip ? SKIP_UNTIL * seconds : undefined,
    },
    partTarget: partTarget === undefined ? undefined : partTarget / 1_000_000,
    segments: segments.map((segment) => complete(window, segment, withParts.has(segment))),
    pending: open && partTarget !== undefined && !isEnded ? inProgress(window, open, partTarget) : undefined,
    preloadHint: hint === undefined || partTarget === undefined ? undefined : { type: "PART", uri: hint },
    renditionReports: isEnded ? [] : reports,
  };
}

/** How far behind a segment's beginning players are told to begin, in seconds: surely within it. */
const WITHIN = 0.1;

/**
 * Where players should begin when not all segments begin with a key: hls.js fails for good on a first segment without one. The
 * last one with a key that is far enough from the end, or else the last of all with one; undefined when any segment will do.
 */
function startBefore({ segments, open, isIndependent }: LiveWindow, holdBack: number): number | undefined {
  if (isIndependent) return undefined;
  let after = open?.duration ?? 0;
  let nearest: number | undefined;
  for (const segment of segments.toReversed()) {
    after += segment.duration;
    if (!segment.isIndependent) continue;
    nearest ??= after;
    if (after < holdBack) continue;
    nearest = after;
    break;
  }
  return nearest === undefined ? undefined : WITHIN - nearest / 1_000_000;
}

/** The segments that end less than so many microseconds before the end of all. */
function recent(segments: readonly WindowSegment[], span: number): Set<WindowSegment> {
  const found = new Set<WindowSegment>();
  let after = 0;
  for (const segment of segments.toReversed()) {
    if (after >= span) break;
    found.add(segment);
    after += segment.duration;
  }
  return found;
}

function complete(window: LiveWindow, segment: WindowSegment, withParts: boolean): Segment {
  const parts = withParts && !segment.hasHole ? segment.parts.map(toPart) : undefined;
  return { ...begun(window, segment), uri: segment.name, duration: segment.duration / 1_000_000, parts };
}

/** Of a segment with a part that must not be listed, what came before that part. */
function inProgress(window: LiveWindow, segment: WindowSegment, partTarget: number): SegmentStart {
  const listed = segment.parts.slice(0, faultyPart(segment.parts, partTarget));
  return { ...begun(window, segment), parts: listed.map(toPart) };
}

function begun(window: LiveWindow, segment: WindowSegment): SegmentStart {
  const { isDiscontinuous: discontinuity, map, key } = segment;
  return {
    programDateTime: window.dateOf(segment),
    discontinuity,
    map: map === undefined ? undefined : { uri: map },
    key,
  };
}

function toPart({ name, duration, isIndependent }: WindowSegment["parts"][number]): Part {
  return { uri: name, duration: duration / 1_000_000, independent: isIndependent };
}

/** How many segments are far enough from the end to be left out of a delta update. */
function skippable({ segments, pending, serverControl }: MediaPlaylist): number {
  const until = serverControl?.canSkipUntil;
  if (until === undefined) return 0;
  let after = (pending?.parts ?? []).reduce((sum, { duration }) => sum + duration, 0);
  let kept = segments.length;
  while (kept > 0 && after <= until) after += segments[--kept].duration;
  return kept;
}
