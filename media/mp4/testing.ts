import { assert, assertEquals } from "@std/assert";
import { bytes } from "../testing.ts";
import type { Mp4Track } from "./track.ts";

/** A track of pictures in a codec that is none. */
export const VIDEO: Mp4Track = {
  id: 1,
  kind: "video",
  timescale: 90_000,
  sampleEntry: bytes('00000009 "xxxx" 00'),
  width: 320,
  height: 180,
};

/** A track of sound in a codec that is none. */
export const AUDIO: Mp4Track = { ...VIDEO, id: 2, kind: "audio", timescale: 48_000, width: 0, height: 0 };

/** A box as it was found. For tests. */
export interface SeenBox {
  readonly type: string;
  /** Where the box begins. */
  readonly at: number;
  readonly size: number;
  /** Everything behind the header. */
  readonly content: Uint8Array;
  /** The boxes in it, if it is a kind that holds boxes. */
  readonly boxes: readonly SeenBox[];
}

/** How many bytes stand before the first box in boxes that hold boxes. */
const PREFIXES: Readonly<Record<string, number>> = {
  moov: 0,
  trak: 0,
  edts: 0,
  mdia: 0,
  minf: 0,
  dinf: 0,
  stbl: 0,
  mvex: 0,
  moof: 0,
  traf: 0,
  dref: 8,
  stsd: 8,
  avc1: 78,
  hvc1: 78,
  av01: 78,
  vp08: 78,
  vp09: 78,
  mp4a: 28,
  Opus: 28,
  fLaC: 28,
  "ac-3": 28,
  "ec-3": 28,
};

/** The boxes that fill these bytes; fails when they do not. */
export function readBoxes(bytes: Uint8Array, from = 0): SeenBox[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boxes: SeenBox[] = [];
  for (let at = 0; at < bytes.length;) {
    const isLarge = view.getUint32(at) === 1;
    const header = isLarge ? 16 : 8;
    const size = isLarge ? Number(view.getBigUint64(at + 8)) : view.getUint32(at);
    assert(size >= header && at + size <= bytes.length, `box of ${size} bytes at ${from + at}`);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + header, at + size);
    const prefix = PREFIXES[type];
    const start = from + at + header;
    const inner = prefix === undefined ? [] : readBoxes(content.subarray(prefix), start + prefix);
    boxes.push({ type, at: from + at, size, content, boxes: inner });
    at += size;
  }
  return boxes;
}

/** The boxes at a path such as `moov/trak/mdia`. */
export function boxesAt(boxes: readonly SeenBox[], path: string): SeenBox[] {
  const [type, ...rest] = path.split("/");
  const found = boxes.filter((box) => box.type === type);
  return rest.length === 0 ? found : found.flatMap((box) => boxesAt(box.boxes, rest.join("/")));
}

/** A box and what is in it, by names: `moov(mvhd trak(tkhd))`. */
export function outline(boxes: readonly SeenBox[]): string {
  return boxes.map(({ type, boxes }) => boxes.length > 0 ? `${type}(${outline(boxes)})` : type).join(" ");
}

/** One sample as a fragment describes it. */
export interface SeenSample {
  readonly time: number;
  readonly duration: number;
  readonly offset: number;
  readonly isSync: boolean;
  readonly data: Uint8Array;
}

/** One track's part of a fragment. */
export interface SeenRun {
  readonly trackId: number;
  readonly time: number;
  readonly samples: readonly SeenSample[];
}

/** What the fragments in these bytes hold; fails when data lies outside the media data box behind its fragment. */
export function readFragmentRuns(bytes: Uint8Array): SeenRun[][] {
  const boxes = readBoxes(bytes);
  return boxes.flatMap((moof, i) => {
    if (moof.type !== "moof") return [];
    const mdat = boxes[i + 1];
    assertEquals(mdat?.type, "mdat");
    return [moof.boxes.filter(({ type }) => type === "traf").map((traf) => readRun(bytes, moof, mdat, traf))];
  });
}

function readRun(bytes: Uint8Array, moof: SeenBox, mdat: SeenBox, traf: SeenBox): SeenRun {
  const [tfhd, tfdt, trun] = ["tfhd", "tfdt", "trun"].map((type) => boxesAt(traf.boxes, type)[0].content);
  const header = fieldsOf(tfhd);
  const headerFlags = header() & 0xff_ffff;
  assertEquals(headerFlags & 0x2_0000, 0x2_0000, "default-base-is-moof");
  const trackId = header();
  const defaultDuration = headerFlags & 0x08 ? header() : 0;
  const defaultFlags = headerFlags & 0x20 ? header() : 0;
  const time = Number(new DataView(tfdt.buffer, tfdt.byteOffset).getBigUint64(4));
  assertEquals(tfdt[0], 1, "64-bit time");
  assertEquals(trun[0], 1, "signed offsets");
  const run = fieldsOf(trun);
  const flags = run() & 0xff_ffff;
  const count = run();
  let at = moof.at + run();
  const firstFlags = flags & 0x04 ? run() : undefined;
  const samples: SeenSample[] = [];
  for (let i = 0, decode = time; i < count; i++) {
    const duration = flags & 0x100 ? run() : defaultDuration;
    const size = run();
    const own = flags & 0x400 ? run() : i === 0 && firstFlags !== undefined ? firstFlags : defaultFlags;
    const offset = flags & 0x800 ? run() | 0 : 0;
    assert(at >= mdat.at + 8 && at + size <= mdat.at + mdat.size, "data in the media data box");
    samples.push({ time: decode, duration, offset, isSync: (own & 0x1_0000) === 0, data: bytes.slice(at, at + size) });
    decode += duration;
    at += size;
  }
  return { trackId, time, samples };
}

