import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { ByteWriter, concat } from "../../../media/bytes.ts";
import { bytes, splits } from "../../../media/testing.ts";
import { ChunkReader, MAX_CHUNK_STREAMS, MAX_PARTIAL_BYTES } from "./chunk_reader.ts";
import { writeMessage } from "./chunk_writer.ts";
import { RtmpProtocolError } from "./errors.ts";
import type { RtmpMessage } from "./message.ts";

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly messages: readonly RtmpMessage[];
}

const SIZE_4 = "02 000000 000004 01 00000000 00000004";
const SIZE_8 = "02 000000 000004 01 00000000 00000008";

const CASES: readonly Case[] = [
  {
    name: "a message in one chunk",
    bytes: bytes("04 000010 000003 08 01000000 af01aa"),
    messages: [audio(0x10, "af01aa")],
  },
  {
    name: "a message in two chunks",
    bytes: bytes(`${SIZE_4} 04 000010 000006 08 01000000 af01aabb c4 ccdd`),
    messages: [audio(0x10, "af01aabbccdd")],
  },
  {
    name: "headers of all four formats, each with less than the one before",
    bytes: bytes(`
      04 000064 000001 08 01000000 a0
      44 000017 000002 08 a1a1
      84 000018 a2a2
      c4 a3a3
      c4 a4a4`),
    messages: [audio(100, "a0"), audio(123, "a1a1"), audio(147, "a2a2"), audio(171, "a3a3"), audio(195, "a4a4")],
  },
  {
    name: "a message without a header behind a full one, which repeats its timestamp as the delta",
    bytes: bytes("04 000014 000001 08 01000000 a0 c4 a1"),
    messages: [audio(20, "a0"), audio(40, "a1")],
  },
  {
    name: "a timestamp that wraps at 2^32",
    bytes: bytes("04 ffffff 000001 08 01000000 fffffff0 a0 84 000020 a1"),
    messages: [audio(0xffff_fff0, "a0"), audio(0x10, "a1")],
  },
  {
    name: "chunk stream ids of two and three bytes",
    bytes: bytes(
      "00 00 000001 000001 08 01000000 a0 01 2c01 000002 000001 08 01000000 a1 01 ffff 000003 000000 08 01000000",
    ),
    messages: [audio(1, "a0"), audio(2, "a1"), audio(3, "")],
  },
  {
    name: "one chunk stream under ids of two and of three bytes",
    bytes: bytes("00 05 000001 000001 08 01000000 a0 c1 0500 a1"),
    messages: [audio(1, "a0"), audio(2, "a1")],
  },
  {
    name: "messages of two chunk streams, interleaved",
    bytes: bytes(`${SIZE_4}
      06 000020 000006 09 01000000 17010000
      04 000010 000006 08 01000000 af01aabb
      c6 00ee
      c4 ccdd`),
    messages: [video(0x20, "1701000000ee"), audio(0x10, "af01aabbccdd")],
  },
  {
    name: "a chunk size that changes in the middle of a message of another chunk stream",
    bytes: bytes(`${SIZE_4} 06 000020 00000a 09 01000000 17010000 ${SIZE_8} c6 0011223344 55`),
    messages: [video(0x20, "17010000001122334455")],
  },
  {
    name: "a chunk size of one",
    bytes: bytes("02 000000 000004 01 00000000 00000001 04 000010 000003 08 01000000 af c4 01 c4 aa"),
    messages: [audio(0x10, "af01aa")],
  },
  {
    name: "the largest chunk size",
    bytes: bytes("02 000000 000004 01 00000000 7fffffff 04 000010 000003 08 01000000 af01aa"),
    messages: [audio(0x10, "af01aa")],
  },
  {
    name: "an extended timestamp that is repeated in every chunk",
    bytes: bytes(`${SIZE_4} 04 ffffff 00000a 08 01000000 01000000 af01aabb c4 01000000 ccddeeff c4 01000000 0011`),
    messages: [audio(0x0100_0000, "af01aabbccddeeff0011")],
  },
  {
    name: "an extended timestamp that is not repeated",
    bytes: bytes(`${SIZE_4} 04 ffffff 00000a 08 01000000 01000000 af01aabb c4 ccddeeff c4 0011`),
    messages: [audio(0x0100_0000, "af01aabbccddeeff0011")],
  },
  {
    name: "an extended timestamp that is not repeated, before a payload that begins like it",
    bytes: bytes(
      `${SIZE_4} 04 ffffff 00000a 08 01000000 01000000 af01aabb c4 010000ff c4 0100 04 000005 000001 08 01000000 a9`,
    ),
    messages: [audio(0x0100_0000, "af01aabb010000ff0100"), audio(5, "a9")],
  },
  {
    name: "an extended timestamp that is exactly as large as the mark for it",
    bytes: bytes("04 ffffff 000001 08 01000000 00ffffff a0 84 000001 a1"),
    messages: [audio(0xff_ffff, "a0"), audio(0x100_0000, "a1")],
  },
  {
    name: "an extended delta, and the message after it that takes it over",
    bytes: bytes("04 000001 000001 08 01000000 a0 84 ffffff 01000000 a1 c4 01000000 a2 c4 a3"),
    messages: [audio(1, "a0"), audio(0x100_0001, "a1"), audio(0x200_0001, "a2"), audio(0x300_0001, "a3")],
  },
  {
    name: "an abort, and the message that comes instead",
    bytes: bytes(`${SIZE_4}
      06 000020 000006 09 01000000 17010000
      02 000000 000004 02 00000000 00000006
      c6 2701 0000 c6 0001`),
    messages: [video(0x40, "270100000001")],
  },
  {
    name: "an abort of a chunk stream that nobody has used",
    bytes: bytes("02 000000 000004 02 00000000 00000009 04 000010 000001 08 01000000 a0"),
    messages: [audio(0x10, "a0")],
  },
  {
    name: "a new message in the middle of one",
    bytes: bytes(`${SIZE_4} 06 000020 000006 09 01000000 17010000 06 000030 000002 09 01000000 2701`),
    messages: [video(0x30, "2701")],
  },
  {
    name: "empty messages",
    bytes: bytes("04 000010 000000 08 01000000 c4 c4"),
    messages: [audio(0x10, ""), audio(0x20, ""), audio(0x30, "")],
  },
  {
    name: "a chunk stream that begins without a message stream",
    bytes: bytes("42 000000 000006 04 0006 00000001"),
    messages: [{ type: 4, streamId: 0, timestamp: 0, body: bytes("0006 00000001") }],
  },
];

