import { assert, assertEquals } from "@std/assert";
import { every, systemClock } from "./clock.ts";
import { FakeClock } from "./testing/fake_clock.ts";

Deno.test("what happens every so often happens until it is disposed", () => {
  const clock = new FakeClock();
  const at: number[] = [];
  const timer = every(clock, 100, () => at.push(clock.now()));
  clock.advance(350);
  timer[Symbol.dispose]();
  clock.advance(1000);
  assertEquals([at, clock.pending], [[100, 200, 300], 0]);
});

Deno.test("it may end itself", () => {
  const clock = new FakeClock();
  let calls = 0;
  const timer = every(clock, 100, () => {
    if (++calls === 2) timer[Symbol.dispose]();
  });
  clock.advance(1000);
  assertEquals([calls, clock.pending], [2, 0]);
});

Deno.test("the machine's clock goes on, knows the date and calls back once", async () => {
  const before = systemClock.now();
  await new Promise<void>((resolve) => void systemClock.setTimeout(resolve, 1));
  assert(systemClock.now() > before);
  assert(Math.abs(systemClock.date().getTime() - Date.now()) < 60_000);
});

Deno.test("a timer of the machine's clock that is disposed never calls", async () => {
  let calls = 0;
  systemClock.setTimeout(() => calls++, 0)[Symbol.dispose]();
  await new Promise<void>((resolve) => void systemClock.setTimeout(resolve, 1));
  assertEquals(calls, 0);
});
