import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { bufferedAhead, type BufferedRange, JUMP_LATENCY, jumpTarget, latencyAt } from "./live_edge.ts";
import { MOST_MARGIN } from "./live_pace.ts";

/** How far behind jumps land in these cases, in seconds. */
const BEHIND = 0.25;

const cases: { name: string; position: number; ranges: BufferedRange[]; target: number | undefined }[] = [
  { name: "stays when nothing is buffered", position: 3, ranges: [], target: undefined },
  { name: "stays near the edge", position: 9, ranges: [{ start: 0, end: 10 }], target: undefined },
  { name: "leaves small delays to a faster pace", position: 6.5, ranges: [{ start: 0, end: 10 }], target: undefined },
  { name: "jumps near the edge when far behind", position: 1, ranges: [{ start: 0, end: 10 }], target: 9.75 },
  {
    name: "jumps over the hole of an interruption",
    position: 10,
    ranges: [{ start: 0, end: 10 }, { start: 13, end: 13.2 }],
    target: 13.01,
  },
  { name: "jumps to the first picture of all", position: 0, ranges: [{ start: 5, end: 7 }], target: 6.75 },
];

for (const { name, position, ranges, target } of cases) {
  Deno.test(`the live edge: ${name}`, () => assertEquals(jumpTarget(position, ranges, BEHIND), target));
}

Deno.test("a jump always lands inside what is buffered, and needs no second one", () => {
  const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });
  const length = fc.double({ min: 0.02, max: 100, noNaN: true });
  fc.assert(fc.property(seconds, seconds, length, (position, start, span) => {
    const ranges = [{ start, end: start + span }];
    const target = jumpTarget(position, ranges, BEHIND);
    if (target === undefined) return;
    assert(target >= start && target < start + span);
    assertEquals(jumpTarget(target, ranges, BEHIND), undefined);
  }));
});

Deno.test("latency is what lies between the picture and the newest second, never negative", () => {
  assertEquals(latencyAt(3, []), 0);
  assertAlmostEquals(latencyAt(8, [{ start: 0, end: 5 }, { start: 6, end: 9.5 }]), 1.5);
  assertEquals(latencyAt(10, [{ start: 0, end: 9 }]), 0);
});

Deno.test("what is buffered ahead ends at a hole", () => {
  const ranges = [{ start: 0, end: 5 }, { start: 6, end: 9 }];
  assertEquals(bufferedAhead(3, ranges), 2);
  assertEquals(bufferedAhead(5.5, ranges), 0);
});

Deno.test("a faster pace comes before a jump, however unevenly a stream arrives", () => {
  assert(MOST_MARGIN < JUMP_LATENCY);
});