for (const { name, bytes, messages } of CASES) {
  Deno.test(`the chunk reader reads ${name}, however it is split`, () => {
    for (const parts of splits(bytes)) assertEquals(readAll(parts), messages);
  });
}

const FAULTS: readonly { name: string; bytes: Uint8Array; says: string }[] = [
  { name: "format 2", bytes: bytes("84 000010 aa"), says: "Chunk stream 4 begins with a header of format 2" },
  { name: "format 3", bytes: bytes("c4 aa"), says: "Chunk stream 4 begins with a header of format 3" },
  { name: "chunk size 0", bytes: bytes("02 000000 000004 01 00000000 00000000"), says: "chunk size of 0" },
  {
    name: "a chunk size beyond 31 bits",
    bytes: bytes("02 000000 000004 01 00000000 80000000"),
    says: "chunk size of 2147483648",
  },
  { name: "a short chunk size", bytes: bytes("02 000000 000002 01 00000000 0001"), says: "chunk size in 2 bytes" },
];

for (const { name, bytes, says } of FAULTS) {
  Deno.test(`the chunk reader refuses ${name}`, () => {
    for (const parts of splits(bytes)) assertThrows(() => readAll(parts), RtmpProtocolError, says);
  });
}

Deno.test("the chunk reader reads what the chunk writer wrote, at any chunk size and in any split", () => {
  const messages = fc.record({
    chunkStream: fc.integer({ min: 2, max: 63 }),
    type: fc.constantFrom(8, 9, 18, 20),
    streamId: fc.nat(0xffff_ffff),
    timestamp: fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0xff_fffe, 0xff_ffff, 0x100_0000, 0xffff_ffff)),
    body: fc.uint8Array({ maxLength: 600 }),
  });
  const chunkSizes = fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constant(60_000));
  fc.assert(
    fc.property(
      fc.array(messages, { maxLength: 12 }),
      chunkSizes,
      fc.infiniteStream(fc.nat(300)),
      (given, size, cuts) => {
        const out = new ByteWriter();
        writeMessage(out, 2, 1, 0, 0, bytes(size.toString(16).padStart(8, "0")), 128);
        for (const { chunkStream, type, streamId, timestamp, body } of given) {
          writeMessage(out, chunkStream, type, streamId, timestamp, body, size);
        }
        const expected = given.map(({ chunkStream: _, ...message }) => message);
        assertEquals(readAll(cutUp(out.view(), cuts)), expected);
      },
    ),
  );
});

