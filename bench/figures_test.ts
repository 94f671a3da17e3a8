import { assertAlmostEquals, assertEquals } from "@std/assert";
import { cpuPerGigabit, megabits, percentiles } from "./figures.ts";

const CASES = [
  { name: "nothing", values: [], expected: { count: 0, p50: undefined, p99: undefined, max: undefined } },
  { name: "one value", values: [7], expected: { count: 1, p50: 7, p99: 7, max: 7 } },
  { name: "two values", values: [9, 1], expected: { count: 2, p50: 1, p99: 9, max: 9 } },
  { name: "by number, not by text", values: [10, 9, 100], expected: { count: 3, p50: 10, p99: 100, max: 100 } },
  {
    name: "1 to 100 backwards",
    values: Array.from({ length: 100 }, (_, index) => 100 - index),
    expected: { count: 100, p50: 50, p99: 99, max: 100 },
  },
  {
    name: "one in a thousand is not the 99th percentile",
    values: [5000, ...Array.from({ length: 999 }, () => 1)],
    expected: { count: 1000, p50: 1, p99: 1, max: 5000 },
  },
];

for (const { name, values, expected } of CASES) {
  Deno.test(`percentiles are nearest ranks: ${name}`, () => assertEquals(percentiles(values), expected));
}

Deno.test("measurements stay in the order in which they were given", () => {
  const values = [3, 1, 2];
  percentiles(values);
  assertEquals(values, [3, 1, 2]);
});

Deno.test("rates are in bits", () => {
  assertEquals(megabits(1_250_000, 2), 5);
  assertAlmostEquals(cpuPerGigabit(0.5, 250_000_000)!, 0.25);
  assertEquals(cpuPerGigabit(0.5, 0), undefined);
});
