import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DecodeOrder } from "./decode_order.ts";

/** The decoding times of pictures that are shown at these times, given in the order of decoding. */
function decodingTimes(shown: readonly number[]): number[] {
  const order = new DecodeOrder<number>();
  const out = shown.flatMap((pts, i) => order.push(i, pts) ?? []);
  out.push(...order.flush());
  assertEquals(out.map(({ picture, pts }) => [picture, pts]), shown.map((pts, i) => [i, pts]));
  return out.map(({ dts }) => dts);
}

const FRAME = 40_000;

for (
  const { name, shown, decoded } of [
    { name: "without reordering", shown: [0, 1, 2, 3], decoded: [0, 1, 2, 3] },
    { name: "with B-frames", shown: [0, 3, 1, 2, 6, 4, 5], decoded: [-1, 0, 1, 2, 3, 4, 5] },
    { name: "with a pyramid of B-frames", shown: [0, 4, 2, 1, 3, 8, 6, 5, 7], decoded: [-2, -1, 0, 1, 2, 3, 4, 5, 6] },
    { name: "of one picture", shown: [7], decoded: [7] },
    { name: "of none", shown: [], decoded: [] },
  ]
) {
  Deno.test(`a stream ${name} is decoded evenly, no picture after it is shown`, () => {
    assertEquals(decodingTimes(shown.map((time) => time * FRAME)), decoded.map((time) => time * FRAME));
  });
}

Deno.test("a long stream is decoded as evenly as it is shown", () => {
  const shown = Array.from({ length: 300 }, (_, i) => (i - i % 3 + [0, 2, 1][i % 3]) * FRAME);
  const times = decodingTimes(shown);
  times.slice(1).forEach((time, i) => assertEquals(time - times[i], FRAME));
});

Deno.test("whatever the times, none is decoded after it is shown, and the order stays", () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 1e9 })), (shown) => {
    decodingTimes(shown).forEach((dts, i) => assert(dts <= shown[i]));
  }));
});
