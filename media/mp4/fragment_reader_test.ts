import { assert, assertEquals, assertLessOrEqual, assertMatch, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteWriter, concat } from "../bytes.ts";
import { bytes, splits } from "../testing.ts";
import { writeFragment } from "./fragment.ts";
import { type FragmentEvent, FragmentReader, MAX_READ_BOX } from "./fragment_reader.ts";
import { initSegment } from "./init_segment.ts";
import { MovieIndex } from "./movie_index.ts";
import { MAX_RUN_SAMPLES } from "./read_fragment.ts";
import type { Mp4Sample } from "./sample.ts";
import { AUDIO, readCompleteTracks, VIDEO } from "./testing.ts";

function sample(data: string, more: Partial<Mp4Sample> = {}): Mp4Sample {
  return { data: bytes(data), duration: 3600, offset: 0, isSync: true, ...more };
}

/** An init segment and two fragments of two tracks; where each of these ends. */
function recording(): { file: Uint8Array; ends: number[] } {
  const out = new ByteWriter();
  const ends: number[] = [];
  ends.push(out.raw(initSegment([VIDEO, AUDIO])).length);
  const video = [sample("aaaa", { offset: 3600 }), sample("bb", { isSync: false, offset: -90 })];
  const audio = [sample("c1", { duration: 1024 }), sample("c2", { duration: 1024 })];
  for (const sequence of [1, 2]) {
    const tracks = [{ trackId: 1, time: sequence * 7200, samples: video }, { trackId: 2, time: 48, samples: audio }];
    writeFragment(out, { sequence, tracks, beginsSegment: true });
    ends.push(out.length);
  }
  return { file: out.view(), ends };
}

function read(parts: readonly Uint8Array[]): { reader: FragmentReader; events: FragmentEvent[] } {
  const reader = new FragmentReader();
  const events = parts.flatMap((part) => reader.read(part));
  return { reader, events };
}

Deno.test("a fragmented file gives its tracks and its fragments, however it is split", () => {
  const { file, ends } = recording();
  for (const parts of splits(file)) {
    const { reader, events } = read(parts);
    assertEquals(events.map(({ type }) => type), ["tracks", "fragment", "fragment"]);
    assertEquals(reader.whole, file.length);
    assertStrictEquals(reader.problem, undefined);
    const [tracks, first] = events;
    assert(tracks.type === "tracks" && first.type === "fragment");
    assertEquals(tracks.tracks, [VIDEO, AUDIO]);
    const start = ends[1] - 5;
    assertEquals(first.runs, [
      {
        trackId: 1,
        samples: [
          { position: start, size: 2, time: 7200, duration: 3600, offset: 3600, isSync: true },
          { position: start + 2, size: 1, time: 10_800, duration: 3600, offset: -90, isSync: false },
        ],
      },
      {
        trackId: 2,
        samples: [
          { position: start + 3, size: 1, time: 48, duration: 1024, offset: 0, isSync: true },
          { position: start + 4, size: 1, time: 1072, duration: 1024, offset: 0, isSync: true },
        ],
      },
    ]);
  }
});

Deno.test("a file torn at any byte gives what is whole before it", () => {
  const { file, ends } = recording();
  for (let length = 0; length <= file.length; length++) {
    const { reader, events } = read([file.subarray(0, length)]);
    assertStrictEquals(events.length, ends.filter((end) => end <= length).length);
    assertStrictEquals(reader.problem, undefined);
    assertStrictEquals(reader.position, length);
    assertLessOrEqual(reader.whole, length);
  }
});

Deno.test("boxes with a size of 64 bits, and those that nobody knows, are passed over", () => {
  const { file, ends } = recording();
  const large = bytes('00000001 "free" 0000000000000012 aabb');
  const longer = concat([file.subarray(0, ends[1]), large, file.subarray(ends[1])]);
  for (const parts of splits(longer)) {
    const { reader, events } = read(parts);
    assertEquals(events.slice(0, 2), read([file]).events.slice(0, 2));
    assertStrictEquals(events.length, 3);
    assertStrictEquals(reader.whole, longer.length);
  }
});

