import { assertEquals } from "@std/assert";
import { packet } from "../../../kernel/testing/packets.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import { Overlap } from "./overlap.ts";

function frame(index: number, length = 600): MediaPacket {
  const body = new Uint8Array(length).fill(index % 251);
  body[length - 1] = index >> 8;
  return { ...packet(`a${index * 20}`), body, data: body };
}

Deno.test("a frame that came is known by stamp and bytes, wherever they differ", () => {
  const overlap = new Overlap();
  const known = frame(7);
  overlap.remember(known);
  const changed = (at: number) => {
    const body = known.body.slice();
    body[at] ^= 1;
    return { ...known, body };
  };
  assertEquals(overlap.has({ ...known, body: known.body.slice() }), true);
  assertEquals(overlap.has({ ...known, dts: known.dts + 900_000 }), true, "stamps of HLS are not exact");
  const others = [
    { ...known, dts: known.dts + 2_000_000 },
    { ...known, track: 1 },
    { ...known, kind: "video" as const },
    { ...known, body: known.body.subarray(1) },
    changed(0),
    changed(599),
  ];
  assertEquals(others.map((other) => overlap.has(other)), others.map(() => false));
});

Deno.test("more frames are remembered than a server sends anew, and the oldest are forgotten", () => {
  const overlap = new Overlap();
  for (let i = 0; i < 10_000; i++) overlap.remember(frame(i, 20));
  const known = Array.from({ length: 10_000 }, (_, i) => overlap.has(frame(i, 20)));
  assertEquals([known.indexOf(true), known.lastIndexOf(false)], [10_000 - 8192, 10_000 - 8192 - 1]);
});
