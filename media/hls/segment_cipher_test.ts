import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { createCipheriv } from "node:crypto";
import { bytes } from "../testing.ts";
import { SegmentCipher, sequenceIv } from "./segment_cipher.ts";

function binary(notation: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes(notation));
}

Deno.test("without an IV, the media sequence number is it", () => {
  assertEquals(sequenceIv(0), new Uint8Array(16));
  assertEquals(sequenceIv(0x1234), binary("00000000 00000000 00000000 00001234"));
  assertEquals(sequenceIv(Number.MAX_SAFE_INTEGER), binary("0000000000000000 001fffffffffffff"));
});

Deno.test("segments are encrypted as the standard's example is", async () => {
  // NIST SP 800-38A, F.2.1, with its first block alone; the padding is a block of its own.
  const cipher = await SegmentCipher.open(binary("2b7e151628aed2a6abf7158809cf4f3c"));
  const iv = binary("000102030405060708090a0b0c0d0e0f");
  const encrypted = await cipher.encrypt(binary("6bc1bee22e409f96e93d7e117393172a"), iv);
  assertStrictEquals(encrypted.length, 32);
  assertEquals(encrypted.subarray(0, 16), binary("7649abac8119b246cee98e9b12e9197d"));
});

Deno.test("segments of any length are encrypted as others do it, and read again", async () => {
  const block = fc.uint8Array({ minLength: 16, maxLength: 16 });
  await fc.assert(fc.asyncProperty(block, block, fc.uint8Array({ maxLength: 100 }), async (key, iv, segment) => {
    const cipher = await SegmentCipher.open(new Uint8Array(key));
    const encrypted = await cipher.encrypt(new Uint8Array(segment), new Uint8Array(iv));
    const other = createCipheriv("aes-128-cbc", key, iv);
    assertEquals(encrypted, new Uint8Array([...other.update(segment), ...other.final()]));
    assertEquals(await cipher.decrypt(encrypted, new Uint8Array(iv)), new Uint8Array(segment));
  }));
});

Deno.test("keys and IVs of other lengths are refused", async () => {
  await assertRejects(() => SegmentCipher.open(new Uint8Array(32)), RangeError, "A segment key has 16 bytes, not 32");
  const cipher = await SegmentCipher.open(new Uint8Array(16));
  const vector = new Uint8Array(12);
  await assertRejects(() => cipher.encrypt(new Uint8Array(1), vector), RangeError, "has 16 bytes, not 12");
  await assertRejects(() => cipher.decrypt(new Uint8Array(16), vector), RangeError, "has 16 bytes, not 12");
});
