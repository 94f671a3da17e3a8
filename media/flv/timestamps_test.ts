import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { TimestampUnwrapper } from "./timestamps.ts";

const CASES: readonly { readonly name: string; readonly wire: readonly number[]; readonly time: readonly number[] }[] =
  [
    { name: "an ordinary stream", wire: [0, 40, 80], time: [0, 40, 80] },
    { name: "the 24-bit roll after 4 h 40 min", wire: [0xff_fff0, 0x100_0010], time: [0xff_fff0, 0x100_0010] },
    { name: "the sign bit after 24 days", wire: [0x7fff_fff0, 0x8000_0010], time: [0x7fff_fff0, 0x8000_0010] },
    { name: "the 32-bit wrap after 49 days", wire: [0xffff_fff0, 0x10], time: [0xffff_fff0, 0x1_0000_0010] },
    {
      name: "two wraps",
      wire: [0xf000_0000, 0x5000_0000, 0xb000_0000, 0x1000_0000],
      time: [0xf000_0000, 0x1_5000_0000, 0x1_b000_0000, 0x2_1000_0000],
    },
    { name: "a small step back", wire: [1000, 960, 1040], time: [1000, 960, 1040] },
    {
      name: "a small step back over the wrap",
      wire: [0xffff_fff0, 0x10, 0xffff_fff8],
      time: [0xffff_fff0, 0x1_0000_0010, 0xffff_fff8],
    },
    { name: "a step back below zero", wire: [10, 0xffff_fff6], time: [10, -10] },
  ];

Deno.test("timestamps go on through every wrap", async (t) => {
  for (const { name, wire, time } of CASES) {
    await t.step(name, () => {
      const unwrapper = new TimestampUnwrapper();
      assertEquals(wire.map((ms) => unwrapper.unwrap(ms)), time);
    });
  }
});

Deno.test("timestamps keep every step shorter than 2^31 ms", () => {
  const steps = fc.array(fc.integer({ min: -0x7fff_ffff, max: 0x7fff_ffff }), { maxLength: 50 });
  fc.assert(fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), steps, (first, steps) => {
    const unwrapper = new TimestampUnwrapper();
    let time = unwrapper.unwrap(first);
    assertEquals(time, first);
    for (const step of steps) {
      time += step;
      assertEquals(unwrapper.unwrap(time >>> 0), time);
    }
  }));
});
