import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { ByteWriter } from "../bytes.ts";
import { bytes } from "../testing.ts";
import { type Fragment, type TrackRun, writeFragment } from "./fragment.ts";
import type { Mp4Sample } from "./sample.ts";
import { boxesAt, outline, readBoxes, readFragmentRuns, type SeenRun } from "./testing.ts";

function written(fragment: Fragment): Uint8Array {
  const out = new ByteWriter();
  writeFragment(out, fragment);
  return out.view();
}

function sample(data: string, more: Partial<Mp4Sample> = {}): Mp4Sample {
  return { data: bytes(data), duration: 1024, offset: 0, isSync: true, ...more };
}

Deno.test("a fragment of sound says once what holds for all samples", () => {
  const run: TrackRun = { trackId: 2, time: 0x1_0000_0400, samples: [sample("aabb"), sample("cc")] };
  assertEquals(
    written({ sequence: 7, tracks: [run] }),
    bytes(`
      00000068 "moof"
        00000010 "mfhd" 00000000 00000007
        00000050 "traf"
          00000018 "tfhd" 00020028 00000002 00000400 02000000
          00000014 "tfdt" 01000000 0000000100000400
          0000001c "trun" 01000201 00000002 00000070 00000002 00000001
      0000000b "mdat" aabb cc
    `),
  );
});

Deno.test("a fragment of video says what differs: durations, times of showing, the key picture's flags", () => {
  const samples = [
    sample("aa", { duration: 3600, offset: 7200 }),
    sample("bb", { duration: 3600, offset: 10_800, isSync: false }),
    sample("cc", { duration: 3690, offset: -90, isSync: false }),
  ];
  assertEquals(
    written({ sequence: 1, tracks: [{ trackId: 1, time: 0, samples }] }),
    bytes(`
      00000084 "moof"
        00000010 "mfhd" 00000000 00000001
        0000006c "traf"
          00000014 "tfhd" 00020020 00000001 01010000
          00000014 "tfdt" 01000000 0000000000000000
          0000003c "trun" 01000b05 00000003 0000008c 02000000
            00000e10 00000001 00001c20
            00000e10 00000001 00002a30
            00000e6a 00000001 ffffffa6
      0000000b "mdat" aa bb cc
    `),
  );
});

Deno.test("a fragment with key pictures in its middle has flags for each picture", () => {
  const samples = [false, true, false].map((isSync) => sample("aa", { isSync }));
  const stream = written({ sequence: 1, tracks: [{ trackId: 1, time: 0, samples }] });
  const [trun] = boxesAt(readBoxes(stream), "moof/traf/trun");
  assertEquals(trun.content.slice(0, 4), bytes("01 000601"));
  assertEquals(readFragmentRuns(stream)[0][0].samples.map(({ isSync }) => isSync), [false, true, false]);
});

Deno.test("a fragment of several tracks has their data one behind the other", () => {
  const video: TrackRun = { trackId: 1, time: 90, samples: [sample("aabbcc")] };
  const audio: TrackRun = { trackId: 2, time: 48, samples: [sample("dd"), sample("ee")] };
  const stream = written({ sequence: 1, tracks: [video, audio] });
  assertStrictEquals(outline(readBoxes(stream)), "moof(mfhd traf(tfhd tfdt trun) traf(tfhd tfdt trun)) mdat");
  assertEquals(
    readFragmentRuns(stream)[0].map(({ trackId, time, samples }) => [trackId, time, samples.map(({ data }) => data)]),
    [[1, 90, [bytes("aabbcc")]], [2, 48, [bytes("dd"), bytes("ee")]]],
  );
});

Deno.test("a segment begins with its type and when it was produced, if asked for", () => {
  const tracks: TrackRun[] = [{ trackId: 1, time: 900, samples: [sample("aa")] }];
  const producerTime = { trackId: 1, wallClock: 1_500, mediaTime: 900 };
  const stream = written({ sequence: 1, tracks, beginsSegment: true, producerTime });
  assertStrictEquals(outline(readBoxes(stream)), "styp prft moof(mfhd traf(tfhd tfdt trun)) mdat");
  assertEquals(
    stream.slice(0, 56),
    bytes(`
      00000018 "styp" "msdh" 00000000 "msdhcmfs"
      00000020 "prft" 01000008 00000001 83aa7e81 80000000 0000000000000384
    `),
  );
  assertEquals(readFragmentRuns(stream)[0][0].samples[0].data, bytes("aa"));
});

const SAMPLES = fc.array(
  fc.record<Mp4Sample>({
    data: fc.uint8Array({ maxLength: 20 }),
    duration: fc.constantFrom(1, 1024, 3600, 0x1234_5678),
    offset: fc.constantFrom(0, 0, 3600, -3600),
    isSync: fc.boolean(),
  }),
  { minLength: 1, maxLength: 10 },
);

const RUNS = fc.array(
  fc.record<TrackRun>({
    trackId: fc.integer({ min: 1, max: 0xffff_ffff }),
    time: fc.integer({ min: 0, max: 2 ** 45 }),
    samples: SAMPLES,
  }),
  { minLength: 1, maxLength: 4 },
);

Deno.test("any fragments come back as they were", () => {
  fc.assert(fc.property(fc.array(RUNS, { maxLength: 3 }), (fragments) => {
    const out = new ByteWriter();
    for (const [i, tracks] of fragments.entries()) writeFragment(out, { sequence: i + 1, tracks });
    assertEquals(readFragmentRuns(out.view()), fragments.map((tracks) => tracks.map(seen)));
  }));
});

function seen({ trackId, time, samples }: TrackRun): SeenRun {
  let decode = time;
  return {
    trackId,
    time,
    samples: samples.map((each) => ({ ...each, time: (decode += each.duration) - each.duration })),
  };
}
