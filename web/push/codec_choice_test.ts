import { assertEquals, assertStrictEquals } from "@std/assert";
import { codecOfString, codecStrings } from "./codec_choice.ts";

const HD = { width: 1280, height: 720 };
const FULL_HD = { width: 1920, height: 1080 };

Deno.test("H.264 is tried in three profiles, at the level that the picture needs", () => {
  assertEquals(codecStrings("avc", HD, 30), ["avc1.64001f", "avc1.4d001f", "avc1.42e01f"]);
  assertEquals(codecStrings("avc", HD, 60)[0], "avc1.640020");
  assertEquals(codecStrings("avc", FULL_HD, 30)[0], "avc1.640028");
  assertEquals(codecStrings("avc", FULL_HD, 60)[0], "avc1.64002a");
  assertEquals(codecStrings("avc", { width: 320, height: 180 }, 15)[0], "avc1.64001e");
});

Deno.test("the other codecs have levels of their own", () => {
  assertEquals(codecStrings("hevc", FULL_HD, 60), ["hvc1.1.6.L123.B0"]);
  assertEquals(codecStrings("vp9", HD, 30), ["vp09.00.31.08"]);
  assertEquals(codecStrings("av1", HD, 30), ["av01.0.05M.08"]);
});

Deno.test("a picture beyond all levels gets the highest", () => {
  assertEquals(codecStrings("av1", { width: 16_384, height: 16_384 }, 60), ["av01.0.13M.08"]);
});

for (
  const [text, codec] of [
    ["avc1.64001f", "avc"],
    ["hev1.1.6.L93.B0", "hevc"],
    ["vp09.00.31.08", "vp9"],
    ["av01.0.05M.08", "av1"],
    ["mp4a.40.2", "aac"],
    ["mp4a.6b", "mp3"],
    ["opus", "opus"],
  ]
) {
  Deno.test(`${text} is ${codec}`, () => assertStrictEquals(codecOfString(text), codec));
}

Deno.test("what FLV cannot carry is nothing", () => assertStrictEquals(codecOfString("vorbis"), undefined));
