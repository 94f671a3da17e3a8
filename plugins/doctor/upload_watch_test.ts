import { assertAlmostEquals, assertEquals } from "@std/assert";
import { packet } from "../../kernel/testing/packets.ts";
import { UploadWatch } from "./upload_watch.ts";

/** Watches `seconds` of 25 pictures a second; `arrival` says when a picture of this time, in milliseconds, comes. */
function watch(seconds: number, arrival: (ms: number, index: number) => number): UploadWatch {
  const watched = new UploadWatch();
  for (let i = 0; i < seconds * 25; i++) watched.observe(packet(`d${i * 40}`), arrival(i * 40, i));
  return watched;
}

Deno.test("nothing is said before a window is over", () => {
  assertEquals(watch(9, (ms) => ms).report(), {});
});

Deno.test("a steady upload has neither jitter nor, after minutes, drift", () => {
  const { jitterMs, driftPpm } = watch(300, (ms) => 70_000 + ms).report();
  assertEquals(jitterMs, 0);
  assertAlmostEquals(driftPpm!, 0, 0.001);
});

Deno.test("jitter is how much later than the most punctual packet others come", () => {
  const { jitterMs } = watch(30, (ms, i) => 5000 + ms + (i % 50 === 7 ? 800 : i % 3)).report();
  assertEquals(jitterMs, 800);
});

for (const ppm of [1000, -400]) {
  Deno.test(`a clock that is ${ppm} millionths off is told, through jitter`, () => {
    const { driftPpm } = watch(300, (ms, i) => 1000 + ms / (1 + ppm / 1e6) + (i % 7) * 9).report();
    assertAlmostEquals(driftPpm!, ppm, 20);
  });
}

Deno.test("after a break in the timeline it begins anew", () => {
  const watched = watch(300, (ms) => ms);
  watched.observe({ ...packet("K900000"), discontinuity: true }, 1_000_000);
  assertEquals(watched.report(), {});
});
