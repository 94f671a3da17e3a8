import { assertAlmostEquals, assertEquals } from "@std/assert";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { settled } from "../../kernel/testing/settled.ts";
import { Job } from "./job.ts";
import { StoreError } from "./store_error.ts";
import type { Progress } from "./work.ts";

/** A job whose work does what a test says: a progress, or a failure; once all is said it waits. */
class Bench {
  readonly clock = new FakeClock();
  readonly stopping = new AbortController();
  readonly failures: string[] = [];
  readonly ended: string[] = [];
  readonly steps: (Progress | Error)[] = [];
  /** How often a step was begun, and how often it was told of changes. */
  count = 0;
  changes = 0;
  readonly job = new Job({ id: 1, stream: "live/cam", path: "a.flv" }, {
    step: async () => {
      this.count++;
      await Promise.resolve();
      const step = this.steps.shift() ?? "wait";
      if (step instanceof Error) throw step;
      return step;
    },
    changed: () => void this.changes++,
  }, {
    clock: this.clock,
    signal: this.stopping.signal,
    failed: (_, error) => void this.failures.push((error as Error).message),
    ended: (_, how) => void this.ended.push(how),
  });
}

Deno.test("a job goes on as long as there is more to do, and then waits for what changes", async () => {
  const bench = new Bench();
  bench.steps.push("more", "more", "wait");
  bench.job.wake();
  await settled();
  assertEquals([bench.count, bench.changes], [3, 1]);
  bench.job.wake();
  await settled();
  assertEquals([bench.count, bench.changes], [4, 2]);
});

Deno.test("what changes while a job is at work is looked at afterwards", async () => {
  const bench = new Bench();
  bench.job.wake();
  bench.job.wake();
  bench.job.wake();
  await settled();
  assertEquals(bench.count, 2);
});

Deno.test("a job that is done, or has nothing left, ends", async () => {
  for (const how of ["done", "gone"] as const) {
    const bench = new Bench();
    bench.steps.push("more", how);
    bench.job.wake();
    await settled();
    assertEquals([bench.ended, bench.count], [[how], 2]);
  }
});

Deno.test("a store that wants to be left alone is, and no longer than five minutes", async () => {
  for (const [wished, pause] of [[30_000, 30_000], [86_400_000, 300_000]] as const) {
    const bench = new Bench();
    bench.steps.push(new StoreError("busy", "the store answers 503 SlowDown", "SlowDown", wished));
    bench.job.wake();
    await settled();
    bench.clock.advance(pause - 1);
    await settled();
    assertEquals(bench.count, 1);
    bench.clock.advance(1);
    await settled();
    assertEquals(bench.count, 2);
  }
});

Deno.test("pauses after failures double up to five minutes, each shortened by up to a half", async () => {
  const bench = new Bench();
  for (let i = 0; i < 12; i++) bench.steps.push(new Error(`failure ${i + 1}`));
  bench.job.wake();
  await settled();
  for (let i = 0; i < 12; i++) {
    const most = Math.min(300_000, 1000 * 2 ** i);
    const { problem, attempts, since, retryAt } = bench.job.failure!;
    assertEquals([problem, attempts, since], [`failure ${i + 1}`, i + 1, new Date("2026-01-01T00:00:00Z")]);
    const pause = retryAt.getTime() - bench.clock.date().getTime();
    assertAlmostEquals(pause, most * 0.75, most * 0.25 + 1);
    bench.clock.advance(most / 2 - 1);
    await settled();
    assertEquals(bench.count, i + 1, "not sooner than after half of it");
    bench.clock.advance(most / 2 + 2);
    await settled();
    assertEquals(bench.count, i + 2);
  }
  assertEquals(bench.job.failure, undefined);
});

Deno.test("a success makes the next pause short again", async () => {
  const bench = new Bench();
  bench.steps.push(new Error("a"), new Error("b"), "more", new Error("c"));
  bench.job.wake();
  for (let i = 0; i < 2; i++) {
    await settled();
    bench.clock.advance(2000);
  }
  await settled();
  assertEquals([bench.failures, bench.job.failure?.attempts], [["a", "b", "c"], 1]);
  bench.clock.advance(1000);
  await settled();
  assertEquals(bench.job.failure, undefined);
});

Deno.test("what changes does not shorten a pause, and who wants it tries again at once", async () => {
  const bench = new Bench();
  bench.steps.push(new Error("a"));
  bench.job.wake();
  await settled();
  bench.job.wake();
  await settled();
  assertEquals([bench.count, bench.changes], [1, 2]);
  bench.job.retry();
  await settled();
  assertEquals([bench.count, bench.clock.pending, bench.job.failure], [2, 0, undefined]);
});

Deno.test("a job that is stopped leaves no timer, and is not told to have failed", async () => {
  const bench = new Bench();
  bench.steps.push(new Error("a"), new Error("b"));
  bench.job.wake();
  await settled();
  bench.job.retry();
  bench.stopping.abort();
  await bench.job.stopped();
  assertEquals([bench.failures, bench.clock.pending], [["a"], 0]);
  bench.job.wake();
  await settled();
  assertEquals(bench.count, 2);
});
