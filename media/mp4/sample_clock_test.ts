import { assert, assertEquals, assertLessOrEqual, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { SampleClock, SNAP } from "./sample_clock.ts";

Deno.test("times are rounded each by itself, so that nothing accumulates", () => {
  const clock = new SampleClock(90_000);
  const ticks = Array.from({ length: 6 }, (_, i) => clock.place(Math.floor(i * 1000 / 60) * 1000, 0));
  assertEquals(ticks, [0, 1440, 2970, 4500, 5940, 7470]);
  assertStrictEquals(clock.place(86_400_000_000, 0), 86_400 * 90_000);
});

Deno.test("times always rise", () => {
  const clock = new SampleClock(90_000);
  assertEquals([100, 100, 90, 200].map((time) => clock.place(time * 1000, 0)), [9000, 9001, 9002, 18_000]);
});

Deno.test("sound in whole milliseconds follows itself exactly", () => {
  const clock = new SampleClock(44_100);
  for (let i = 0; i < 1000; i++) {
    assertStrictEquals(clock.place(Math.floor(i * 1_024_000 / 44_100) * 1000, 1024), i * 1024);
  }
});

Deno.test("sound after a gap is where its own time says", () => {
  const clock = new SampleClock(48_000);
  assertEquals([0, 21_333, 42_667 + SNAP + 1000].map((time) => clock.place(time, 1024)), [0, 1024, 2576]);
});

Deno.test("sound whose clock drifts stays within the tolerance", () => {
  const clock = new SampleClock(48_000);
  let steps = 0;
  for (let i = 0; i < 100_000; i++) {
    const time = i * 1_024_000_000 / 48_000 * 1.0001;
    const before = clock.peek(time);
    const ticks = clock.place(time, 1024);
    assertStrictEquals(ticks, before);
    assertLessOrEqual(Math.abs(ticks - time * 48_000 / 1_000_000), SNAP * 48_000 / 1_000_000 + 1);
    if (ticks !== i * 1024) steps++;
  }
  assert(steps > 0);
});

Deno.test("any times rise, and are as far from the truth as the tolerance allows", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1000, max: 100_000 }), fc.integer({ min: 0, max: 3000 })));
  fc.assert(fc.property(steps, fc.constantFrom(8000, 44_100, 48_000, 90_000), (steps, timescale) => {
    const clock = new SampleClock(timescale);
    let time = 0;
    let last = -1;
    for (const [step, duration] of steps) {
      time += step;
      const ticks = clock.place(time, duration);
      assert(ticks > last);
      const isPushed = ticks === last + 1;
      if (!isPushed) assertLessOrEqual(Math.abs(ticks - time * timescale / 1e6), SNAP * timescale / 1e6 + 1);
      last = ticks;
    }
  }));
});
