import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { framesPerPart } from "./part_length.ts";

/** Pictures a second, pictures from key to key, and pictures in a part of about 200 ms. */
const CASES: readonly (readonly [rate: number, segment: number, frames: number])[] = [
  [25, 50, 5],
  [30, 60, 6],
  [50, 100, 10],
  [60, 120, 12],
  [24, 48, 4],
  [30, 250, 5],
  [60, 250, 10],
  [25, 47, 6],
  [2, 4, 1],
  [1, 1, 1],
];

Deno.test("parts have as many pictures as leave enough for the last one of a segment", () => {
  for (const [rate, segment, frames] of CASES) {
    assertEquals([rate, segment, framesPerPart(rate / 5, segment)], [rate, segment, frames]);
  }
});

Deno.test("parts have about as many pictures as are wanted", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 100, noNaN: true }),
      fc.integer({ min: 1, max: 1000 }),
      (wanted, segment) => {
        const usual = Math.max(1, Math.round(wanted));
        const frames = framesPerPart(wanted, segment);
        if (Math.abs(frames - usual) > wanted / 4) throw new Error(`${frames} instead of ${usual}`);
      },
    ),
  );
});
