import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { fingerprint, MAX_REMEMBERED, Remembered } from "./remembered.ts";

Deno.test("an answer is remembered for its time", async () => {
  const clock = new FakeClock();
  const remembered = new Remembered<number>(clock);
  let found = 0;
  const find = () => Promise.resolve({ value: ++found, ms: 1000 });
  assertEquals(await remembered.of("a", find), 1);
  clock.advance(999);
  assertEquals(remembered.of("a", find), 1);
  assertEquals(await remembered.of("b", find), 2);
  clock.advance(1);
  assertEquals(await remembered.of("a", find), 3);
});

Deno.test("what is not to be remembered is found out each time", async () => {
  const remembered = new Remembered<number>(new FakeClock());
  let found = 0;
  const find = () => Promise.resolve({ value: ++found, ms: 0 });
  assertEquals([await remembered.of("a", find), await remembered.of("a", find), remembered.size], [1, 2, 0]);
});

Deno.test("those who want the same answer at the same time ask once, and a failure is theirs together", async () => {
  const remembered = new Remembered<number>(new FakeClock());
  const answer = Promise.withResolvers<{ value: number; ms: number }>();
  let asked = 0;
  const all = Array.from({ length: 100 }, () => remembered.of("a", () => (asked++, answer.promise)));
  answer.reject(new Error("away"));
  for (const each of all) await assertRejects(async () => await each, Error, "away");
  assertEquals(asked, 1);
  assertEquals(await remembered.of("a", () => Promise.resolve({ value: 7, ms: 1000 })), 7);
});

Deno.test("the oldest answers make room", async () => {
  const remembered = new Remembered<number>(new FakeClock());
  for (let at = 0; at <= MAX_REMEMBERED; at++) {
    await remembered.of(String(at), () => Promise.resolve({ value: at, ms: 1000 }));
  }
  assertEquals(remembered.size, MAX_REMEMBERED);
  assert(
    remembered.of("0", () => Promise.resolve({ value: -1, ms: 0 })) instanceof Promise,
    "the oldest is still there",
  );
  assertEquals(remembered.of("1", () => Promise.reject(new Error("asked"))), 1);
});

Deno.test("a fingerprint shows nothing, and tells parts apart wherever they are cut", () => {
  assertEquals(fingerprint("ann", "sesame"), fingerprint("ann", "sesame"));
  assertNotEquals(fingerprint("anns", "esame"), fingerprint("ann", "sesame"));
  assertNotEquals(fingerprint("ann", "", "sesame"), fingerprint("ann", "sesame", ""));
  assertEquals(/ann|sesame/.test(fingerprint("ann", "sesame")), false);
});
