import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DecodeTimes, MAX_EARLY } from "./decode_times.ts";

function all(times: readonly (readonly [number, number])[]): number[] {
  const decode = new DecodeTimes();
  return times.map(([dts, pts]) => decode.next(dts, pts));
}

Deno.test("decoding times that are in order stay as they are", () => {
  assertEquals(all([[0, 80], [40, 200], [80, 120], [120, 160]]), [0, 40, 80, 120]);
});

Deno.test("decoding times move ahead when pictures are shown before they are decoded", () => {
  const reordered = all([[0, 0], [40_000, 120_000], [80_000, 40_000], [120_000, 80_000], [160_000, 240_000]]);
  assertEquals(reordered, [0, 40_000, 40_012, 80_000, 120_000]);
});

Deno.test("decoding times do not follow a time of showing that cannot be right", () => {
  assertEquals(all([[5_000_000, 5_000_000], [5_040_000, 5_040_000 - MAX_EARLY - 1]]), [5_000_000, 5_040_000]);
});

Deno.test("decoding times always rise, and catch up with the encoder's but for what it is early", () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 12, max: 100_000 }), fc.integer({ min: -200_000, max: 200_000 })));
  fc.assert(fc.property(steps, (steps) => {
    let dts = 0;
    const times = steps.map(([step, offset]) => [dts += step, dts + offset] as const);
    const decode = all(times);
    decode.forEach((time, i) => {
      assert(i === 0 || time > decode[i - 1]);
      assert(time <= times[i][0] && time >= times[i][0] - 200_000);
    });
  }));
});
