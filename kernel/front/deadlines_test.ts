import { assertEquals, assertThrows } from "@std/assert";
import { Deadlines } from "./deadlines.ts";
import { FakeClock } from "../testing/fake_clock.ts";

/** Deadlines of a second, and when each of them came. */
function scene() {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock, 1000);
  const came: string[] = [];
  return { clock, came, set: (name: string) => deadlines.set(() => came.push(`${name} at ${clock.now()}`)) };
}

Deno.test("each deadline comes at its own time, and one timer serves all", () => {
  const { clock, came, set } = scene();
  for (const name of ["a", "b", "c"]) {
    set(name);
    clock.advance(100);
  }
  assertEquals(clock.pending, 1);
  clock.advance(5000);
  assertEquals([came, clock.pending], [["a at 1000", "b at 1100", "c at 1200"], 0]);
});

for (const taken of ["a", "b", "c"]) {
  Deno.test(`${taken} of a, b and c is taken back: the others come`, () => {
    const { clock, came, set } = scene();
    const timers = new Map(["a", "b", "c"].map((name) => [name, set(name)]));
    clock.advance(500);
    timers.get(taken)?.[Symbol.dispose]();
    timers.get(taken)?.[Symbol.dispose]();
    clock.advance(5000);
    assertEquals(came, ["a", "b", "c"].filter((name) => name !== taken).map((name) => `${name} at 1000`));
  });
}

Deno.test("no timer runs when all deadlines have been taken back, and a later one comes in time", () => {
  const { clock, came, set } = scene();
  const timers = [set("a"), set("b")];
  clock.advance(400);
  for (const timer of timers) timer[Symbol.dispose]();
  assertEquals(clock.pending, 0);
  set("c");
  clock.advance(5000);
  assertEquals(came, ["c at 1400"]);
});

Deno.test("what is due may take others back and set new ones", () => {
  const clock = new FakeClock();
  const deadlines = new Deadlines(clock, 1000);
  const came: string[] = [];
  deadlines.set(() => {
    came.push("a");
    second[Symbol.dispose]();
    deadlines.set(() => came.push("c"));
  });
  const second = deadlines.set(() => came.push("b"));
  clock.advance(1999);
  assertEquals(came, ["a"]);
  clock.advance(1);
  assertEquals([came, clock.pending], [["a", "c"], 0]);
});

Deno.test("one that throws keeps the others from nothing", () => {
  const { clock, came, set } = scene();
  const deadlines = new Deadlines(clock, 500);
  deadlines.set(() => {
    throw new Error("It went wrong");
  });
  deadlines.set(() => came.push("next"));
  set("other");
  assertThrows(() => clock.advance(500), Error, "It went wrong");
  clock.advance(1000);
  assertEquals([came, clock.pending], [["next", "other at 1000"], 0]);
});
