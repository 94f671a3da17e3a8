import { attributeTag, decimalSeconds, quoted } from "./attribute_writer.ts";
import type { Segment, SegmentStart } from "./segment.ts";
import { SegmentTags } from "./segment_tags.ts";

/** What players may ask the server for (draft-pantos-hls-rfc8216bis, 4.4.3.8). All in seconds. */
export interface ServerControl {
  /** Delta updates: segments that end more than this before the end can be skipped; at least six target durations. */
  readonly canSkipUntil?: number;
  /** How far from the end players begin; at least three target durations. */
  readonly holdBack?: number;
  /** The same when they play parts; at least twice, better three times the part target. */
  readonly partHoldBack?: number;
  /** Whether the answer can wait for a segment or part that is to come. */
  readonly canBlockReload?: boolean;
}

/** What will be needed soon (draft-pantos-hls-rfc8216bis, 4.4.5.3). */
export interface PreloadHint {
  readonly type: "PART" | "MAP";
  readonly uri: string;
  /** In bytes, 0 by default. */
  readonly byteRangeStart?: number;
  /** In bytes; without it, to the end of the resource. */
  readonly byteRangeLength?: number;
}

/** How far another rendition is (draft-pantos-hls-rfc8216bis, 4.4.5.4). */
export interface RenditionReport {
  /** Its media playlist, relative to this one. */
  readonly uri: string;
  /** The media sequence number of its last segment, the one in progress included. */
  readonly lastMsn: number;
  /** The number of its last part in that segment, from 0. */
  readonly lastPart?: number;
}

/** A media playlist (RFC 8216, 4.3.3), with what low latency adds to it (draft-pantos-hls-rfc8216bis). */
export interface MediaPlaylist {
  /** The most that a segment lasts, rounded, in whole seconds. It never changes. */
  readonly targetDuration: number;
  /** The number of the first segment; 0 by default. */
  readonly mediaSequence?: number;
  /** How many discontinuities there were before the first segment; 0 by default. */
  readonly discontinuitySequence?: number;
  /** `EVENT`: segments are only added. `VOD`: nothing changes. */
  readonly type?: "EVENT" | "VOD";
  /** Whether no more segments will come. */
  readonly isEnded?: boolean;
  /** Whether every segment can be decoded without another. */
  readonly independentSegments?: boolean;
  /** Where players should begin, in seconds from the beginning or, when it is negative, from the end (RFC 8216, 4.3.5.2). */
  readonly start?: number;
  readonly serverControl?: ServerControl;
  /** The most that a part lasts, in seconds; there are parts when it is given. */
  readonly partTarget?: number;
  readonly segments: readonly Segment[];
  /** The segment in progress, of which there are only parts. */
  readonly pending?: SegmentStart;
  readonly preloadHint?: PreloadHint;
  readonly renditionReports?: readonly RenditionReport[];
}

/** How {@linkcode writeMediaPlaylist} writes. */
export interface WritePlaylistOptions {
  /** How many segments at the beginning are left out of a delta update; none by default. */
  readonly skip?: number;
}

/**
 * The text of a media playlist, or of a delta update of it.
 *
 * Keys and maps stand where they change; a delta update repeats those that apply to its first segment. EXT-X-VERSION is the
 * least that the tags need (draft-pantos-hls-rfc8216bis, 8), that of delta updates when they are offered. Throws RangeError
 * when a segment lasts longer than the target, when more segments are to be skipped than there are or skipping is not
 * offered, and for what cannot be written: URIs with line breaks or quotation marks, negative durations, a segment
 * without a map behind one with.
 */
