import { assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { KeyframeIndex, MAX_ENTRY_POINTS } from "./keyframe_index.ts";

function indexOf(count: number): KeyframeIndex {
  const index = new KeyframeIndex();
  for (let i = 0; i < count; i++) index.add(i * 2000, 70_000 + i * 100);
  return index;
}

Deno.test("an index gives times in seconds and positions in bytes", () => {
  assertEquals(indexOf(3).toKeyframes(10), { times: [0, 2, 4], filepositions: [70_000, 70_100, 70_200] });
});

Deno.test("an index that has no room for all leaves out every second entry", () => {
  assertEquals(indexOf(5).toKeyframes(5).times, [0, 2, 4, 6, 8]);
  assertEquals(indexOf(5).toKeyframes(4).times, [0, 4, 8]);
  assertEquals(indexOf(5).toKeyframes(2).times, [0, 8]);
  assertEquals(indexOf(5).toKeyframes(1).times, [0]);
  assertEquals(indexOf(5).toKeyframes(0).times, []);
});

Deno.test("an index of any number of entries is bounded, even, and reaches from the beginning to near the end", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 1, max: 4000 }), (count, limit) => {
      const index = indexOf(count);
      assertLessOrEqual(index.length, MAX_ENTRY_POINTS);
      const { times, filepositions } = index.toKeyframes(limit);
      assertLessOrEqual(times.length, limit);
      assertGreaterOrEqual(times.length, Math.min(count, limit, MAX_ENTRY_POINTS) / 2 - 1);
      const step = times.length > 1 ? times[1] : count * 2;
      assertEquals(times, times.map((_, i) => i * step));
      assertEquals(filepositions, times.map((time) => 70_000 + time * 50));
      assertLessOrEqual(count * 2 - times.at(-1)!, step);
    }),
    { numRuns: 50 },
  );
});
