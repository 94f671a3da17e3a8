import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { LEAST_TARGET, LivePace, MOST_TARGET } from "./live_pace.ts";

Deno.test("a picture where it should be goes at the stream's own pace", () => {
  const pace = new LivePace();
  assertEquals(pace.rateAt(LEAST_TARGET, 0), 1);
  assertEquals(pace.rateAt(LEAST_TARGET + 0.1, 1), 1);
});

Deno.test("a picture that is behind is hurried, gently, until it is where it should be", () => {
  const pace = new LivePace();
  const step = 0.25;
  let [latency, now] = [2, 0];
  for (; pace.rateAt(latency, now) > 1; now += step) latency -= (pace.rateAt(latency, now) - 1) * step;
  assert(latency <= LEAST_TARGET && latency > LEAST_TARGET - 0.1, `${latency} s behind`);
  assert(now < 60, `it took ${now} s`);
});

Deno.test("a picture with nothing left to show is held back before it stands", () => {
  assert(new LivePace().rateAt(0.05, 0) < 1);
});

Deno.test("each stall asks for more room, up to a limit, and calm gives it back", () => {
  const pace = new LivePace();
  pace.stalled(0);
  const after = pace.target;
  assert(after > LEAST_TARGET);
  for (let i = 0; i < 20; i++) pace.stalled(1);
  assertEquals(pace.target, MOST_TARGET);
  pace.rateAt(1, 10);
  assertEquals(pace.target, MOST_TARGET);
  for (let now = 21; now < 1000; now += 1) pace.rateAt(1, now);
  assertEquals(pace.target, LEAST_TARGET);
});

Deno.test("the pace never leaves what nobody notices, whatever happens", () => {
  const happening = fc.oneof(fc.constant("stall"), fc.double({ min: 0, max: 1e6, noNaN: true }));
  fc.assert(fc.property(fc.array(happening), (happenings) => {
    const pace = new LivePace();
    for (const [now, each] of happenings.entries()) {
      if (typeof each === "string") {
        pace.stalled(now);
        continue;
      }
      const rate = pace.rateAt(each, now);
      assert(rate >= 0.95 && rate <= 1.1);
    }
  }));
});
