import { assertEquals } from "@std/assert";
import { affordable, Ladder, RUNGS } from "./ladder.ts";

const BITRATES = [5_600_000, 2_500_000, 1_100_000, 600_000];

for (
  const [upload, count] of [[100_000_000, 4], [15_000_000, 4], [13_000_000, 3], [6_500_000, 3], [3_000_000, 2], [
    1e6,
    1,
  ], [0, 1]]
) {
  Deno.test(`an upload of ${upload / 1e6} Mbit/s carries the smallest ${count}`, () => {
    assertEquals(affordable(BITRATES, upload), BITRATES.map((_, i) => i >= BITRATES.length - count));
  });
}

Deno.test("one stream alone is published over any upload, and none is none", () => {
  assertEquals(affordable([5_600_000], 1000), [true]);
  assertEquals(affordable([], 1000), []);
});

Deno.test("no stream is left out between two that are on", () => {
  assertEquals(affordable([600_000, 9_000_000, 100_000], 3_000_000), [false, false, true]);
});

const load = (share: number, isOn = true) => ({ isOn, share });

Deno.test("when a stream starves for some seconds the largest is dropped", () => {
  const ladder = new Ladder();
  const steps = [0, 1000, 2999, 3000, 3500, 6500].map((at) => ladder.look(at, [load(0.4), load(1), load(1)]));
  assertEquals(steps, [undefined, undefined, undefined, "drop", undefined, "drop"]);
});

Deno.test("a short dip drops nothing, and the last stream stays", () => {
  const ladder = new Ladder();
  assertEquals([0, 2000].map((at) => ladder.look(at, [load(0.4), load(1)])), [undefined, undefined]);
  assertEquals([2500, 5000].map((at) => ladder.look(at, [load(0.7), load(1)])), [undefined, undefined]);
  const alone = [6000, 20_000].map((at) => ladder.look(at, [load(1, false), load(0.1)]));
  assertEquals(alone, [undefined, undefined]);
});

Deno.test("when all has been well for a while it is measured whether another fits", () => {
  const ladder = new Ladder();
  const steps = [0, 19_999, 20_000, 30_000, 40_000].map((at) => ladder.look(at, [load(0, false), load(1)]));
  assertEquals(steps, [undefined, undefined, "measure", undefined, "measure"]);
});

Deno.test("while all wanted streams are on nothing is measured", () => {
  const ladder = new Ladder();
  assertEquals([0, 60_000].map((at) => ladder.look(at, [load(1), load(1)])), [undefined, undefined]);
});

Deno.test("the sizes are listed largest first", () => {
  assertEquals(RUNGS.map(({ shortSide }) => shortSide), [1080, 720, 480, 360, 240]);
});