Deno.test("media data that reaches to the end of the file is never whole", () => {
  const { file, ends } = recording();
  const open = concat([file.subarray(0, ends[2] - 13), bytes('00000000 "mdat"'), file.subarray(ends[2] - 5)]);
  const { reader, events } = read([open]);
  assertStrictEquals(events.length, 2);
  assertStrictEquals(reader.unread, Number.POSITIVE_INFINITY);
  assertStrictEquals(reader.problem, undefined);
});

Deno.test("media data can be passed over", () => {
  const { file } = recording();
  const reader = new FragmentReader();
  const events: FragmentEvent[] = [];
  let skipped = 0;
  while (reader.position < file.length) {
    const { unread, position } = reader;
    skipped += unread;
    events.push(...unread > 0 ? reader.skip(unread) : reader.read(file.subarray(position, position + 1)));
  }
  assertEquals(events, read([file]).events);
  assert(skipped > 10);
  assertThrows(() => reader.skip(1), RangeError, "Cannot pass over 1 bytes: 0 are not looked at");
});

Deno.test("segments are read behind their init segment as one stream", () => {
  const { file, ends } = recording();
  const parts = [file.subarray(0, ends[0]), file.subarray(ends[0], ends[1]), file.subarray(ends[1])];
  assertEquals(read(parts).events, read([file]).events);
});

interface Damage {
  readonly name: string;
  damage(file: Uint8Array, ends: readonly number[]): Uint8Array;
  /** How many events are whole before it. */
  readonly whole: number;
  readonly problem: RegExp;
}

/** Damage, and what the reader says of it. */
const DAMAGED: readonly Damage[] = [
  {
    name: "zeros where nothing was written",
    damage: (file) => concat([file, new Uint8Array(50)]),
    whole: 3,
    problem: /a type that is not text/,
  },
  {
    name: "a box smaller than its header",
    damage: (file) => concat([file, bytes('00000007 "free"')]),
    whole: 3,
    problem: /"free" has a size of 7 bytes/,
  },
  {
    name: "a huge movie box",
    damage: (file) => concat([file, bytes('7fffffff "moov"')]),
    whole: 3,
    problem: /"moov" of 2147483647 bytes is beyond 16777216/,
  },
  {
    name: "a fragment without a header",
    damage: (file) => concat([file, bytes('00000010 "moof" 00000008 "traf"')]),
    whole: 3,
    problem: /"tfhd" box is missing/,
  },
  {
    name: "a fragment whose boxes are too long",
    damage: (file) => concat([file, bytes('00000010 "moof" 00000009 "traf"')]),
    whole: 3,
    problem: /ends behind the box that it is in/,
  },
  {
    name: "samples outside the media data",
    damage: (file, ends) => {
      const [head, body] = [file.subarray(0, ends[1] - 13), file.subarray(ends[1] - 5)];
      return concat([head, bytes('00000008 "free" 0000000c "mdat"'), body]);
    },
    whole: 1,
    problem: /samples outside its media data/,
  },
  {
    name: "a track without a timescale",
    damage: (file) => overwritten(file, "mdhd", 16, "00000000"),
    whole: 0,
    problem: /a timescale of 0/,
  },
  {
    name: "a track without a sample description",
    damage: (file) => overwritten(file, "stsd", -4, '00000010 "stsd" 00000000 00000000 00000009 "free" 00'),
    whole: 0,
    problem: /no sample description/,
  },
  {
    name: "a run of more samples than can be",
    damage: (file) => {
      const trun = `00000014 "trun" 00000000 ${(MAX_RUN_SAMPLES + 1).toString(16).padStart(8, "0")} 00000000`;
      const traf =
        `00000040 "traf" 00000010 "tfhd" 00020000 00000001 00000014 "tfdt" 01000000 0000000000000000 ${trun}`;
      return concat([file, bytes(`00000048 "moof" ${traf}`)]);
    },
    whole: 3,
    problem: /A track run has 1000001 samples/,
  },
];

/** The file with other bytes from so far behind the first occurrence of a box's type. */
function overwritten(file: Uint8Array, type: string, offset: number, other: string): Uint8Array {
  const changed = file.slice();
  changed.set(bytes(other), new TextDecoder("latin1").decode(file).indexOf(type) + offset);
  return changed;
}

