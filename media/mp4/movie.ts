import type { ByteWriter } from "../bytes.ts";
import { ascii, box, fields, fullBox, type Writable } from "./box.ts";
import type { Mp4Track } from "./track.ts";

/** The timescale of what concerns all tracks, in Hz: the same as that of video. */
export const MOVIE_TIMESCALE = 90_000;

/** One entry of an edit list (ISO/IEC 14496-12, 8.6.6). */
export interface Edit {
  /** How long it lasts, in ticks of {@linkcode MOVIE_TIMESCALE}; 0 in a fragmented file is all that there is. */
  readonly duration: number;
  /** What is played, in ticks of the track; -1 for nothing. */
  readonly mediaTime: number;
}

/** What a movie box says of one track beside what is in the track itself. */
export interface TrackContent {
  readonly track: Mp4Track;
  /** In ticks of {@linkcode MOVIE_TIMESCALE}, edits included; 0 when it is not known. */
  readonly duration: number;
  /** In ticks of the track; 0 when it is not known. */
  readonly mediaDuration: number;
  readonly edits: readonly Edit[];
  /** All of the track's sample descriptions, when it has more than its own. */
  readonly sampleEntries?: readonly Uint8Array[];
  /** The boxes that say where the samples are, behind the sample description. */
  readonly sampleTables: readonly Writable[];
}

const MAX_U32 = 0xffff_ffff;
const MAX_I32 = 0x7fff_ffff;

/** No rotation and no scaling: 16.16 numbers, 2.30 ones in the last column. */
const UNITY_MATRIX = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/** `und`, five bits a letter. */
const LANGUAGE_UNDETERMINED = 0x55c4;

const TRACK_ENABLED_IN_MOVIE = 3;

/** An 8.8 number. */
const FULL_VOLUME = 0x100;

/** Tracks of one group are alternatives; each kind is by itself. */
const AUDIO_GROUP = 1;

/** The samples are in the same file. */
const SELF_CONTAINED = fullBox("url ", 0, 1);
const DATA_INFORMATION = box("dinf", fullBox("dref", 0, 0, fields((out) => out.u32(1)), SELF_CONTAINED));

const HANDLERS = { video: { type: "vide", name: "VideoHandler" }, audio: { type: "soun", name: "SoundHandler" } };

/** The movie box (ISO/IEC 14496-12, 8.2); `extra` boxes stand behind the tracks. */
export function movieBox(tracks: readonly TrackContent[], ...extra: readonly Writable[]): Writable {
  const duration = tracks.reduce((longest, track) => Math.max(longest, track.duration), 0);
  const nextId = tracks.reduce((highest, { track }) => Math.max(highest, track.id), 0) + 1;
  return box("moov", movieHeader(duration, nextId), ...tracks.map(trackBox), ...extra);
}

function movieHeader(duration: number, nextId: number): Writable {
  return timedBox("mvhd", 0, duration, [MOVIE_TIMESCALE], (out) => {
    out.u32(0x1_0000).u16(FULL_VOLUME).u16(0).u32(0).u32(0);
    for (const value of UNITY_MATRIX) out.u32(value);
    out.raw(new Uint8Array(24)).u32(nextId);
  });
}

function trackBox(content: TrackContent): Writable {
  const { edits } = content;
  return box(
    "trak",
    trackHeader(content),
    ...(edits.length > 0 ? [box("edts", editList(edits))] : []),
    mediaBox(content),
  );
}

function trackHeader({ track: { id, kind, width, height }, duration }: TrackContent): Writable {
  return timedBox("tkhd", TRACK_ENABLED_IN_MOVIE, duration, [id, 0], (out) => {
    out.u32(0).u32(0).u16(0).u16(kind === "audio" ? AUDIO_GROUP : 0).u16(kind === "audio" ? FULL_VOLUME : 0).u16(0);
    for (const value of UNITY_MATRIX) out.u32(value);
    out.u32(width * 0x1_0000).u32(height * 0x1_0000);
  });
}

function editList(edits: readonly Edit[]): Writable {
  const version = edits.some(({ duration, mediaTime }) => duration > MAX_U32 || mediaTime > MAX_I32) ? 1 : 0;
  const content = fields((out) => {
    out.u32(edits.length);
    for (const { duration, mediaTime } of edits) {
      if (version) out.u64(duration).u64(mediaTime);
      else out.u32(duration).u32(mediaTime);
      out.u32(0x1_0000);
    }
  });
  return fullBox("elst", version, 0, content);
}

function mediaBox({ track, mediaDuration, sampleEntries = [track.sampleEntry], sampleTables }: TrackContent): Writable {
  const { type, name } = HANDLERS[track.kind];
  const header = timedBox("mdhd", 0, mediaDuration, [track.timescale], (out) => out.u16(LANGUAGE_UNDETERMINED).u16(0));
  const handler = fullBox(
    "hdlr",
    0,
    0,
    fields((out) => out.u32(0).raw(ascii(type)).raw(new Uint8Array(12)).raw(ascii(name)).u8(0)),
  );
  const count = fields((out) => out.u32(sampleEntries.length));
  const descriptions = fullBox("stsd", 0, 0, count, ...sampleEntries);
  const information = box("minf", mediaHeader(track), DATA_INFORMATION, box("stbl", descriptions, ...sampleTables));
  return box("mdia", header, handler, information);
}

function mediaHeader({ kind }: Mp4Track): Writable {
  if (kind === "video") return fullBox("vmhd", 0, 1, new Uint8Array(8));
  return fullBox("smhd", 0, 0, new Uint8Array(4));
}

/** A full box that begins with its times: 64-bit ones if the duration needs it. `between` stand before the duration. */
function timedBox(
  type: string,
  flags: number,
  duration: number,
  between: readonly number[],
  rest: (out: ByteWriter) => void,
): Writable {
  const version = duration > MAX_U32 ? 1 : 0;
  const content = fields((out) => {
    out.raw(new Uint8Array(version ? 16 : 8));
    for (const value of between) out.u32(value);
    if (version) out.u64(duration);
    else out.u32(duration);
    rest(out);
  });
  return fullBox(type, version, flags, content);
}
