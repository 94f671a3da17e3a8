import { assert, assertAlmostEquals, assertEquals, assertLess, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteWriter, concat } from "../bytes.ts";
import { bytes } from "../testing.ts";
import { MovieIndex } from "./movie_index.ts";
import { readMovie } from "./read_movie.ts";
import type { StoredSample } from "./sample_table.ts";
import { AUDIO, boxesAt, fieldsOf, outline, readBoxes, readCompleteTracks, type SeenTrack, VIDEO } from "./testing.ts";
import type { Mp4Track } from "./track.ts";

function sample(position: number, size: number, more: Partial<StoredSample>): StoredSample {
  return { position, size, time: 0, duration: 0, offset: 0, isSync: true, ...more };
}

/** The complete file, its media data copied from the source. */
function complete(index: MovieIndex, source: Uint8Array): Uint8Array {
  const parts = Array.from(index.copies(), ({ position, length }) => source.subarray(position, position + length));
  return concat([index.head(), ...parts]);
}

/** Two pictures and three sounds in two fragments, the sound a tenth of a second later. */
function smallIndex(): { index: MovieIndex; source: Uint8Array } {
  const index = new MovieIndex([VIDEO, AUDIO]);
  index.add(1, sample(10, 3, { time: 90_000, offset: 3600 }));
  index.add(2, sample(13, 1, { time: 54_720, duration: 1024 }));
  index.add(2, sample(14, 1, { time: 55_744, duration: 1024 }));
  index.add(1, sample(20, 2, { time: 93_600, offset: 7200, duration: 3600, isSync: false }));
  index.add(2, sample(22, 1, { time: 56_768, duration: 1024 }));
  return { index, source: bytes(`${"00".repeat(10)} aaaaaa b1 b2 0000000000 cccc b3`) };
}

Deno.test("a complete file begins with its index", () => {
  const { index, source } = smallIndex();
  const boxes = readBoxes(complete(index, source));
  const tables = "stts ctts stss stsc stsz stco";
  assertStrictEquals(
    outline(boxes),
    `ftyp moov(mvhd trak(tkhd edts(elst) mdia(mdhd hdlr minf(vmhd dinf(dref(url )) stbl(stsd(xxxx) ${tables})))) ` +
      `trak(tkhd edts(elst) mdia(mdhd hdlr minf(smhd dinf(dref(url )) stbl(stsd(xxxx) stts stsc stsz stco))))) mdat`,
  );
  assertEquals(boxes[0].content, bytes('"isom" 00000200 "isomiso4mp41"'));
  assertEquals(boxes[2].content, bytes("aaaaaa b1 b2 cccc b3"));
});

Deno.test("what is copied into a complete file is joined where it can be", () => {
  assertEquals([...smallIndex().index.copies()], [{ position: 10, length: 5 }, { position: 20, length: 3 }]);
});

/** The tables of a small file, byte for byte. */
const TABLES: readonly [string, number, string][] = [
  ["stts", 0, "00000000 00000001 00000002 00000e10"],
  ["ctts", 0, "00000000 00000002 00000001 00000e10 00000001 00001c20"],
  ["stss", 0, "00000000 00000001 00000001"],
  ["stsc", 0, "00000000 00000001 00000001 00000001 00000001"],
  ["stsz", 0, "00000000 00000000 00000002 00000003 00000002"],
  ["stts", 1, "00000000 00000001 00000003 00000400"],
  ["stsc", 1, "00000000 00000002 00000001 00000002 00000001 00000002 00000001 00000001"],
  ["stsz", 1, "00000000 00000001 00000003"],
];

for (const [type, index, content] of TABLES) {
  Deno.test(`a complete file's ${type} of track ${index + 1} has the bytes of the standard`, () => {
    const boxes = readBoxes(smallIndex().index.head().subarray(0, -8));
    const track = boxesAt(boxes, "moov/trak")[index];
    assertEquals(boxesAt(track.boxes, `mdia/minf/stbl/${type}`)[0].content, bytes(content));
  });
}

