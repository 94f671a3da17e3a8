import { assertEquals, assertThrows } from "@std/assert";
import { beginnings, bytes } from "../../../media/testing.ts";
import { MAX_AGGREGATE_PARTS, unpackAggregate } from "./aggregate.ts";
import { RtmpProtocolError } from "./errors.ts";
import type { RtmpMessage } from "./message.ts";

const TWO_TAGS = "09 000002 0003e8 00 000000 1701 0000000d 08 000001 0003f2 00 000000 af 0000000c";

const CASES: readonly { name: string; timestamp: number; body: string; messages: readonly RtmpMessage[] }[] = [
  { name: "nothing", timestamp: 5, body: "", messages: [] },
  {
    name: "two tags, whose timestamps count from the first",
    timestamp: 50_000,
    body: TWO_TAGS,
    messages: [message(9, 50_000, "1701"), message(8, 50_010, "af")],
  },
  {
    name: "tags across the 32-bit wrap",
    timestamp: 0xffff_fffe,
    body: TWO_TAGS,
    messages: [message(9, 0xffff_fffe, "1701"), message(8, 8, "af")],
  },
  {
    name: "a tag earlier than the first",
    timestamp: 100,
    body: "09 000001 000000 01 000000 17 0000000c 08 000001 fffff6 00 000000 af 0000000c",
    messages: [message(9, 100, "17"), message(8, 90, "af")],
  },
  {
    name: "no commands, no control messages and no aggregates",
    timestamp: 0,
    body: "14 000001 000000 00 000000 02 0000000c 01 000004 000000 00 000000 00000001 0000000f" +
      "16 000001 000000 00 000000 02 0000000c 12 000001 000000 00 000000 05",
    messages: [message(18, 0, "05")],
  },
];

for (const { name, timestamp, body, messages } of CASES) {
  Deno.test(`an aggregate message gives ${name}`, () => {
    assertEquals(unpackAggregate({ type: 22, streamId: 1, timestamp, body: bytes(body) }), messages);
  });
}

Deno.test("an aggregate message that is cut off is refused or shorter", () => {
  for (const body of beginnings(bytes(TWO_TAGS))) {
    const unpack = () => unpackAggregate({ type: 22, streamId: 1, timestamp: 0, body });
    if (body.length === 11 || body.length === 12 || body.length === 28) {
      assertThrows(unpack, RtmpProtocolError, "ends in the middle of a tag");
    } else unpack();
  }
});

Deno.test("an aggregate message of thousands of empty parts is refused", () => {
  const empty = bytes("08 000000 000000 00 000000 0000000b");
  const unpack = (parts: number) => {
    const body = new Uint8Array(parts * empty.length);
    for (let at = 0; at < body.length; at += empty.length) body.set(empty, at);
    return unpackAggregate({ type: 22, streamId: 1, timestamp: 0, body });
  };
  assertEquals(unpack(MAX_AGGREGATE_PARTS).length, MAX_AGGREGATE_PARTS);
  assertThrows(() => unpack(MAX_AGGREGATE_PARTS + 1), RtmpProtocolError, "more than 4096 parts");
});

function message(type: number, timestamp: number, body: string): RtmpMessage {
  return { type, streamId: 1, timestamp, body: bytes(body) };
}
