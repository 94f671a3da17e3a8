import { assert, assertEquals, assertLessOrEqual, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ByteWriter, concat } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { bytes, splits, survives } from "../testing.ts";
import { flvHeader, parseFlvHeader } from "./header.ts";
import { type FlvEvent, FlvReader, type FlvTag, MAX_TAG_BYTES } from "./reader.ts";
import { type FlvTagType, MAX_TAG_BODY, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO, writeFlvTag } from "./tag.ts";

const HEADER = '"FLV" 01 05 00000009 00000000';
const AUDIO_VIDEO: FlvEvent = { type: "header", hasAudio: true, hasVideo: true };

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly events: readonly FlvEvent[];
}

/** Streams as they should be. */
const STREAMS: readonly Case[] = [
  { name: "a header alone", bytes: bytes(HEADER), events: [AUDIO_VIDEO] },
  {
    name: "a header that has audio alone",
    bytes: bytes('"FLV" 01 04 00000009 00000000'),
    events: [{ type: "header", hasAudio: true, hasVideo: false }],
  },
  {
    name: "a header that has video alone",
    bytes: bytes('"FLV" 01 01 00000009 00000000'),
    events: [{ type: "header", hasAudio: false, hasVideo: true }],
  },
  {
    name: "an audio tag",
    bytes: bytes(`${HEADER} 08 000003 000017 00 000000 af01aa 0000000e`),
    events: [AUDIO_VIDEO, tag(TAG_AUDIO, 0x17, "af01aa")],
  },
  {
    name: "a video tag with an extended timestamp",
    bytes: bytes(`${HEADER} 09 000005 000010 01 000000 1701000000 00000010`),
    events: [AUDIO_VIDEO, tag(TAG_VIDEO, 0x0100_0010, "1701000000")],
  },
  {
    name: "a tag before the 32-bit wrap",
    bytes: bytes(`${HEADER} 09 000001 fffff0 ff 000000 52 0000000c`),
    events: [AUDIO_VIDEO, tag(TAG_VIDEO, 0xffff_fff0, "52")],
  },
  {
    name: "an empty tag between others",
    bytes: bytes(
      `${HEADER} 08 000001 000000 00 000000 2f 0000000c 08 000000 000001 00 000000 0000000b 12 000001 000002 00 000000 05 0000000c`,
    ),
    events: [AUDIO_VIDEO, tag(TAG_AUDIO, 0, "2f"), tag(TAG_AUDIO, 1, ""), tag(TAG_SCRIPT, 2, "05")],
  },
];

/** Streams as they come. */
const ODD_STREAMS: readonly Case[] = [
  {
    name: "wrong PreviousTagSizes",
    bytes: bytes(
      '"FLV" 01 05 00000009 0000002a 08 000001 000000 00 000000 2f ffffffff 08 000001 000001 00 000000 2f 00000000',
    ),
    events: [AUDIO_VIDEO, tag(TAG_AUDIO, 0, "2f"), tag(TAG_AUDIO, 1, "2f")],
  },
  {
    name: "a data offset that is garbage",
    bytes: bytes('"FLV" 01 05 09000000 00000000 08 000001 000000 00 000000 2f 0000000c'),
    events: [AUDIO_VIDEO, tag(TAG_AUDIO, 0, "2f")],
  },
  {
    name: "a stream id that is not 0",
    bytes: bytes(`${HEADER} 08 000001 000000 00 000001 2f 0000000c`),
    events: [AUDIO_VIDEO, tag(TAG_AUDIO, 0, "2f")],
  },
  {
    name: "a tag of an unknown type",
    bytes: bytes(`${HEADER} 0f 000003 000000 00 000000 010203 0000000e 08 000001 000001 00 000000 2f 0000000c`),
    events: [AUDIO_VIDEO, tag(TAG_AUDIO, 1, "2f")],
  },
  {
    name: "an end in the middle of a tag",
    bytes: bytes(`${HEADER} 08 000001 000000 00 000000 2f 0000000c 09 000005 000001 00 000000 1701`),
    events: [AUDIO_VIDEO, tag(TAG_AUDIO, 0, "2f")],
  },
];

/** What is refused, and why. */
const REFUSED: readonly { readonly name: string; readonly bytes: Uint8Array; readonly reason: string }[] = [
  {
    name: "another format",
    bytes: bytes('00000018 "ftypmp42"'),
    reason: 'begins with the bytes 00 00 00 instead of "FLV"',
  },
  { name: "an encrypted tag", bytes: bytes(`${HEADER} 28 000001 000000 00 000000`), reason: "encrypted" },
  { name: "no tag", bytes: bytes(`${HEADER} 47 400010 000000 00 000000`), reason: "its first byte is 71" },
  {
    name: "a tag that is too large",
    bytes: bytes(`${HEADER} 09 800001 000000 00 000000`),
    reason: `8388609 bytes is larger than the limit of ${MAX_TAG_BYTES}`,
  },
];

function tag(tagType: FlvTagType, timestamp: number, body: string): FlvTag {
  return { type: "tag", tagType, timestamp, body: bytes(body) };
}

function readAll(pieces: readonly Uint8Array[]): FlvEvent[] {
  const reader = new FlvReader();
  return pieces.flatMap((piece) => reader.read(piece));
}

