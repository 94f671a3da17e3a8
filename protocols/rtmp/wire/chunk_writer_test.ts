import { assertEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../../../media/bytes.ts";
import { bytes } from "../../../media/testing.ts";
import { writeMessage } from "./chunk_writer.ts";
import { MAX_MESSAGE_BYTES } from "./message.ts";

const CASES: readonly { name: string; timestamp: number; body: string; chunkSize: number; bytes: string }[] = [
  {
    name: "a message of one chunk",
    timestamp: 0x10,
    body: "af01aabb",
    chunkSize: 4,
    bytes: "04 000010 000004 08 01000000 af01aabb",
  },
  {
    name: "a message of three chunks",
    timestamp: 0x10,
    body: "af01aabbccddeeff00",
    chunkSize: 4,
    bytes: "04 000010 000009 08 01000000 af01aabb c4 ccddeeff c4 00",
  },
  { name: "an empty message", timestamp: 0, body: "", chunkSize: 128, bytes: "04 000000 000000 08 01000000" },
  {
    name: "the last timestamp of 24 bits",
    timestamp: 0xff_fffe,
    body: "af",
    chunkSize: 128,
    bytes: "04 fffffe 000001 08 01000000 af",
  },
  {
    name: "an extended timestamp, which every chunk repeats",
    timestamp: 0xff_ffff,
    body: "af01aabbcc",
    chunkSize: 4,
    bytes: "04 ffffff 000005 08 01000000 00ffffff af01aabb c4 00ffffff cc",
  },
  {
    name: "a timestamp beyond the 32-bit wrap",
    timestamp: 2 ** 32 + 7,
    body: "af",
    chunkSize: 128,
    bytes: "04 000007 000001 08 01000000 af",
  },
];

for (const { name, timestamp, body, chunkSize, bytes: expected } of CASES) {
  Deno.test(`the chunk writer writes ${name}`, () => {
    const out = new ByteWriter();
    writeMessage(out, 4, 8, 1, timestamp, bytes(body), chunkSize);
    assertEquals(out.view(), bytes(expected));
  });
}

Deno.test("the chunk writer refuses a message whose length does not fit its field", () => {
  const body = new Uint8Array(MAX_MESSAGE_BYTES + 1);
  const write = () => writeMessage(new ByteWriter(), 4, 8, 1, 0, body, 60_000);
  assertThrows(write, RangeError, "16777216 bytes: 16777215 is the most");
});
