import { assertEquals } from "@std/assert";
import { FakeClock } from "../kernel/testing/fake_clock.ts";
import { Pacer } from "./pacer.ts";

const NEVER = new AbortController().signal;

/** How long packets of these times wait, in milliseconds, one after the other. */
async function waits(
  speed: number,
  times: readonly number[],
  between: (i: number, clock: FakeClock, pacer: Pacer) => void = () => {},
) {
  const clock = new FakeClock();
  const pacer = new Pacer(clock, speed);
  const waited: number[] = [];
  for (const [i, ms] of times.entries()) {
    between(i, clock, pacer);
    const before = clock.now();
    const due = pacer.due(ms * 1000, NEVER);
    let isDue = due === undefined;
    due?.then(() => isDue = true);
    while (!isDue) await clock.advanceAsync(1, 1);
    waited.push(Math.round(clock.now() - before));
  }
  return waited;
}

Deno.test("packets pass at their time, the first at once", async () => {
  assertEquals(await waits(1, [5000, 5040, 5040, 5100]), [0, 40, 0, 60]);
});

Deno.test("twice as fast, half as fast, as fast as it goes", async () => {
  assertEquals(await waits(2, [0, 40, 80]), [0, 20, 20]);
  assertEquals(await waits(0.5, [0, 40, 80]), [0, 80, 80]);
  assertEquals(await waits(0, [0, 40, 80_000]), [0, 0, 0]);
});

Deno.test("what is late passes at once, and the pace is made up for", async () => {
  const late = (i: number, clock: FakeClock) => i === 1 && clock.advance(100);
  assertEquals(await waits(1, [0, 40, 80, 120], late), [0, 0, 0, 20]);
});

Deno.test("while the connection was away, media time stood still", async () => {
  const away = (i: number, clock: FakeClock, pacer: Pacer) => {
    if (i !== 1) return;
    clock.advance(5000);
    pacer.stoodStill(5000);
  };
  assertEquals(await waits(1, [0, 40, 80], away), [0, 40, 40]);
});

Deno.test("an abort ends the wait", async () => {
  const clock = new FakeClock();
  const pacer = new Pacer(clock, 1);
  const stop = new AbortController();
  pacer.due(0, stop.signal);
  const due = pacer.due(60_000_000, stop.signal);
  stop.abort();
  await due;
  assertEquals(clock.pending, 0);
});
