import { assertEquals, assertThrows } from "@std/assert";
import { bytes } from "../testing.ts";
import { box, boxType, encodeBoxes, fields, fullBox, mediaDataHeader } from "./box.ts";

Deno.test("a box has its size and type in front of all that is in it", () => {
  const inner = box("free", bytes("aa"));
  assertEquals(
    encodeBoxes(box("udta", inner, bytes("bb"), inner)),
    bytes(
      '0000001b "udta" 00000009 "free" aa bb 00000009 "free" aa',
    ),
  );
});

Deno.test("a full box has a version and flags", () => {
  const content = fields((out) => out.u16(0x1234));
  assertEquals(encodeBoxes(fullBox("tfdt", 1, 0x02_0008, content)), bytes('0000000e "tfdt" 01 020008 1234'));
});

Deno.test("boxes stand one behind the other", () => {
  assertEquals(encodeBoxes(box("free"), box("skip")), bytes('00000008 "free" 00000008 "skip"'));
});

Deno.test("media data of 4 GiB and more has a size of 64 bits", () => {
  assertEquals(mediaDataHeader(3), bytes('0000000b "mdat"'));
  assertEquals(mediaDataHeader(0xffff_fff7), bytes('ffffffff "mdat"'));
  assertEquals(mediaDataHeader(0xffff_fff8), bytes('00000001 "mdat" 0000000100000008'));
});

Deno.test("a type is four characters as a number", () => {
  assertEquals(boxType("mdat"), 0x6d64_6174);
});

Deno.test("a box that has grown since its size was taken cannot be written", () => {
  assertThrows(() => encodeBoxes({ size: 1, write: (out) => void out.u16(0) }), RangeError, "2 bytes instead of 1");
});
