import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FormatError } from "../errors.ts";
import { beginnings, bytes, survives } from "../testing.ts";
import { parseVp8KeyFrame, parseVp9KeyFrame } from "./vp_frame.ts";

const VP8 = bytes("100200 9d012a 4041 b480");

/** Key frames of 320 by 180 pixels, by profile. */
const VP9: Readonly<Record<string, Uint8Array>> = {
  "profile 0": bytes("82 498342 00 13f0 0b30"),
  "profile 0, sRGB": bytes("82 498342 e0 27e0 1660"),
  "profile 1, 4:4:4": bytes("a2 498342 20 027e 0166"),
  "profile 1, sRGB": bytes("a2 498342 e0 13f0 0b30"),
  "profile 2, 10 bits": bytes("92 498342 20 09f8 0598"),
  "profile 3, 4:2:2": bytes("b1 24c1a1 0a 009f805980"),
};

Deno.test("a VP8 key frame tells the size of the pictures without its scaling", () => {
  assertEquals(parseVp8KeyFrame(VP8), { width: 320, height: 180 });
});

for (const [name, frame] of Object.entries(VP9)) {
  Deno.test(`a VP9 key frame tells the size of the pictures: ${name}`, () => {
    assertEquals(parseVp9KeyFrame(frame), { width: 320, height: 180 });
  });
}

Deno.test("frames that are no key frames do not tell", () => {
  for (const frame of ["110200 9d012a 4041 b480", "100200 9d012b 4041 b480"]) {
    assertThrows(() => parseVp8KeyFrame(bytes(frame)), FormatError, "VP8 frame is not a key frame");
  }
  for (const frame of ["86 498342 00 13f0 0b30", "8a 498342 00 13f0", "42 498342 00 13f0", "82 498343 00 13f0"]) {
    assertThrows(() => parseVp9KeyFrame(bytes(frame)), FormatError, "VP9 frame is not a key frame");
  }
});

Deno.test("frames survive damage and being cut off", () => {
  for (const frame of [VP8, ...Object.values(VP9)]) {
    for (const beginning of beginnings(frame)) {
      survives(() => parseVp8KeyFrame(beginning));
      survives(() => parseVp9KeyFrame(beginning));
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 16 }), (noise) => {
    survives(() => parseVp8KeyFrame(noise));
    survives(() => parseVp9KeyFrame(noise));
  }));
});
