import { assertEquals } from "@std/assert";
import { fitSize, suggestedBitrate, wideSize } from "./picture_size.ts";

for (
  const { name, from, limit, to } of [
    { name: "a screen", from: [2560, 1440], limit: 1080, to: [1920, 1080] },
    { name: "a phone held upright", from: [1080, 1920], limit: 720, to: [720, 1280] },
    { name: "a small window", from: [641, 479], limit: 720, to: [642, 480] },
    { name: "a wide strip", from: [3440, 101], limit: 50, to: [1702, 50] },
    { name: "next to nothing", from: [1, 1], limit: 720, to: [2, 2] },
  ]
) {
  Deno.test(`${name} keeps its proportions and gets even sides`, () => {
    const { width, height } = fitSize({ width: from[0], height: from[1] }, limit);
    assertEquals([width, height], to);
  });
}

Deno.test("a wide picture has even sides too", () => {
  assertEquals([1080, 720, 480, 240].map((side) => wideSize(side).width), [1920, 1280, 854, 426]);
});

Deno.test("a bit rate is proposed by size, frame rate and codec", () => {
  assertEquals(suggestedBitrate({ width: 1280, height: 720 }, 30, "avc"), 2_500_000);
  assertEquals(suggestedBitrate({ width: 1920, height: 1080 }, 60, "avc"), 7_900_000);
  assertEquals(suggestedBitrate({ width: 1280, height: 720 }, 30, "av1"), 1_500_000);
  assertEquals(suggestedBitrate({ width: 16, height: 16 }, 5, "avc"), 100_000);
});
