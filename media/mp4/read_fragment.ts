import { FormatError } from "../errors.ts";
import { openFullBox, readBoxes, readU64, requireBox } from "./box_reader.ts";
import type { ReadTrack, SampleDefaults } from "./read_movie.ts";
import { FLAG_IS_NON_SYNC } from "./sample.ts";
import type { StoredSample } from "./sample_table.ts";
import {
  TFHD_BASE_IS_MOOF,
  TFHD_BASE_OFFSET,
  TFHD_DESCRIPTION,
  TFHD_DURATION,
  TFHD_FLAGS,
  TFHD_SIZE,
  TRUN_DATA_OFFSET,
  TRUN_DURATION,
  TRUN_FIRST_FLAGS,
  TRUN_FLAGS,
  TRUN_OFFSET,
  TRUN_SIZE,
} from "./fragment_flags.ts";

/** The most samples in one run: ten minutes at 1,600 a second. A run that says all samples are alike could announce 2^32. */
export const MAX_RUN_SAMPLES = 1_000_000;

/** The samples of one track in a fragment that was read. */
export interface ReadRun {
  readonly trackId: number;
  readonly samples: readonly StoredSample[];
}

/** Where the samples of a track go on. */
interface Cursor {
  /** What offsets of data count from. */
  readonly base: number;
  position: number;
  time: number;
}

/** What a track fragment header says. */
interface RunHeader {
  readonly trackId: number;
  /** Where the track's data offsets count from, if it says so. */
  readonly base?: number;
  readonly isBaseMoof: boolean;
  readonly defaults: SampleDefaults;
}

/**
 * Reads what a movie fragment box says of the samples of these tracks (ISO/IEC 14496-12, 8.8.4 to 8.8.8); `position` is
 * where the box begins. Throws {@linkcode FormatError} when something is cut off or missing.
 */
export function readFragment(content: Uint8Array, position: number, tracks: readonly ReadTrack[]): ReadRun[] {
  const runs: ReadRun[] = [];
  let end = position;
  for (const traf of readBoxes(content)) {
    if (traf.type !== "traf") continue;
    const boxes = readBoxes(traf.content);
    const header = readHeader(requireBox(boxes, "tfhd"), tracks);
    const base = header.base ?? (header.isBaseMoof ? position : end);
    const cursor: Cursor = { base, position: base, time: readTime(requireBox(boxes, "tfdt")) };
    const samples = boxes.flatMap(({ type, content }) =>
      type === "trun" ? readRun(content, header.defaults, cursor) : []
    );
    end = cursor.position;
    if (tracks.some(({ track }) => track.id === header.trackId)) runs.push({ trackId: header.trackId, samples });
  }
  return runs;
}

function readHeader(content: Uint8Array, tracks: readonly ReadTrack[]): RunHeader {
  const { flags, input } = openFullBox(content);
  const trackId = input.u32();
  const known = tracks.find(({ track }) => track.id === trackId)?.defaults;
  const base = flags & TFHD_BASE_OFFSET ? readU64(input) : undefined;
  if (flags & TFHD_DESCRIPTION) input.u32();
  const duration = flags & TFHD_DURATION ? input.u32() : known?.duration ?? 0;
  const size = flags & TFHD_SIZE ? input.u32() : known?.size ?? 0;
  const sampleFlags = flags & TFHD_FLAGS ? input.u32() : known?.flags ?? 0;
  const isBaseMoof = (flags & TFHD_BASE_IS_MOOF) !== 0;
  return { trackId, base, isBaseMoof, defaults: { duration, size, flags: sampleFlags } };
}

function readTime(content: Uint8Array): number {
  const { version, input } = openFullBox(content);
  return version === 1 ? readU64(input) : input.u32();
}

function readRun(content: Uint8Array, defaults: SampleDefaults, cursor: Cursor): StoredSample[] {
  const { flags, input } = openFullBox(content);
  const count = input.u32();
  if (count > MAX_RUN_SAMPLES) throw new FormatError(`A track run has ${count} samples`);
  if (flags & TRUN_DATA_OFFSET) cursor.position = cursor.base + input.i32();
  const firstFlags = flags & TRUN_FIRST_FLAGS ? input.u32() : undefined;
  const samples: StoredSample[] = [];
  for (let i = 0; i < count; i++) {
    const duration = flags & TRUN_DURATION ? input.u32() : defaults.duration;
    const size = flags & TRUN_SIZE ? input.u32() : defaults.size;
    const own = flags & TRUN_FLAGS ? input.u32() : i === 0 && firstFlags !== undefined ? firstFlags : defaults.flags;
    // Version 0 has unsigned offsets, but writers put negative ones there too.
    const offset = flags & TRUN_OFFSET ? input.i32() : 0;
    const isSync = (own & FLAG_IS_NON_SYNC) === 0;
    samples.push({ position: cursor.position, size, time: cursor.time, duration, offset, isSync });
    cursor.position += size;
    cursor.time += duration;
  }
  return samples;
}
