import { assertEquals } from "@std/assert";
import { duration, factsOf, type Sample } from "./facts.ts";
import type { LiveStream } from "./live_stream.ts";

const stream: LiveStream = {
  path: "live/demo",
  app: "live",
  name: "demo",
  state: "live",
  since: "2026-01-01T00:00:00.000Z",
  viewers: 3,
  video: { codec: "avc", codecString: "avc1.64001f", width: 1280, height: 720 },
  audio: { codec: "aac", codecString: "mp4a.40.2" },
  publisher: true,
};
const before: Sample = {
  at: 1000,
  totalFrames: 100,
  droppedFrames: 0,
  latency: 1,
  buffered: 1,
  received: 1000,
  width: 1280,
  height: 720,
};
const wallClock = new Date("2026-01-01T01:02:03Z");

Deno.test("statistics say codecs, size, pace, delay and audience", () => {
  const now: Sample = {
    ...before,
    at: 3000,
    totalFrames: 150,
    droppedFrames: 3,
    latency: 0.84,
    buffered: 0.5,
    received: 501_000,
  };
  assertEquals(Object.fromEntries(factsOf(stream, before, now, wallClock)), {
    "Video": "H.264 (avc1.64001f)",
    "Resolution": "1280 × 720",
    "Audio": "AAC",
    "Frame rate": "25 fps",
    "Bit rate": "2.0 Mbit/s",
    "Latency": "0.84 s",
    "Buffer": "0.50 s",
    "Dropped frames": "3 (2.0 %)",
    "Viewers": "3",
    "On air for": "1:02:03",
  });
});

Deno.test("of a stream that the list does not have, such as a group, only what is seen of it is told", () => {
  const facts = Object.fromEntries(factsOf(undefined, before, { ...before, width: 0 }, wallClock));
  for (const label of ["Resolution", "Frame rate"]) assertEquals(facts[label], "–", label);
  for (const label of ["Video", "Audio", "Viewers", "On air for"]) assertEquals(facts[label], undefined, label);
});

Deno.test("a frame counter that began anew gives no negative frame rate", () => {
  const facts = Object.fromEntries(factsOf(stream, before, { ...before, at: 2000, totalFrames: 4 }, wallClock));
  assertEquals(facts["Frame rate"], "–");
});

Deno.test("a bit rate is unknown where nobody counts, and when counting began anew", () => {
  for (const received of [undefined, 10]) {
    assertEquals(
      Object.fromEntries(factsOf(stream, before, { ...before, at: 2000, received }, wallClock))["Bit rate"],
      "–",
    );
  }
});

for (
  const [ms, text] of [[0, "0:00"], [-5000, "0:00"], [65_000, "1:05"], [3_600_000, "1:00:00"], [NaN, "–"]] as const
) {
  Deno.test(`${ms} ms on air are written ${text}`, () => assertEquals(duration(ms), text));
}