Deno.test("a track that begins later waits by an empty edit, and reordered pictures begin with the first one shown", () => {
  const { index, source } = smallIndex();
  const [video, audio] = readCompleteTracks(complete(index, source));
  assertEquals(video.edits, [{ duration: 10_800, mediaTime: 3600 }]);
  assertEquals(audio.edits, [{ duration: 9000, mediaTime: -1 }, { duration: 5760, mediaTime: 0 }]);
  assertAlmostEquals(index.seconds, 0.164, 1e-9);
});

Deno.test("a file without reordering, whose tracks begin together, needs no edit list", () => {
  const index = new MovieIndex([VIDEO, AUDIO]);
  index.add(1, sample(0, 1, { time: 90_000, duration: 3600 }));
  index.add(2, sample(1, 1, { time: 48_000, duration: 1024 }));
  const tracks = readCompleteTracks(complete(index, bytes("aabb")));
  assertEquals(tracks.map(({ edits }) => edits), [[], []]);
});

Deno.test("pictures shown before the first one is decoded are moved, and the edit list with them", () => {
  const index = new MovieIndex([VIDEO]);
  index.add(1, sample(0, 1, { time: 9000, offset: -900 }));
  index.add(1, sample(1, 1, { time: 12_600, offset: -1800, duration: 3600 }));
  const [{ edits, samples }] = readCompleteTracks(complete(index, bytes("aabb")));
  assertEquals(samples.map(({ offset }) => offset), [0, -900]);
  assertEquals(edits, []);
});

Deno.test("composition offsets have version 1 only when one is negative", () => {
  const versions = [[0, 3600], [0, 0], [3600, -900]].map((offsets) => {
    const index = new MovieIndex([VIDEO]);
    offsets.forEach((offset, i) => index.add(1, sample(i, 1, { time: i * 3600, offset })));
    return boxesAt(readBoxes(complete(index, bytes("aabb"))), "moov/trak/mdia/minf/stbl/ctts")[0]?.content[0];
  });
  assertEquals(versions, [0, undefined, 1]);
});

Deno.test("a sample is never decoded before the one in front of it", () => {
  const index = new MovieIndex([VIDEO]);
  [0, 3600, 3000, 7200].forEach((time, i) => index.add(1, sample(i, 1, { time, duration: 3600 })));
  const [{ samples }] = readCompleteTracks(complete(index, new Uint8Array(4)));
  assertEquals(samples.map(({ time }) => time), [0, 3600, 3600, 7200]);
  assertEquals(samples.map(({ time, offset }) => time + offset), [0, 3600, 3000, 7200]);
});

Deno.test("a track without samples is left out, and an unknown one is refused", () => {
  const index = new MovieIndex([VIDEO, AUDIO]);
  index.add(2, sample(0, 1, { duration: 1024 }));
  assertEquals(readCompleteTracks(complete(index, bytes("aa"))).map(({ id }) => id), [2]);
  assertThrows(() => index.add(3, sample(0, 1, {})), RangeError, "the index has no such track");
});

Deno.test("an index without samples makes an empty file", () => {
  const index = new MovieIndex([VIDEO]);
  assertEquals([index.seconds, index.mediaBytes], [0, 0]);
  assertStrictEquals(outline(readBoxes(index.head())), "ftyp moov(mvhd) mdat");
});

