import { assertEquals } from "@std/assert";
import { Rates, Series, SERIES_LENGTH } from "./series.ts";

Deno.test("a series keeps the newest values", () => {
  const series = new Series();
  for (let i = 0; i < SERIES_LENGTH + 5; i++) series.add(i, i * 2);
  assertEquals([series.times.length, series.values.length], [SERIES_LENGTH, SERIES_LENGTH]);
  assertEquals([series.times[0], series.newest], [5, (SERIES_LENGTH + 4) * 2]);
});

Deno.test("a value that is not known is a hole, not a zero", () => {
  const series = new Series();
  assertEquals(series.newest, null);
  series.add(1, null);
  assertEquals(series.newest, null);
});

Deno.test("rates are what counters grew by, per second", () => {
  const rates = new Rates();
  assertEquals(rates.of(new Map([["a", 100]]), 10).size, 0);
  assertEquals([...rates.of(new Map([["a", 300], ["b", 50]]), 12)], [["a", 100]]);
  assertEquals([...rates.of(new Map([["a", 10], ["b", 60]]), 13)], [["b", 10]]);
});