Deno.test("the chunk reader survives any bytes, and holds no more than it was given to hold", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (parts) => {
      const reader = new ChunkReader();
      try {
        for (const part of parts) reader.read(part);
      } catch (error) {
        assert(error instanceof RtmpProtocolError, String(error));
      }
      assertLess(reader.held, 4 * parts.reduce((sum, part) => sum + part.length, 0) + 19);
    }),
  );
});

Deno.test("the chunk reader copies bodies out of the socket's buffer, even out of a Node.js Buffer", () => {
  const socketBytes = Buffer.from(bytes("04 000010 000003 08 01000000 af01aa"));
  const [{ body }] = new ChunkReader().read(socketBytes);
  assertEquals(body.constructor, Uint8Array);
  assertNotEquals(body.buffer, socketBytes.buffer);
  socketBytes.fill(0);
  assertEquals(body, bytes("af01aa"));
});

Deno.test("the chunk reader's memory grows with what arrived, not with what was announced", () => {
  const reader = new ChunkReader();
  reader.read(bytes("02 000000 000004 01 00000000 00000001"));
  for (let id = 2; id < 2 + 60; id++) {
    reader.read(concat([Uint8Array.of(id), bytes("000000 ffffff 09 01000000 17")]));
  }
  assertEquals(reader.held, 60 * 4);
});

Deno.test("the chunk reader refuses a peer that opens chunk stream after chunk stream", () => {
  const reader = new ChunkReader();
  const open = (id: number) => reader.read(concat([Uint8Array.of(0, id), bytes("000000 000000 08 01000000")]));
  for (let id = 0; id < MAX_CHUNK_STREAMS; id++) open(id);
  assertThrows(() => open(MAX_CHUNK_STREAMS), RtmpProtocolError, "more than 128 chunk streams");
});

Deno.test("the chunk reader refuses a peer that leaves message after message unfinished", () => {
  const reader = new ChunkReader();
  reader.read(bytes("02 000000 000004 01 00000000 00100000"));
  const part = new Uint8Array(0x10_0000);
  const leave = (id: number) => {
    reader.read(concat([Uint8Array.of(id), bytes("000000 f00000 09 01000000"), part]));
  };
  assertThrows(
    () => {
      for (let id = 3; id < 63; id++) {
        leave(id);
        assertLess(reader.held, MAX_PARTIAL_BYTES + 1);
      }
    },
    RtmpProtocolError,
    "unfinished",
  );
});

Deno.test("the chunk reader forgets the memory of messages that are complete or given up", () => {
  const reader = new ChunkReader();
  reader.read(bytes(SIZE_4));
  reader.read(bytes("06 000020 000006 09 01000000 17010000"));
  assertEquals(reader.held, 6);
  reader.read(bytes("c6 0001"));
  assertEquals(reader.held, 0);
  reader.read(bytes("06 000020 000006 09 01000000 17010000 02 000000 000004 02 00000000 00000006"));
  assertEquals(reader.held, 0);
});

function audio(timestamp: number, body: string): RtmpMessage {
  return { type: 8, streamId: 1, timestamp, body: bytes(body) };
}

function video(timestamp: number, body: string): RtmpMessage {
  return { type: 9, streamId: 1, timestamp, body: bytes(body) };
}

function readAll(parts: readonly Uint8Array[]): RtmpMessage[] {
  const reader = new ChunkReader();
  return parts.flatMap((part) => reader.read(part));
}

function cutUp(input: Uint8Array, cuts: Iterator<number>): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < input.length;) {
    const length = cuts.next().value as number;
    parts.push(input.subarray(at, at + length));
    at += length;
  }
  return parts;
}
