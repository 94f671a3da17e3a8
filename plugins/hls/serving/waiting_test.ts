import { assertEquals } from "@std/assert";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { Waiting } from "./waiting.ts";

Deno.test("waiting: what is there already is not waited for", async () => {
  assertEquals(await new Waiting(new FakeClock()).until(() => true, 1000), "there");
});

Deno.test("waiting: a condition is looked at after each news, and time is up at some time", async () => {
  const clock = new FakeClock();
  const waiting = new Waiting(clock);
  let count = 0;
  const results = [waiting.until(() => count >= 2, 1000), waiting.until(() => count >= 3, 1000)];
  assertEquals(waiting.count, 2);
  for (count = 1; count < 3; count++) {
    waiting.notify();
    await Promise.resolve();
  }
  count = 2;
  await clock.advanceAsync(1000);
  assertEquals(await Promise.all(results), ["there", "late"]);
  assertEquals([waiting.count, clock.pending], [0, 0]);
});

Deno.test("waiting: no more wait than there is room for", async () => {
  const clock = new FakeClock();
  const waiting = new Waiting(clock, 1);
  const first = waiting.until(() => false, 1000);
  assertEquals(await waiting.until(() => false, 1000), "full");
  await clock.advanceAsync(1000);
  assertEquals(await first, "late");
});
