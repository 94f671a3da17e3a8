import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { MAX_RATE_WINDOW, RateMeter } from "./rate_meter.ts";

interface Case {
  readonly name: string;
  /** `[ms, amount]` */
  readonly added: readonly (readonly [number, number])[];
  readonly now: number;
  readonly window: number;
  readonly rate: number;
}

const CASES: Case[] = [
  { name: "nothing yet", added: [], now: 5000, window: 10, rate: 0 },
  { name: "the current second does not count", added: [[1000, 10], [1999, 10]], now: 1999, window: 1, rate: 0 },
  { name: "the last whole second", added: [[1000, 10], [1999, 20], [2000, 7]], now: 2500, window: 1, rate: 30 },
  { name: "a young meter divides by its age", added: [[1000, 10], [2000, 20]], now: 3000, window: 60, rate: 15 },
  { name: "an age of less than a second counts as one", added: [[1900, 10]], now: 2000, window: 10, rate: 10 },
  { name: "a part of the first second", added: [[1500, 10], [2000, 20]], now: 3000, window: 10, rate: 20 },
  { name: "silence counts", added: [[0, 100]], now: 10_000, window: 10, rate: 10 },
  { name: "after a long silence nothing is left", added: [[0, 100]], now: 11_000, window: 10, rate: 0 },
  { name: "a slot is used again", added: [[0, 100], [64_000, 1]], now: 65_000, window: 1, rate: 1 },
  { name: "slots passed over are emptied", added: [[5000, 100], [68_000, 60]], now: 70_000, window: 60, rate: 1 },
  { name: "silence longer than all slots", added: [[5000, 100], [999_000, 60]], now: 1_000_000, window: 60, rate: 1 },
];

for (const { name, added, now, window, rate } of CASES) {
  Deno.test(`rate meter: ${name}`, () => {
    const meter = new RateMeter();
    for (const [ms, amount] of added) meter.add(amount, ms);
    assertEquals(meter.perSecond(window, now), rate);
  });
}

Deno.test("rate meter: agrees with a sum over all that was added", () => {
  const steps = fc.array(fc.record({ wait: fc.oneof(fc.nat(3000), fc.nat(200_000)), amount: fc.nat(100_000) }), {
    minLength: 1,
    maxLength: 100,
  });
  fc.assert(fc.property(steps, fc.integer({ min: 1, max: MAX_RATE_WINDOW }), fc.nat(90_000), (steps, window, wait) => {
    const meter = new RateMeter();
    const added: { at: number; amount: number }[] = [];
    let now = 0;
    for (const step of steps) {
      now += step.wait;
      meter.add(step.amount, now);
      added.push({ at: now, amount: step.amount });
    }
    now += wait;
    const end = Math.floor(now / 1000);
    const sum = added.filter(({ at }) => at >= (end - window) * 1000 && at < end * 1000)
      .reduce((sum, { amount }) => sum + amount, 0);
    const age = end - added[0].at / 1000;
    assertEquals(meter.perSecond(window, now), sum / Math.max(1, Math.min(window, age)));
  }));
});
