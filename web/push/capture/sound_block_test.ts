import { assertAlmostEquals, assertEquals } from "@std/assert";
import { peakOf } from "./sound_block.ts";

const block = (...samples: number[]) => ({ start: 0, channels: [new Float32Array(4), Float32Array.from(samples)] });

Deno.test("the level of a block is that of its loudest sample in either channel", () => {
  assertAlmostEquals(peakOf(block(0.1, -0.5, 0.2)), -6.02, 0.01);
  assertEquals(peakOf(block(1)), 0);
  assertEquals(peakOf(block(-1.5)), 0);
  assertEquals(peakOf(block(0)), Number.NEGATIVE_INFINITY);
});
