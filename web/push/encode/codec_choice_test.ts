import { assertEquals } from "@std/assert";
import { codecStrings } from "./codec_choice.ts";

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