Deno.test("a file of more than 4 GiB has positions of 64 bits", () => {
  const index = new MovieIndex([VIDEO, AUDIO]);
  for (let i = 0; i < 3; i++) {
    index.add(1, sample(i * 3e9, 1e9, { time: i * 3600, duration: 3600 }));
    index.add(2, sample(i * 3e9 + 1e9, 1e9, { time: i * 1024, duration: 1024 }));
  }
  const head = index.head();
  const [, moov] = readBoxes(head.subarray(0, -16));
  const [co64] = boxesAt(moov.boxes, "trak/mdia/minf/stbl/co64");
  const view = new DataView(co64.content.buffer, co64.content.byteOffset);
  const chunks = Array.from({ length: view.getUint32(4) }, (_, i) => Number(view.getBigUint64(8 + 8 * i)));
  assertEquals(chunks, [head.length, head.length + 2e9, head.length + 4e9]);
  assertEquals(head.slice(-16), bytes('00000001 "mdat" 0000000165a0bc10'));
});

Deno.test("a file of more than thirteen hours has durations of 64 bits, and is read as what it is", () => {
  const index = new MovieIndex([VIDEO]);
  const day = 86_400 * 90_000;
  index.add(1, sample(0, 1, { time: 0, offset: 3600 }));
  index.add(1, sample(1, 1, { time: day / 2, offset: 3600 }));
  index.add(1, sample(2, 1, { time: day, offset: 3600, duration: 3600 }));
  const [, moov] = readBoxes(complete(index, bytes("aabbcc")));
  const versions = ["mvhd", "trak/tkhd", "trak/edts/elst", "trak/mdia/mdhd"].map((path) =>
    boxesAt(moov.boxes, path)[0].content[0]
  );
  assertEquals(versions, [1, 1, 1, 1]);
  assertEquals(
    boxesAt(moov.boxes, "trak/edts/elst")[0].content,
    bytes(
      "01000000 00000001 00000001cf7c6610 0000000000000e10 00010000",
    ),
  );
  assertEquals(readMovie(moov.content).map(({ track }) => track), [VIDEO]);
});

Deno.test("four hours of 60 pictures and 47 sounds a second take less than 64 MB, index and head together", () => {
  const index = new MovieIndex([VIDEO, AUDIO]);
  let position = 0;
  for (let second = 0; second < 4 * 3600; second++) {
    position += 4000;
    for (let i = 0; i < 60; i++, position += 9001) {
      const time = second * 90_000 + Math.floor(i * 1000 / 60) * 90;
      index.add(1, sample(position, 9001 + i, { time, offset: i % 3 * 1500, isSync: i === 0 }));
      position += i;
    }
    for (let i = 0; i < 47; i++, position += 400) {
      index.add(2, sample(position, 400, { time: (second * 47 + i) * 1024, duration: 1024 }));
    }
  }
  const head = index.head();
  assertLess(index.memory + head.length, 64e6);
  assertLess(index.memory, 20e6);
  assertStrictEquals(index.seconds, 4 * 3600 * 47 * 1024 / 48_000);
  assert(readBoxes(head.subarray(0, -16)).length === 2);
});

interface Piece {
  readonly id: 1 | 2;
  readonly gap: number;
  readonly step: number;
  readonly offset: number;
  readonly isSync: boolean;
  readonly data: Uint8Array;
}

const PIECES = fc.array(
  fc.record<Piece>({
    id: fc.constantFrom(1, 2),
    gap: fc.constantFrom(0, 0, 0, 7),
    step: fc.integer({ min: 0, max: 9000 }),
    offset: fc.constantFrom(0, 0, 3600, -1800),
    isSync: fc.boolean(),
    data: fc.uint8Array({ maxLength: 6 }),
  }),
  { maxLength: 40 },
);

Deno.test("any samples come back from a complete file: bytes, order, times and which can be entered", () => {
  fc.assert(fc.property(PIECES, (pieces) => {
    const index = new MovieIndex([VIDEO, AUDIO]);
    const source = new ByteWriter();
    const times = { 1: 5000, 2: 7000 };
    const added: Record<1 | 2, (StoredSample & { data: Uint8Array })[]> = { 1: [], 2: [] };
    for (const { id, gap, step, offset, isSync, data } of pieces) {
      source.raw(new Uint8Array(gap));
      const time = times[id] += step;
      const stored = { position: source.length, size: data.length, time, duration: 100, offset, isSync };
      source.raw(data);
      index.add(id, stored);
      added[id].push({ ...stored, data });
    }
    const tracks = readCompleteTracks(complete(index, source.view()));
    assertEquals(tracks.map(({ id }) => id), ([1, 2] as const).filter((id) => added[id].length > 0));
    for (const track of tracks) assertSameSamples(track, added[track.id as 1 | 2]);
    assertSameStart(tracks, added);
  }));
});