/** Gives one 32-bit field after the other. */
export function fieldsOf(content: Uint8Array): () => number {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  let at = 0;
  return () => view.getUint32((at += 4) - 4);
}

/** One track of a complete file, its samples found by its tables. */
export interface SeenTrack {
  readonly id: number;
  readonly timescale: number;
  readonly edits: readonly { readonly duration: number; readonly mediaTime: number }[];
  readonly samples: readonly SeenSample[];
}

/** What the tables of a complete file lead to; fails when it lies outside the media data box. */
export function readCompleteTracks(file: Uint8Array): SeenTrack[] {
  const boxes = readBoxes(file);
  assertEquals(boxes.map(({ type }) => type), ["ftyp", "moov", "mdat"]);
  return boxesAt(boxes, "moov/trak").map((trak) => {
    const [elst] = boxesAt(trak.boxes, "edts/elst");
    return {
      id: numbersOf(boxesAt(trak.boxes, "tkhd")[0].content)[3],
      timescale: numbersOf(boxesAt(trak.boxes, "mdia/mdhd")[0].content)[3],
      edits: elst ? readEdits(elst.content) : [],
      samples: readTableSamples(file, boxes[2], boxesAt(trak.boxes, "mdia/minf/stbl")[0]),
    };
  });
}

function readTableSamples(file: Uint8Array, mdat: SeenBox, stbl: SeenBox): SeenSample[] {
  const table = (type: string) => boxesAt(stbl.boxes, type)[0]?.content;
  const durations = runsOf(numbersOf(table("stts")).slice(2), 2);
  const offsets = table("ctts") && runsOf(numbersOf(table("ctts")).slice(2), 2).map((offset) => offset | 0);
  const [, uniform, count, ...listed] = numbersOf(table("stsz"));
  const sizes = uniform ? new Array(count).fill(uniform) : listed;
  assertEquals(sizes.length, count);
  assertEquals(durations.length, count);
  const syncs = table("stss") && new Set(numbersOf(table("stss")).slice(2));
  const positions = samplePositions(table("stsc"), chunkPositions(stbl), sizes);
  let time = 0;
  return positions.map((at, i) => {
    assert(at >= mdat.at + 8 && at + sizes[i] <= mdat.at + mdat.size, "data in the media data box");
    const isSync = syncs === undefined || syncs.has(i + 1);
    const data = file.slice(at, at + sizes[i]);
    const sample = { time, duration: durations[i], offset: offsets?.[i] ?? 0, isSync, data };
    time += durations[i];
    return sample;
  });
}

function chunkPositions(stbl: SeenBox): number[] {
  const [large] = boxesAt(stbl.boxes, "co64");
  if (!large) return numbersOf(boxesAt(stbl.boxes, "stco")[0].content).slice(2);
  const words = numbersOf(large.content).slice(2);
  return Array.from({ length: words.length / 2 }, (_, i) => words[2 * i] * 2 ** 32 + words[2 * i + 1]);
}

function samplePositions(stsc: Uint8Array, chunks: readonly number[], sizes: readonly number[]): number[] {
  const entries = numbersOf(stsc).slice(2);
  const positions: number[] = [];
  for (let chunk = 1, entry = 0; chunk <= chunks.length; chunk++) {
    while (entry + 3 < entries.length && entries[entry + 3] <= chunk) entry += 3;
    for (let i = 0, at = chunks[chunk - 1]; i < entries[entry + 1]; i++) {
      positions.push(at);
      at += sizes[positions.length - 1];
    }
  }
  assertEquals(positions.length, sizes.length);
  return positions;
}

/** The values of `count, value` pairs, each as often as it is counted. */
function runsOf(numbers: readonly number[], width: 2): number[] {
  const values: number[] = [];
  for (let i = 0; i < numbers.length; i += width) values.push(...new Array(numbers[i]).fill(numbers[i + 1]));
  return values;
}

function readEdits(content: Uint8Array) {
  assertEquals(content[0], 0);
  const numbers = numbersOf(content).slice(2);
  return Array.from({ length: numbers.length / 3 }, (_, i) => ({
    duration: numbers[3 * i],
    mediaTime: numbers[3 * i + 1] | 0,
  }));
}

/** All of the content as 32-bit fields. */
function numbersOf(content: Uint8Array): number[] {
  const next = fieldsOf(content);
  return Array.from({ length: Math.floor(content.length / 4) }, next);
}