export function writeMediaPlaylist(playlist: MediaPlaylist, { skip = 0 }: WritePlaylistOptions = {}): string {
  const { segments, pending, preloadHint, renditionReports = [], isEnded } = playlist;
  if (skip > 0 && (skip > segments.length || playlist.serverControl?.canSkipUntil === undefined)) {
    throw new RangeError(`${skip} of ${segments.length} segments cannot be skipped`);
  }
  const lines = headTags(playlist);
  if (skip > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skip}`);
  const tags = new SegmentTags(lines, skip > 0 && segments[skip - 1].key !== undefined);
  for (const segment of skip > 0 ? segments.slice(skip) : segments) {
    checkDuration(segment, playlist.targetDuration);
    tags.segment(segment);
  }
  if (pending) tags.start(pending);
  if (preloadHint) lines.push(hintTag(preloadHint));
  for (const report of renditionReports) lines.push(reportTag(report));
  if (isEnded) lines.push("#EXT-X-ENDLIST");
  return lines.join("\n") + "\n";
}

function headTags(playlist: MediaPlaylist): string[] {
  const { targetDuration, mediaSequence = 0, discontinuitySequence = 0, type, serverControl, partTarget } = playlist;
  const lines = ["#EXTM3U", `#EXT-X-VERSION:${requiredVersion(playlist)}`, `#EXT-X-TARGETDURATION:${targetDuration}`];
  if (serverControl) lines.push(controlTag(serverControl));
  if (partTarget !== undefined) lines.push(`#EXT-X-PART-INF:PART-TARGET=${decimalSeconds(partTarget)}`);
  lines.push(`#EXT-X-MEDIA-SEQUENCE:${mediaSequence}`);
  if (discontinuitySequence > 0) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`);
  if (type) lines.push(`#EXT-X-PLAYLIST-TYPE:${type}`);
  if (playlist.independentSegments) lines.push("#EXT-X-INDEPENDENT-SEGMENTS");
  if (playlist.start !== undefined) lines.push(attributeTag("EXT-X-START", { "TIME-OFFSET": signed(playlist.start) }));
  return lines;
}

function signed(seconds: number): string {
  return seconds < 0 ? `-${decimalSeconds(-seconds)}` : decimalSeconds(seconds);
}

/**
 * The least version that has all that the playlist uses (draft-pantos-hls-rfc8216bis, 8); durations have a point: 3. Parts are
 * in no list of versions, but in all examples of it they are in playlists of version 6 or later.
 */
function requiredVersion({ segments, pending, serverControl, partTarget }: MediaPlaylist): number {
  if (serverControl?.canSkipUntil !== undefined) return 9;
  const starts: readonly SegmentStart[] = pending ? [...segments, pending] : segments;
  if (partTarget !== undefined || starts.some(({ map }) => map)) return 6;
  if (starts.some(({ key }) => key && (key.method !== "AES-128" || key.keyFormat || key.keyFormatVersions))) return 5;
  return segments.some(({ byteRange }) => byteRange) ? 4 : 3;
}

function checkDuration({ uri, duration }: Segment, targetDuration: number): void {
  if (Math.round(duration) <= targetDuration) return;
  throw new RangeError(`Segment ${uri} lasts ${duration} s, and no segment may last longer than ${targetDuration} s`);
}

function controlTag({ canSkipUntil, holdBack, partHoldBack, canBlockReload }: ServerControl): string {
  return attributeTag("EXT-X-SERVER-CONTROL", {
    "CAN-BLOCK-RELOAD": canBlockReload ? "YES" : undefined,
    "CAN-SKIP-UNTIL": canSkipUntil === undefined ? undefined : decimalSeconds(canSkipUntil),
    "HOLD-BACK": holdBack === undefined ? undefined : decimalSeconds(holdBack),
    "PART-HOLD-BACK": partHoldBack === undefined ? undefined : decimalSeconds(partHoldBack),
  });
}

function hintTag({ type, uri, byteRangeStart, byteRangeLength }: PreloadHint): string {
  return attributeTag("EXT-X-PRELOAD-HINT", {
    "TYPE": type,
    "URI": quoted(uri),
    "BYTERANGE-START": byteRangeStart,
    "BYTERANGE-LENGTH": byteRangeLength,
  });
}

function reportTag({ uri, lastMsn, lastPart }: RenditionReport): string {
  return attributeTag("EXT-X-RENDITION-REPORT", { "URI": quoted(uri), "LAST-MSN": lastMsn, "LAST-PART": lastPart });
}
