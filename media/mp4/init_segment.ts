import { box, encodeBoxes, fields, fullBox, type Writable } from "./box.ts";
import { fileType } from "./file_type.ts";
import { movieBox, type TrackContent } from "./movie.ts";
import type { Mp4Track } from "./track.ts";

/** What an init segment says beside its tracks. */
export interface InitOptions {
  /**
   * The time, in microseconds, that is to be 0 when the fragments are played as one file: an edit list says so. By default
   * times are played as they are, which is what live players and playlists need.
   */
  readonly start?: number;
}

/** Fragments whose offsets count from their own movie fragment box, with signed composition offsets. */
const BRAND_FRAGMENTED = "iso6";
/** CMAF (ISO/IEC 23000-19, 7.2): for files of one track. */
const BRAND_CMAF = "cmfc";
const BRAND_MP4 = "mp41";

/**
 * The segment that players need before the fragments of these tracks: `ftyp` and a `moov` without samples (ISO/IEC
 * 14496-12, 4.3 and 8.8; ISO/IEC 23000-19, 7.3.1).
 */
export function initSegment(tracks: readonly Mp4Track[], { start }: InitOptions = {}): Uint8Array {
  const contents = tracks.map((track) => emptyTrack(track, start));
  const brands = tracks.length === 1 ? [BRAND_FRAGMENTED, BRAND_CMAF, BRAND_MP4] : [BRAND_FRAGMENTED, BRAND_MP4];
  const movieExtends = box("mvex", ...tracks.map(({ id }) => trackExtends(id)));
  return encodeBoxes(fileType("ftyp", brands), movieBox(contents, movieExtends));
}

function emptyTrack(track: Mp4Track, start: number | undefined): TrackContent {
  const mediaTime = start === undefined ? 0 : Math.round(start * track.timescale / 1_000_000);
  const none = fields((out) => out.u32(0));
  const sampleTables = [
    fullBox("stts", 0, 0, none),
    fullBox("stsc", 0, 0, none),
    fullBox("stsz", 0, 0, none, none),
    fullBox("stco", 0, 0, none),
  ];
  return {
    track,
    duration: 0,
    mediaDuration: 0,
    edits: mediaTime > 0 ? [{ duration: 0, mediaTime }] : [],
    sampleTables,
  };
}

/** Defaults of a track's fragments: its only sample description, and nothing else (ISO/IEC 14496-12, 8.8.3). */
function trackExtends(id: number): Writable {
  return fullBox("trex", 0, 0, fields((out) => out.u32(id).u32(1).u32(0).u32(0).u32(0)));
}
