import { assertAlmostEquals, assertEquals } from "@std/assert";
import { FrameGate } from "./frame_gate.ts";

/** How many frames of a second from a source of `from` frames a second pass for `to`. */
function passing(from: number, to: number, jitter = 0): number {
  const gate = new FrameGate(to);
  const times = Array.from({ length: from * 10 }, (_, i) => i * 1_000_000 / from + (i % 2) * jitter);
  return times.filter((time) => gate.takes(time)).length / 10;
}

for (
  const [from, to, expected] of [[60, 30, 30], [30, 30, 30], [25, 30, 25], [30, 15, 15], [30, 25, 25], [144, 60, 60]]
) {
  Deno.test(`of ${from} frames a second ${expected} pass where ${to} are wanted`, () => {
    assertAlmostEquals(passing(from, to), expected, 0.5);
  });
}

Deno.test("a source that is a little uneven loses no frame", () => assertEquals(passing(30, 30, 6_000), 30));

Deno.test("after a pause there is no burst", () => {
  const gate = new FrameGate(10);
  gate.takes(0);
  const times = Array.from({ length: 20 }, (_, i) => 5_000_000 + i * 20_000);
  assertEquals(times.filter((time) => gate.takes(time)).length, 5);
});
