import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import type { MediaPacket } from "../packet.ts";
import { bytes } from "../testing.ts";
import type { TrackRun } from "./fragment.ts";
import { RunBuilder } from "./run_builder.ts";
import { mp4Track } from "./track.ts";

const AVC = bytes("0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20");
const VIDEO = mp4Track({ id: 1, kind: "video", codec: "avc", config: AVC })!;
const AUDIO = mp4Track({ id: 2, kind: "audio", codec: "aac", config: bytes("1190") })!;
const DATA = bytes("00000001 65");

function picture(dts: number, more: Partial<MediaPacket> = {}): MediaPacket {
  return { kind: "video", role: "delta", codec: "avc", track: 0, dts, pts: dts, data: DATA, body: DATA, ...more };
}

function sound(dts: number): MediaPacket {
  return picture(dts, { kind: "audio", role: "frame", codec: "aac" });
}

function run(track: typeof VIDEO, packets: readonly MediaPacket[], next?: number): TrackRun {
  const builder = new RunBuilder(track);
  for (const packet of packets) builder.add(packet);
  return builder.take(next)!;
}

Deno.test("pictures keep their times of decoding and showing", () => {
  const pictures = [
    picture(1_000_000, { role: "key", pts: 1_080_000 }),
    picture(1_040_000, { pts: 1_200_000 }),
    picture(1_080_000, { pts: 1_079_000 }),
  ];
  const { trackId, time, samples } = run(VIDEO, pictures, 1_121_000);
  assertEquals([trackId, time], [1, 90_000]);
  assertEquals(samples.map(({ duration }) => duration), [3600, 3600, 3690]);
  assertEquals(samples.map(({ offset }) => offset), [7200, 14_400, -90]);
  assertEquals(samples.map(({ isSync }) => isSync), [true, false, false]);
});

Deno.test("the last picture lasts as long as the one before when nobody knows", () => {
  assertEquals(run(VIDEO, [picture(0), picture(20_000)]).samples.map(({ duration }) => duration), [1800, 1800]);
  assertEquals(run(VIDEO, [picture(0)]).samples.map(({ duration }) => duration), [3600]);
});

Deno.test("the last picture of a later run lasts as long as the last of the one before", () => {
  const builder = new RunBuilder(VIDEO);
  builder.add(picture(0));
  builder.take(20_000);
  builder.add(picture(20_000));
  assertStrictEquals(builder.take()!.samples[0].duration, 1800);
});

Deno.test("sound lasts as long as it says, whatever its milliseconds", () => {
  const { time, samples } = run(AUDIO, [sound(0), sound(21_000), sound(42_000), sound(64_000)]);
  assertEquals([time, ...samples.map(({ duration }) => duration)], [0, 1024, 1024, 1024, 1024]);
  assert(samples.every(({ isSync, offset }) => isSync && offset === 0));
});

Deno.test("sound before a gap lasts until the gap is over", () => {
  const { samples } = run(AUDIO, [sound(0), sound(1_000_000)], 2_000_000);
  assertEquals(samples.map(({ duration }) => duration), [48_000, 48_000]);
});

Deno.test("AV1 loses its temporal delimiter", () => {
  const frames = ["1200 0a01ff", "0a01ff"].map((data, i) => picture(i * 40_000, { codec: "av1", data: bytes(data) }));
  assertEquals(run(VIDEO, frames).samples.map(({ data }) => data), [bytes("0a01ff"), bytes("0a01ff")]);
});

Deno.test("a builder says what waits", () => {
  const builder = new RunBuilder(VIDEO);
  assertEquals([builder.isEmpty, builder.bytes, builder.start], [true, 0, undefined]);
  assertStrictEquals(builder.take(), undefined);
  builder.add(picture(5000));
  builder.add(picture(9000));
  assertEquals([builder.isEmpty, builder.bytes, builder.start], [false, 10, 5000]);
  builder.take();
  assertEquals([builder.isEmpty, builder.bytes, builder.start], [true, 0, undefined]);
});

Deno.test("runs that know what comes next follow each other without a gap, and every picture is shown when it was", () => {
  const steps = fc.array(
    fc.record({
      wait: fc.integer({ min: 0, max: 200_000 }),
      offset: fc.integer({ min: -9e4, max: 9e4 }),
      cut: fc.boolean(),
    }),
  );
  fc.assert(fc.property(steps, fc.integer({ min: 0, max: 1e12 }), (steps, start) => {
    const builder = new RunBuilder(VIDEO);
    const runs: TrackRun[] = [];
    let dts = start;
    const shown: number[] = [];
    for (const { wait, offset, cut } of steps) {
      dts += wait;
      if (cut && !builder.isEmpty) runs.push(builder.take(dts)!);
      builder.add(picture(dts, { pts: dts + offset }));
      shown.push(Math.round((dts + offset) * 9 / 100));
    }
    runs.push(...[builder.take()].filter((run) => run !== undefined));
    const seen: number[] = [];
    let end: number | undefined;
    for (const { time, samples } of runs) {
      assertStrictEquals(time, end ?? time);
      end = time;
      for (const { offset, duration } of samples) {
        seen.push(end + offset);
        end += duration;
        assert(duration > 0);
      }
    }
    assertEquals(seen, shown);
  }));
});

Deno.test("four hours of sound in milliseconds ends within a frame of its own time", () => {
  const builder = new RunBuilder(AUDIO);
  const frames = Math.floor(4 * 3600 * 48_000 / 1024);
  let end = 0;
  for (let i = 0; i < frames; i++) {
    builder.add(sound(Math.floor(i * 1_024_000 / 48_000) * 1000));
    if (i % 100 < 99) continue;
    const { time, samples } = builder.take()!;
    assertStrictEquals(time, end);
    end = samples.reduce((sum, { duration }) => sum + duration, time);
  }
  assertStrictEquals(end, frames * 1024);
});
