import { FormatError } from "../errors.ts";
import { openFullBox, type ReadBox, readBoxes, requireBox } from "./box_reader.ts";
import type { Mp4Track } from "./track.ts";

/** What samples of a track are like unless their fragment says otherwise (ISO/IEC 14496-12, 8.8.3). */
export interface SampleDefaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

/** A track as a file describes it. */
export interface ReadTrack {
  readonly track: Mp4Track;
  readonly defaults: SampleDefaults;
}

const KINDS: Readonly<Record<string, Mp4Track["kind"]>> = { vide: "video", soun: "audio" };
const NO_DEFAULTS: SampleDefaults = { duration: 0, size: 0, flags: 0 };

/**
 * Reads the video and audio tracks of a movie box (ISO/IEC 14496-12, 8.2); of several sample descriptions the first one is
 * taken. Throws {@linkcode FormatError} when something is cut off or missing.
 */
export function readMovie(content: Uint8Array): ReadTrack[] {
  const boxes = readBoxes(content);
  const defaults = readDefaults(boxes);
  return boxes.flatMap(({ type, content }) => {
    const track = type === "trak" ? readTrack(readBoxes(content)) : undefined;
    return track ? [{ track, defaults: defaults.get(track.id) ?? NO_DEFAULTS }] : [];
  });
}

function readDefaults(boxes: readonly ReadBox[]): Map<number, SampleDefaults> {
  const defaults = new Map<number, SampleDefaults>();
  const movieExtends = boxes.find(({ type }) => type === "mvex");
  for (const { type, content } of movieExtends ? readBoxes(movieExtends.content) : []) {
    if (type !== "trex") continue;
    const { input } = openFullBox(content);
    const id = input.u32();
    input.u32();
    defaults.set(id, { duration: input.u32(), size: input.u32(), flags: input.u32() });
  }
  return defaults;
}

function readTrack(boxes: readonly ReadBox[]): Mp4Track | undefined {
  const media = readBoxes(requireBox(boxes, "mdia"));
  const kind = KINDS[readHandler(requireBox(media, "hdlr"))];
  if (!kind) return undefined;
  const information = readBoxes(requireBox(media, "minf"));
  const tables = readBoxes(requireBox(information, "stbl"));
  return {
    ...readTrackHeader(requireBox(boxes, "tkhd")),
    kind,
    timescale: readTimescale(requireBox(media, "mdhd")),
    sampleEntry: readSampleEntry(requireBox(tables, "stsd")),
  };
}

function readTrackHeader(content: Uint8Array): { id: number; width: number; height: number } {
  const { version, input } = openFullBox(content);
  input.raw(version === 1 ? 16 : 8);
  const id = input.u32();
  input.raw((version === 1 ? 12 : 8) + 16 + 36);
  return { id, width: input.u32() >>> 16, height: input.u32() >>> 16 };
}

function readTimescale(content: Uint8Array): number {
  const { version, input } = openFullBox(content);
  input.raw(version === 1 ? 16 : 8);
  const timescale = input.u32();
  if (timescale === 0) throw new FormatError("A track has a timescale of 0");
  return timescale;
}

function readHandler(content: Uint8Array): string {
  const { input } = openFullBox(content);
  input.u32();
  return input.text(4);
}

/** The first sample entry with its header, as a copy: what it was read from need not be kept. */
function readSampleEntry(content: Uint8Array): Uint8Array {
  const entries = content.subarray(8);
  const [first] = readBoxes(entries);
  if (!first) throw new FormatError("A track has no sample description");
  return entries.slice(0, first.content.byteOffset - entries.byteOffset + first.content.length);
}
