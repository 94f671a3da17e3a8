import { assertEquals } from "@std/assert";
import { FakeClock } from "../../testing/fake_clock.ts";
import { CHECK_MS, MOST_SILENT, SilenceWatch } from "./silence_watch.ts";

Deno.test("a worker of which nothing is heard for half a minute is told of, one that says something is not", () => {
  const clock = new FakeClock();
  const told: number[] = [];
  using watch = new SilenceWatch(clock, (seconds) => void told.push(seconds));
  for (let second = 0; second < 120; second++) {
    clock.advance(1000);
    watch.heard();
  }
  clock.advance(29_999);
  assertEquals(told, []);
  clock.advance(1);
  assertEquals(told, [30]);
});

Deno.test("after a minute in which the whole process stood still, workers have time to say something", () => {
  const clock = new FakeClock();
  const told: number[] = [];
  // The timer is a minute late, and nothing else has come meanwhile.
  let lateMs = 60_000;
  const late = Object.assign(Object.create(clock), {
    setTimeout: (callback: () => void, ms: number) => {
      const timer = clock.setTimeout(callback, ms + lateMs);
      lateMs = 0;
      return timer;
    },
  });
  using watch = new SilenceWatch(late, (seconds) => void told.push(seconds));
  clock.advance(60_000 + CHECK_MS);
  clock.advance((MOST_SILENT - 2) * CHECK_MS);
  watch.heard();
  clock.advance(CHECK_MS);
  assertEquals(told, []);
});
