import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { parseTagBody } from "../../media/flv/body.ts";
import { CONFIGS, type Frame, FrameSource } from "./frames.ts";
import { StampScanner } from "./stamp.ts";

const NOW = 1_700_000_000_000.5;

function seconds(kbps: number, count: number): Frame[] {
  const source = new FrameSource(kbps);
  const frames: Frame[] = [];
  while (source.dueAt < count * 1000) frames.push(source.next(NOW));
  return frames;
}

function roles(frames: readonly Frame[]): string[] {
  return frames.flatMap(({ tagType, at, body }) => parseTagBody(tagType, at, body)).map(({ codec, role }) =>
    `${codec} ${role}`
  );
}

for (const kbps of [140, 200, 1000, 8000]) {
  Deno.test(`a stream of ${kbps} kbit/s has that rate over its groups of pictures`, () => {
    const bytes = seconds(kbps, 20).reduce((sum, { body }) => sum + body.length, 0);
    assertAlmostEquals(bytes * 8 / 1000 / 20, kbps, kbps * 0.02);
  });
}

Deno.test("a stream is 30 pictures a second, one in 60 of them a key frame, and AAC", () => {
  const found = roles(seconds(1000, 4));
  assertEquals(found.filter((role) => role === "avc key").length, 2);
  assertEquals(found.filter((role) => role === "avc delta").length, 118);
  assertEquals(found.filter((role) => role === "aac frame").length, 173);
  assertEquals(found.length, 2 + 118 + 173);
});

Deno.test("a stream begins with the configurations of its decoders and a key frame", () => {
  assertEquals(roles([...CONFIGS, ...seconds(1000, 0.01)]), ["avc config", "aac config", "avc key", "aac frame"]);
});

Deno.test("frames come in the order in which they are due", () => {
  const times = seconds(1000, 4).map(({ at }) => at);
  assertEquals(times, times.toSorted((a, b) => a - b));
});

Deno.test("every picture carries the time that it was given, and nothing else looks like it", () => {
  const frames = seconds(8000, 4);
  const found: number[] = [];
  const scanner = new StampScanner((time) => found.push(time));
  for (const { body } of frames) scanner.scan(body);
  assertEquals(found, Array.from({ length: 120 }, () => NOW));
});

Deno.test("the smallest stream still has room for the times", () => {
  assert(seconds(1, 1).every(({ body }) => body.length > 30));
});
