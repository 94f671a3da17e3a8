import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { SourceClock } from "./source_clock.ts";

const see = (clock: SourceClock, stamp: number, now: number) => {
  clock.observe(stamp, now);
  return clock.place(stamp);
};

Deno.test("a source's first frame is now, and the others keep their distance to it", () => {
  const clock = new SourceClock();
  assertEquals([0, 40_000, 80_000].map((at) => see(clock, 9_000_000 + at, 500_000 + at)), [500_000, 540_000, 580_000]);
});

Deno.test("frames that arrive unevenly are sent evenly", () => {
  const clock = new SourceClock();
  const late = [0, 30_000, 0, 20_000, 0, 10_000, 0];
  const times = late.map((delay, i) => see(clock, i * 40_000, 1_000_000 + i * 40_000 + delay));
  times.slice(1).forEach((time, i) => assertAlmostEquals(time - times[i], 40_000, 1_000));
});

Deno.test("a source whose clock runs slow is followed", () => {
  const clock = new SourceClock();
  let apart = 0;
  for (let i = 0; i < 10_000; i++) apart = i * 40_040 - see(clock, i * 40_000, i * 40_040);
  assert(apart < 5_000, `${apart} µs apart after 400 s`);
});

Deno.test("after a sleep the time goes on where it really is", () => {
  const clock = new SourceClock();
  see(clock, 0, 0);
  assertEquals(see(clock, 40_000, 60_000_000), 60_000_000);
});

Deno.test("another source goes on without a step back", () => {
  const clock = new SourceClock();
  assertEquals(see(clock, 5_000_000, 100_000), 100_000);
  clock.restart();
  assertEquals(see(clock, 0, 140_000), 140_000);
});

Deno.test("times always increase, whatever the stamps do", () => {
  const stamp = fc.integer({ min: -1e9, max: 1e9 });
  fc.assert(fc.property(fc.array(fc.tuple(stamp, fc.nat(1e9))), (seen) => {
    const clock = new SourceClock();
    const times = seen.map(([stamp, now]) => see(clock, stamp, now));
    times.slice(1).forEach((time, i) => assert(time >= times[i] + 1000));
    assert(times.every((time) => time >= 0));
  }));
});