function assertSameSamples({ samples }: SeenTrack, added: readonly (StoredSample & { data: Uint8Array })[]): void {
  assertEquals(samples.map(({ data, isSync }) => [data, isSync]), added.map(({ data, isSync }) => [data, isSync]));
  assertEquals(samples.map(({ time }) => time), added.map(({ time }) => time - added[0].time));
  const presented = samples.map(({ time, offset }) => time + offset);
  const shift = presented[0] - added[0].time - added[0].offset;
  assertEquals(presented.map((time) => time - shift), added.map(({ time, offset }) => time + offset));
}

/** By the edit lists, what is presented first in both tracks is as far apart as it was. */
function assertSameStart(tracks: readonly SeenTrack[], added: Record<1 | 2, readonly StoredSample[]>): void {
  if (tracks.length < 2) return;
  const [seen, expected] = [tracks.map(start), [added[1], added[2]].map(first)];
  assertAlmostEquals(seen[0] - seen[1], expected[0] / 90_000 - expected[1] / 48_000, 2e-5);
  assertStrictEquals(Math.min(...seen), 0);
}

/** When a track's first sample is presented, in seconds. */
function start({ edits, samples, timescale }: SeenTrack): number {
  const waited = edits.filter(({ mediaTime }) => mediaTime === -1).reduce((sum, { duration }) => sum + duration, 0);
  const mediaTime = edits.at(-1)?.mediaTime ?? 0;
  const earliest = Math.min(...samples.map(({ time, offset }) => time + offset));
  return waited / 90_000 + (earliest - mediaTime) / timescale;
}

function first(samples: readonly StoredSample[]): number {
  return Math.min(...samples.map(({ time, offset }) => time + offset));
}

/** The sample description, from 1, of each run of chunks: `first chunk, samples in each, description`. */
function chunkRuns(file: Uint8Array, track: number): number[][] {
  const [stsc] = boxesAt(boxesAt(readBoxes(file), "moov/trak")[track].boxes, "mdia/minf/stbl/stsc");
  const next = fieldsOf(stsc.content.subarray(4));
  return Array.from({ length: next() }, () => [next(), next(), next()]);
}

/** The sample entries of a track. */
function entriesOf(file: Uint8Array, track: number): Uint8Array[] {
  const [stsd] = boxesAt(boxesAt(readBoxes(file), "moov/trak")[track].boxes, "mdia/minf/stbl/stsd");
  return stsd.boxes.map(({ content }) => content);
}

const LARGER: Mp4Track = { ...VIDEO, sampleEntry: bytes('0000000a "xxxx" 0102'), width: 640, height: 360 };

Deno.test("a track that is described anew in the middle has a second sample description, and loses nothing", () => {
  const index = new MovieIndex([VIDEO]);
  index.add(1, sample(0, 1, { time: 0 }));
  index.add(1, sample(1, 1, { time: 3600 }));
  index.describe([LARGER]);
  index.add(1, sample(2, 1, { time: 7200 }));
  index.describe([VIDEO]);
  index.add(1, sample(3, 1, { time: 10_800 }));
  index.add(1, sample(4, 1, { time: 14_400, duration: 3600 }));
  const file = complete(index, bytes("aabbccddee"));
  assertEquals(entriesOf(file, 0), [bytes("00"), bytes("0102")]);
  assertEquals(chunkRuns(file, 0), [[1, 2, 1], [2, 1, 2], [3, 2, 1]]);
  const [{ samples }] = readCompleteTracks(file);
  assertEquals(samples.map(({ time, data }) => [time, data[0]]), [
    [0, 0xaa],
    [3600, 0xbb],
    [7200, 0xcc],
    [10_800, 0xdd],
    [14_400, 0xee],
  ]);
  assertEquals([...index.copies()], [{ position: 0, length: 5 }]);
});