for (const { name, damage, whole, problem } of DAMAGED) {
  Deno.test(`a damaged file gives what is whole before the damage: ${name}`, () => {
    const { file, ends } = recording();
    const damaged = damage(file, ends);
    for (const parts of [[damaged], Array.from(damaged, (byte) => Uint8Array.of(byte))]) {
      const { reader, events } = read(parts);
      assertMatch(reader.problem ?? "", problem);
      assertStrictEquals(events.length, whole);
      assertStrictEquals(reader.unread, Number.POSITIVE_INFINITY);
      assertEquals(reader.read(file), []);
    }
  });
}

Deno.test("the fragments of other writers are read: absolute offsets, defaults of the movie, runs that follow each other", () => {
  const init = initSegment([VIDEO]);
  init.set(bytes("00000e10 00000003 01010000"), init.length - 12);
  const start = init.length + 0x70 + 8;
  const moof = bytes(`
    00000070 "moof"
      00000068 "traf"
        00000018 "tfhd" 00000001 00000001 ${start.toString(16).padStart(16, "0")}
        00000010 "tfdt" 00000000 00000384
        0000001c "trun" 00000804 00000002 02000000 00000000 fffffc7c
        0000001c "trun" 00000301 00000001 00000008 00000e10 00000001
  `);
  const file = concat([init, moof, bytes('00000011 "mdat" 010203 040506 0708 09')]);
  const [, fragment] = read([file]).events;
  assert(fragment.type === "fragment");
  assertEquals(fragment.runs, [{
    trackId: 1,
    samples: [
      { position: start, size: 3, time: 900, duration: 3600, offset: 0, isSync: true },
      { position: start + 3, size: 3, time: 4500, duration: 3600, offset: -900, isSync: false },
      { position: start + 8, size: 1, time: 8100, duration: 3600, offset: 0, isSync: false },
    ],
  }]);
});

Deno.test("a torn recording becomes a complete file with all whole fragments", () => {
  const { file, ends } = recording();
  const torn = file.subarray(0, file.length - 1);
  const { events, reader } = read([torn]);
  let index = new MovieIndex([]);
  for (const event of events) {
    if (event.type === "tracks") index = new MovieIndex(event.tracks);
    else index.addRuns(event.runs);
  }
  const copies = Array.from(index.copies(), ({ position, length }) => torn.subarray(position, position + length));
  const tracks = readCompleteTracks(concat([index.head(), ...copies]));
  assertEquals(tracks.map(({ samples }) => samples.map(({ data }) => data)), [
    [bytes("aaaa"), bytes("bb")],
    [bytes("c1"), bytes("c2")],
  ]);
  assertStrictEquals(reader.whole, ends[1] + 24);
});

Deno.test("noise and damage never throw, and take no more memory than the limit", () => {
  const { file } = recording();
  const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 5 });
  fc.assert(fc.property(damage, fc.nat(file.length), (damage, cut) => {
    const damaged = file.slice();
    for (const [at, value] of damage) damaged[at] = value;
    const { events } = read([damaged.subarray(0, cut), damaged.subarray(cut)]);
    for (const event of events) {
      if (event.type === "fragment") {
        for (const { samples } of event.runs) {
          assert(samples.every(({ position, size }) => position + size <= damaged.length));
        }
      }
    }
  }));
  assertLessOrEqual(MAX_READ_BOX, 2 ** 24);
});

Deno.test("a file behind a torn one is read with its tracks, at its own place", () => {
  const { file, ends } = recording();
  const [init, first, second] = [file.subarray(0, ends[0]), file.subarray(ends[0], ends[1]), file.subarray(ends[1])];
  for (let torn = 0; torn <= first.length; torn++) {
    const before = new FragmentReader();
    before.read(concat([init, first.subarray(0, torn)]));
    const position = ends[0] + torn;
    const reader = FragmentReader.behind(before, position);
    const [event] = reader.read(second);
    assert(event.type === "fragment");
    assertStrictEquals(event.runs[0].samples[0].position, position + second.length - 5);
    assertEquals([reader.position, reader.whole], [position + second.length, position + second.length]);
  }
});

Deno.test("a file behind one whose tracks change has the new ones", () => {
  const other = { ...VIDEO, width: 640 };
  const before = new FragmentReader();
  before.read(initSegment([VIDEO]));
  const [event] = FragmentReader.behind(before, 1000).read(initSegment([other]));
  assert(event.type === "tracks");
  assertEquals(event.tracks, [other]);
});
