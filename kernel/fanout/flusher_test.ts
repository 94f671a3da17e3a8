import { assertEquals, assertGreater, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { Flusher } from "./flusher.ts";
import { FakeClock } from "../testing/fake_clock.ts";

/** A flusher that has learned what waking one reader costs, in milliseconds. */
function flusher(readers: number, cost: number, maxDelayMs = 350): Flusher {
  const flusher = new Flusher(new FakeClock(), maxDelayMs);
  flusher.readers = readers;
  for (let i = 0; i < 200; i++) flusher.measured(1000, 1000 * cost);
  return flusher;
}

Deno.test("while rounds are cheap nothing is gathered, neither picture nor sound", () => {
  for (const [readers, cost] of [[0, 0.01], [1, 0.1], [40, 0.01], [1000, 0.0001]]) {
    const cheap = flusher(readers, cost);
    assertEquals([cheap.window("picture"), cheap.window("sound")], [0, 0], `${readers} at ${cost} ms`);
  }
});

Deno.test("the window grows with the number of readers", () => {
  const windows = [100, 200, 1000, 4000, 8000].map((readers) => flusher(readers, 0.01).window("picture"));
  for (let i = 1; i < windows.length; i++) assertGreater(windows[i], windows[i - 1]);
});

Deno.test("the window grows with what a reader costs", () => {
  const [cheap, dear] = [0.01, 0.02].map((cost) => flusher(1000, cost).window("picture"));
  assertGreaterOrEqual(dear, 1.9 * cheap);
});

Deno.test("a crowd is woken in many turns, a few readers in one", () => {
  assertEquals(flusher(8000, 0.01).turns(8000), 11);
  assertEquals(flusher(8000, 0.01).turns(300), 1);
  assertEquals([flusher(500, 0.01).turns(500), flusher(0, 0.01).turns(0)], [1, 1]);
});

Deno.test("the window narrows again as readers leave", () => {
  const busy = flusher(4000, 0.01);
  const wide = busy.window("picture");
  busy.readers = 10;
  assertGreater(wide, 20);
  assertEquals(busy.window("picture"), 0);
});

Deno.test("before anything was measured, thousands of readers are gathered for and a few are not", () => {
  const fresh = new Flusher(new FakeClock(), 350);
  fresh.readers = 10;
  assertEquals(fresh.window("picture"), 0);
  fresh.readers = 4000;
  assertGreater(fresh.window("picture"), 20);
});

Deno.test("sound alone waits longer than a picture, but not beyond a frame of 25 a second", () => {
  const moderate = flusher(300, 0.01);
  assertGreater(moderate.window("sound"), moderate.window("picture"));
  assertLessOrEqual(moderate.window("sound"), 45);
  const busy = flusher(8000, 0.01);
  assertEquals(busy.window("sound"), busy.window("picture"), "when pictures wait longer than that, both wait alike");
});

Deno.test("sound is held back on its way no longer than a frame, and not at all while rounds are cheap", () => {
  assertEquals(flusher(40, 0.01).ride, 0);
  assertEquals([flusher(500, 0.01).ride, flusher(8000, 0.01).ride], [45, 45]);
  assertEquals(flusher(8000, 0.01, 20).ride, 20);
});

Deno.test("a few readers measure the clock rather than the work, and are not learned from", () => {
  const learned = flusher(1000, 0.01);
  const before = learned.window("picture");
  for (let i = 0; i < 1000; i++) learned.measured(15, 1500);
  assertEquals(learned.window("picture"), before);
});

Deno.test("with a longest delay of 0 nothing is ever gathered", () => {
  const eager = flusher(100_000, 1, 0);
  assertEquals([eager.window("picture"), eager.window("sound")], [0, 0]);
});

Deno.test("whatever is measured, windows lie between 0 and the longest delay, sound's not below a picture's", () => {
  const rounds = fc.array(fc.tuple(fc.nat(20_000), fc.double({ min: 0, max: 1e6, noNaN: true })), { maxLength: 50 });
  fc.assert(fc.property(rounds, fc.nat(50_000), fc.nat(5000), (measured, readers, maxDelayMs) => {
    const flusher = new Flusher(new FakeClock(), maxDelayMs);
    flusher.readers = readers;
    for (const [count, ms] of measured) flusher.measured(count, ms);
    const [picture, sound] = [flusher.window("picture"), flusher.window("sound")];
    assertGreaterOrEqual(picture, 0);
    assertGreaterOrEqual(sound, picture);
    assertLessOrEqual(sound, maxDelayMs);
  }));
});

Deno.test("rounds that other processes interrupt do not widen the window", () => {
  const steady = flusher(1000, 0.005);
  const before = steady.window("picture");
  for (let i = 0; i < 80; i++) steady.measured(1000, i % 8 === 7 ? 5 : 200);
  assertEquals(steady.window("picture"), before);
});

Deno.test("when every round is dearer, the window widens within a few rounds", () => {
  const steady = flusher(1000, 0.005);
  const before = steady.window("picture");
  for (let i = 0; i < 16; i++) steady.measured(1000, 20);
  assertGreaterOrEqual(steady.window("picture"), 3.9 * before);
});
