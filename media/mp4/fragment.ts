import type { ByteWriter } from "../bytes.ts";
import { box, boxType, fields, fullBox, mediaDataHeader, type Writable } from "./box.ts";
import { fileType } from "./file_type.ts";
import { FLAGS_NON_SYNC, FLAGS_SYNC, type Mp4Sample } from "./sample.ts";
import {
  TFHD_BASE_IS_MOOF,
  TFHD_DURATION,
  TFHD_FLAGS,
  TRUN_DATA_OFFSET,
  TRUN_DURATION,
  TRUN_FIRST_FLAGS,
  TRUN_FLAGS,
  TRUN_OFFSET,
  TRUN_SIZE,
} from "./fragment_flags.ts";

/** Consecutive samples of one track. */
export interface TrackRun {
  readonly trackId: number;
  /** When the first sample is decoded, in ticks of its track since 0. */
  readonly time: number;
  readonly samples: readonly Mp4Sample[];
}

/** When something was produced, by a clock on the wall. */
export interface ProducerTime {
  readonly trackId: number;
  /** When the sample of `mediaTime` came, in milliseconds since 1970. */
  readonly wallClock: number;
  /** In ticks of the track. */
  readonly mediaTime: number;
}

/** A movie fragment and its media data. */
export interface Fragment {
  /** Counts fragments from 1. */
  readonly sequence: number;
  /** Tracks without samples must not be among them. */
  readonly tracks: readonly TrackRun[];
  /** Whether a segment begins with it, which a segment type box says. */
  readonly beginsSegment?: boolean;
  readonly producerTime?: ProducerTime;
}

/** A CMAF segment (ISO/IEC 23000-19, 7.2). */
const SEGMENT_BRANDS = ["msdh", "cmfs"];

/** Seconds from 1900, where NTP counts from, to 1970. */
const NTP_EPOCH = 2_208_988_800;

/** The association of wall clock and media has an unknown but constant delay (ISO/IEC 14496-12, 8.16.5). */
const PRFT_CONSISTENT = 8;

/**
 * Writes a fragment: `moof` and `mdat`, with `styp` and `prft` before them if they are asked for (ISO/IEC 14496-12, 8.8
 * and 8.16).
 *
 * Every track's time stands in it absolutely, in 64 bits, and every sample's duration exactly: nothing accumulates.
 */
export function writeFragment(out: ByteWriter, { sequence, tracks, beginsSegment, producerTime }: Fragment): void {
  if (beginsSegment) fileType("styp", SEGMENT_BRANDS).write(out);
  if (producerTime) producerTimeBox(producerTime).write(out);
  const runs = tracks.map((track) => new RunBox(track));
  const moof = box("moof", fullBox("mfhd", 0, 0, fields((out) => out.u32(sequence))), ...runs.map(trackFragment));
  const header = mediaDataHeader(runs.reduce((sum, { dataSize }) => sum + dataSize, 0));
  let offset = moof.size + header.length;
  for (const run of runs) {
    run.dataOffset = offset;
    offset += run.dataSize;
  }
  moof.write(out);
  out.raw(header);
  for (const { samples } of tracks) for (const { data } of samples) out.raw(data);
}

function trackFragment(run: RunBox): Writable {
  const { trackId, time } = run.track;
  const header = fields((out) => {
    out.u32(trackId);
    if (run.duration !== undefined) out.u32(run.duration);
    if (run.flags !== undefined) out.u32(run.flags);
  });
  const headerFlags = TFHD_BASE_IS_MOOF | (run.duration === undefined ? 0 : TFHD_DURATION) |
    (run.flags === undefined ? 0 : TFHD_FLAGS);
  const decodeTime = fullBox("tfdt", 1, 0, fields((out) => out.u64(time)));
  return box("traf", fullBox("tfhd", 0, headerFlags, header), decodeTime, run);
}

/**
 * The track run box (ISO/IEC 14496-12, 8.8.8): what differs from sample to sample. What does not stands in the track
 * fragment header.
 */
class RunBox implements Writable {
  readonly size: number;
  /** How many bytes of media data the run has. */
  readonly dataSize: number;
  /** Every sample's duration; undefined when they differ. */
  readonly duration: number | undefined;
  /** Every sample's flags, or every one's but the first's; undefined when they differ more. */
  readonly flags: number | undefined;
  /** Where the run's data is, from the beginning of the movie fragment box. */
  dataOffset = 0;
  readonly #runFlags: number;

  constructor(readonly track: TrackRun) {
    const { samples } = track;
    this.dataSize = samples.reduce((sum, { data }) => sum + data.length, 0);
    this.duration = samples.every(({ duration }) => duration === samples[0].duration) ? samples[0].duration : undefined;
    const following = samples.length > 1 ? samples[1] : samples[0];
    const isUniform = samples.every(({ isSync }, i) => i === 0 || isSync === following.isSync);
    this.flags = isUniform ? flagsOf(following) : undefined;
    this.#runFlags = TRUN_DATA_OFFSET | TRUN_SIZE |
      (this.duration === undefined ? TRUN_DURATION : 0) |
      (isUniform ? 0 : TRUN_FLAGS) |
      (isUniform && samples[0].isSync !== following.isSync ? TRUN_FIRST_FLAGS : 0) |
      (samples.some(({ offset }) => offset !== 0) ? TRUN_OFFSET : 0);
    this.size = 20 + (this.#has(TRUN_FIRST_FLAGS) ? 4 : 0) + samples.length * this.#sampleBytes();
  }

  write(out: ByteWriter): void {
    const { samples } = this.track;
    out.u32(this.size).u32(boxType("trun")).u8(1).u24(this.#runFlags).u32(samples.length).u32(this.dataOffset);
    if (this.#has(TRUN_FIRST_FLAGS)) out.u32(flagsOf(samples[0]));
    for (const sample of samples) {
      if (this.#has(TRUN_DURATION)) out.u32(sample.duration);
      out.u32(sample.data.length);
      if (this.#has(TRUN_FLAGS)) out.u32(flagsOf(sample));
      if (this.#has(TRUN_OFFSET)) out.u32(sample.offset);
    }
  }

  #sampleBytes(): number {
    return 4 + (this.#has(TRUN_DURATION) ? 4 : 0) + (this.#has(TRUN_FLAGS) ? 4 : 0) + (this.#has(TRUN_OFFSET) ? 4 : 0);
  }

  #has(flag: number): boolean {
    return (this.#runFlags & flag) !== 0;
  }
}

function flagsOf({ isSync }: Mp4Sample): number {
  return isSync ? FLAGS_SYNC : FLAGS_NON_SYNC;
}

/** The producer reference time box (ISO/IEC 14496-12, 8.16.5). */
function producerTimeBox({ trackId, wallClock, mediaTime }: ProducerTime): Writable {
  const seconds = Math.floor(wallClock / 1000);
  const fraction = Math.floor((wallClock / 1000 - seconds) * 2 ** 32);
  const content = fields((out) => out.u32(trackId).u32(seconds + NTP_EPOCH).u32(fraction).u64(mediaTime));
  return fullBox("prft", 1, PRFT_CONSISTENT, content);
}