Deno.test("a track that is described in the same words goes on as it was", () => {
  const index = new MovieIndex([VIDEO]);
  index.add(1, sample(0, 1, { time: 0 }));
  index.describe([{ ...VIDEO, sampleEntry: VIDEO.sampleEntry.slice() }]);
  index.add(1, sample(1, 1, { time: 3600, duration: 3600 }));
  const file = complete(index, bytes("aabb"));
  assertEquals(entriesOf(file, 0).length, 1);
  assertEquals(chunkRuns(file, 0), [[1, 2, 1]]);
});

Deno.test("sound that goes on at another rate is counted in the ticks of the track", () => {
  const index = new MovieIndex([AUDIO]);
  index.add(2, sample(0, 1, { time: 48_000, duration: 1024 }));
  index.describe([{ ...AUDIO, timescale: 44_100, sampleEntry: bytes('00000009 "xxxx" 01') }]);
  index.add(2, sample(1, 1, { time: 45_041, duration: 1024 }));
  index.add(2, sample(2, 1, { time: 46_065, duration: 1024 }));
  const [{ timescale, samples }] = readCompleteTracks(complete(index, bytes("aabbcc")));
  assertEquals([timescale, ...samples.map(({ time }) => time)], [48_000, 0, 1024, 2139]);
  assertEquals(samples.at(-1)!.duration, 1115);
});

Deno.test("a track that goes on in another codec becomes another track, which begins where it begins", () => {
  const index = new MovieIndex([VIDEO, AUDIO]);
  index.add(1, sample(0, 1, { time: 0, duration: 90_000 }));
  index.describe([{ ...VIDEO, sampleEntry: bytes('00000009 "yyyy" 00') }, AUDIO]);
  index.add(1, sample(1, 1, { time: 90_000, duration: 90_000 }));
  index.add(2, sample(2, 1, { time: 48_000, duration: 1024 }));
  const tracks = readCompleteTracks(complete(index, bytes("aabbcc")));
  assertEquals(tracks.map(({ id, samples }) => [id, samples[0].data[0]]), [[1, 0xaa], [2, 0xcc], [3, 0xbb]]);
  assertEquals(tracks[2].edits, [{ duration: 90_000, mediaTime: -1 }, { duration: 90_000, mediaTime: 0 }]);
});

Deno.test("a track that turns up late is described with the others", () => {
  const index = new MovieIndex([VIDEO]);
  index.add(1, sample(0, 1, { time: 0, duration: 180_000 }));
  assertThrows(() => index.add(2, sample(1, 1, {})), RangeError, "the index has no such track");
  index.describe([VIDEO, AUDIO]);
  index.add(2, sample(1, 1, { time: 96_000, duration: 1024 }));
  const tracks = readCompleteTracks(complete(index, bytes("aabb")));
  assertEquals(tracks.map(({ id }) => id), [1, 2]);
  assertEquals(tracks[1].edits[0], { duration: 180_000, mediaTime: -1 });
});

Deno.test("the head comes in pieces that are the same as the whole, none of them large", () => {
  const index = new MovieIndex([VIDEO]);
  for (let i = 0; i < 50_000; i++) {
    index.add(1, sample(i * 9, 1 + i % 5, { time: i * 3000 + i % 2, isSync: i % 2 > 0 }));
  }
  const pieces = Array.from(index.headPieces(), (piece) => piece.slice());
  assert(pieces.length > 10);
  assert(pieces.every(({ length }) => length < 140_000));
  assertEquals(concat(pieces), index.head());
});
