import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { ByteWriter, concat } from "./bytes.ts";
import { bytes } from "./testing.ts";

Deno.test("every field is written big-endian and wraps to its width", () => {
  const out = new ByteWriter(0).u8(0x1ff).u16(0x1_2345).u24(0x1ab_cdef).u32(-2).u32le(0x0102_0304).u64(2 ** 53 - 1).f64(
    1,
  );
  assertEquals(
    out.raw(bytes("cafe")).view(),
    bytes("ff 2345 abcdef fffffffe 04030201 001fffffffffffff 3ff0000000000000 cafe"),
  );
});

Deno.test("views stay as they were while the buffer grows", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
    const out = new ByteWriter(1);
    const views = pieces.map((piece) => out.view(out.length, out.raw(piece).length));
    assertEquals(views, pieces);
    assertEquals(out.view(), concat(pieces));
    assertStrictEquals(out.length, concat(pieces).length);
  }));
});

Deno.test("bytes of one part are not copied", () => {
  const part = bytes("01 02");
  assertStrictEquals(concat([part]), part);
  assertEquals(concat([]), new Uint8Array(0));
});
