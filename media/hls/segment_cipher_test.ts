import { assertEquals } from "@std/assert";
import { bytes } from "../testing.ts";
import { sequenceIv } from "./segment_cipher.ts";

Deno.test("without an IV, the media sequence number is it", () => {
  assertEquals(sequenceIv(0), new Uint8Array(16));
  assertEquals(sequenceIv(0x1234), bytes("00000000 00000000 00000000 00001234"));
  assertEquals(sequenceIv(Number.MAX_SAFE_INTEGER), bytes("0000000000000000 001fffffffffffff"));
});