function write(events: readonly FlvEvent[]): Uint8Array {
  const out = new ByteWriter();
  for (const event of events) {
    if (event.type === "header") out.raw(flvHeader(event));
    else writeFlvTag(out, event.tagType, event.timestamp, event.body);
  }
  return out.view();
}

Deno.test("FLV reads the same events whole and split at every byte", async (t) => {
  for (const { name, bytes, events } of [...STREAMS, ...ODD_STREAMS]) {
    await t.step(name, () => {
      for (const pieces of splits(bytes)) assertEquals(readAll(pieces), events);
    });
  }
});

Deno.test("FLV writes what it reads", async (t) => {
  for (const { name, bytes, events } of STREAMS) {
    await t.step(name, () => assertEquals(write(events), bytes));
  }
});

Deno.test("FLV refuses what it cannot read, says why, and stays so", async (t) => {
  for (const { name, bytes, reason } of REFUSED) {
    await t.step(name, () => {
      for (const pieces of splits(bytes)) assertThrows(() => readAll(pieces), FormatError, reason);
      const reader = new FlvReader();
      assertThrows(() => reader.read(bytes), FormatError, reason);
      assertThrows(() => reader.read(Uint8Array.of()), FormatError, reason);
    });
  }
});

Deno.test("what stands before damage comes before it is told, however it is cut", () => {
  const { bytes, events } = STREAMS[0];
  const damaged = concat([bytes, new Uint8Array(20).fill(0xff)]);
  for (const pieces of splits(damaged)) {
    const reader = new FlvReader();
    const got: FlvEvent[] = [];
    const reading = () => {
      for (const piece of pieces) for (const event of reader.events(piece)) got.push(event);
    };
    assertThrows(reading, FormatError, "Not an FLV tag");
    assertEquals(got, events);
    assertThrows(() => reader.read(Uint8Array.of()), FormatError, "Not an FLV tag");
  }
});

Deno.test("FLV tags come back as they were written, however they are cut", () => {
  const tags = fc.array(fc.record({
    type: fc.constant("tag" as const),
    tagType: fc.constantFrom<FlvTagType>(TAG_AUDIO, TAG_VIDEO, TAG_SCRIPT),
    timestamp: fc.integer({ min: 0, max: 0xffff_ffff }),
    body: fc.uint8Array({ maxLength: 10_000, size: "max" }),
  }));
  fc.assert(
    fc.property(tags, fc.array(fc.nat(9000), { minLength: 1 }), (tags, sizes) => {
      const events: FlvEvent[] = [AUDIO_VIDEO, ...tags];
      assertEquals(readAll(cut(write(events), sizes)), events);
    }),
    { numRuns: 50 },
  );
});

Deno.test("FLV of any bytes is an error of the sender or events", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (stream) => {
    survives(() => readAll([bytes(HEADER), stream]));
    survives(() => readAll([stream]));
  }));
});

Deno.test("FLV bodies that lie whole in one piece are views of it", () => {
  const stream = bytes(`${HEADER} 08 000003 000017 00 000000 af01aa 0000000e`);
  const [, event] = new FlvReader().read(stream);
  assert(event.type === "tag");
  assertStrictEquals(event.body.buffer, stream.buffer);
});

Deno.test("FLV bodies that arrive in pieces hold no more memory than they have bytes", () => {
  const body = new Uint8Array(100_000).map((_, i) => i);
  const stream = write([AUDIO_VIDEO, { type: "tag", tagType: TAG_VIDEO, timestamp: 0, body }]);
  const [, event] = readAll(cut(stream, [1448]));
  assert(event.type === "tag");
  assertEquals(event.body, body);
  assertEquals(event.body.buffer.byteLength, body.length);
});

Deno.test("FLV sets memory aside for what has arrived of a tag, not for what was announced", () => {
  const reader = new FlvReader();
  reader.read(bytes(`${HEADER} 09 800000 000000 00 000000`));
  assertEquals(reader.held, 0);
  for (let arrived = 1; arrived <= 100_000; arrived += 1000) {
    reader.read(new Uint8Array(arrived === 1 ? 1 : 1000));
    assertLessOrEqual(reader.held, Math.max(4096, 2 * arrived));
  }
});

Deno.test("FLV takes the limit for tags that it is given", () => {
  const reader = new FlvReader({ maxTagBytes: 4 });
  const stream = bytes(`${HEADER} 08 000005 000000 00 000000`);
  assertThrows(() => reader.read(stream), FormatError, "5 bytes is larger than the limit of 4");
});

Deno.test("FLV tags are written with any time modulo 2^32", () => {
  for (const timestamp of [0x1_0000_0005, -0xffff_fffb]) {
    const stream = write([AUDIO_VIDEO, { type: "tag", tagType: TAG_AUDIO, timestamp, body: Uint8Array.of(1) }]);
    assertEquals(readAll([stream])[1], tag(TAG_AUDIO, 5, "01"));
  }
});

Deno.test("FLV cannot write a body beyond 24 bits of size", () => {
  const body = new Uint8Array(MAX_TAG_BODY + 1);
  assertThrows(() => writeFlvTag(new ByteWriter(), TAG_VIDEO, 0, body), RangeError, "16777215 is the most");
});

Deno.test("FLV headers that are cut off are refused", () => {
  assertThrows(() => parseFlvHeader(bytes('"FLV" 01')), FormatError);
});

/** The bytes in pieces of the given sizes, in turn. */
function cut(stream: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length] + 1;
    pieces.push(stream.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
