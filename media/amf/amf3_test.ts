import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { decodeAmf3 } from "./amf3.ts";
import { encodeAmf3 } from "./amf3_writer.ts";
import { MAX_AMF_DEPTH, MAX_AMF_VALUES } from "./amf_limits.ts";
import { amfValues } from "./amf_testing.ts";
import { type AmfValue, EcmaArray, TypedObject, XmlDocument } from "./amf_value.ts";
import { concat } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { beginnings, bytes, survives } from "../testing.ts";

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly value: AmfValue;
}

/** One value each, as Sluice writes it: nothing by reference. */
const VALUES: readonly Case[] = [
  { name: "undefined", bytes: bytes("00"), value: undefined },
  { name: "null", bytes: bytes("01"), value: null },
  { name: "false", bytes: bytes("02"), value: false },
  { name: "true", bytes: bytes("03"), value: true },
  { name: "an integer of one byte", bytes: bytes("04 7f"), value: 0x7f },
  { name: "the first integer of two bytes", bytes: bytes("04 8100"), value: 0x80 },
  { name: "the last integer of two bytes", bytes: bytes("04 ff7f"), value: 0x3fff },
  { name: "the first integer of three bytes", bytes: bytes("04 818000"), value: 0x4000 },
  { name: "the last integer of three bytes", bytes: bytes("04 ffff7f"), value: 0x1f_ffff },
  { name: "the first integer of four bytes", bytes: bytes("04 80c08000"), value: 0x20_0000 },
  { name: "the largest integer", bytes: bytes("04 bfffffff"), value: 0x0fff_ffff },
  { name: "the smallest integer", bytes: bytes("04 c0808000"), value: -0x1000_0000 },
  { name: "minus one", bytes: bytes("04 ffffffff"), value: -1 },
  { name: "an integer that needs more bits", bytes: bytes("05 41b0000000000000"), value: 0x1000_0000 },
  { name: "a fraction", bytes: bytes("05 4004000000000000"), value: 2.5 },
  { name: "an empty string", bytes: bytes("06 01"), value: "" },
  { name: "a string", bytes: bytes('06 07 "foo"'), value: "foo" },
  { name: "a date", bytes: bytes("08 01 0000000000000000"), value: new Date(0) },
  { name: "an array", bytes: bytes("09 05 01 01 03"), value: [null, true] },
  { name: "an array with names", bytes: bytes('09 01 03 "a" 04 01 01'), value: new EcmaArray({ a: 1 }) },
  { name: "an object", bytes: bytes('0a 0b 01 03 "a" 04 01 01'), value: { a: 1 } },
  { name: "a typed object", bytes: bytes('0a 0b 03 "T" 03 "a" 04 01 01'), value: new TypedObject("T", { a: 1 }) },
  { name: "an XML document", bytes: bytes('0b 09 "<a/>"'), value: new XmlDocument("<a/>") },
  { name: "bytes", bytes: bytes("0c 05 cafe"), value: Uint8Array.of(0xca, 0xfe) },
  { name: "a dictionary", bytes: bytes('11 03 00 06 03 "k" 01'), value: new Map<AmfValue, AmfValue>([["k", null]]) },
];

/** What others write. */
const READ_ONLY: readonly (Omit<Case, "value"> & { readonly values: readonly AmfValue[] })[] = [
  { name: "a long form of a small integer", bytes: bytes("04 808001"), values: [1] },
  { name: "the older kind of XML document", bytes: bytes('07 09 "<a/>"'), values: [new XmlDocument("<a/>")] },
  { name: "a vector of integers", bytes: bytes("0d 05 00 ffffffff 00000002"), values: [[-1, 2]] },
  { name: "a vector of unsigned integers", bytes: bytes("0e 03 01 ffffffff"), values: [[0xffff_ffff]] },
  { name: "a vector of doubles", bytes: bytes("0f 03 00 4004000000000000"), values: [[2.5]] },
  { name: "a vector of objects", bytes: bytes('10 05 00 03 "T" 01 03'), values: [[null, true]] },
  {
    name: "an array with names and without",
    bytes: bytes('09 03 03 "a" 01 01 03'),
    values: [new EcmaArray({ a: null, 0: true })],
  },
  {
    name: "an object with sealed properties",
    bytes: bytes('0a 23 03 "T" 03 "x" 03 "y" 04 01 04 02'),
    values: [new TypedObject("T", { x: 1, y: 2 })],
  },
  {
    name: "an object with sealed and dynamic properties",
    bytes: bytes('0a 1b 01 03 "x" 04 01 03 "y" 04 02 01'),
    values: [{ x: 1, y: 2 }],
  },
  {
    name: "references to strings, the empty one not counted",
    bytes: bytes('06 01 06 03 "a" 06 03 "b" 06 02 06 00'),
    values: ["", "a", "b", "b", "a"],
  },
  {
    name: "a reference to traits",
    bytes: bytes('0a 13 03 "T" 03 "x" 04 01 0a 01 04 02'),
    values: [new TypedObject("T", { x: 1 }), new TypedObject("T", { x: 2 })],
  },
  {
    name: "references to objects of every kind, in the order in which they begin",
    bytes: bytes("09 03 01 08 01 0000000000000000 0c 03 aa 09 00 08 02 0c 04"),
    values: [[new Date(0)], Uint8Array.of(0xaa), [new Date(0)], new Date(0), Uint8Array.of(0xaa)],
  },
];

/** What is refused, and why. */
const REFUSED: readonly { readonly name: string; readonly bytes: Uint8Array; readonly reason: string }[] = [
  { name: "an unknown marker", bytes: bytes("12"), reason: "no value with the marker 18" },
  {
    name: "an object with a format of its own",
    bytes: bytes('0a 07 03 "X"'),
    reason: 'class "X" has a format of its own',
  },
  { name: "a string that was never sent", bytes: bytes("06 00"), reason: "string 0 was never sent" },
  { name: "traits that were never sent", bytes: bytes("0a 01"), reason: "traits 0 were never sent" },
  { name: "an object that was never sent", bytes: bytes("0a 00"), reason: "points at nothing" },
  { name: "an array that contains itself", bytes: bytes("09 03 01 09 00"), reason: "contains itself" },
  { name: "an array longer than the message", bytes: bytes("09 ffffffff 01 01"), reason: "0 are left" },
  {
    name: "a vector longer than the limit",
    bytes: bytes("0d ffffffff 00"),
    reason: `more than ${MAX_AMF_VALUES} values`,
  },
  { name: "bytes longer than the message", bytes: bytes("0c ffffffff 00"), reason: "1 are left" },
];

Deno.test("AMF3 reads every kind of value", async (t) => {
  for (const { name, bytes, value } of VALUES) {
    await t.step(name, () => assertEquals(decodeAmf3(bytes), [value]));
  }
});

Deno.test("AMF3 writes every kind of value", async (t) => {
  for (const { name, bytes, value } of VALUES) {
    await t.step(name, () => assertEquals(encodeAmf3(value), bytes));
  }
});

Deno.test("AMF3 reads what others write", async (t) => {
  for (const { name, bytes, values } of READ_ONLY) {
    await t.step(name, () => assertEquals(decodeAmf3(bytes), values));
  }
});

Deno.test("AMF3 refuses what cannot be read, and says why", async (t) => {
  for (const { name, bytes, reason } of REFUSED) {
    await t.step(name, () => void assertThrows(() => decodeAmf3(bytes), FormatError, reason));
  }
});

Deno.test("AMF3 that is cut off is an error of the sender", () => {
  for (const { bytes } of VALUES) {
    for (const part of beginnings(bytes)) {
      if (part.length > 0) assertThrows(() => decodeAmf3(part), FormatError);
    }
  }
});

Deno.test("AMF3 of any bytes is an error of the sender or values", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (message) => survives(() => decodeAmf3(message))));
});

Deno.test("AMF3 that is damaged in one byte is an error of the sender or values", () => {
  fc.assert(fc.property(fc.array(amfValues), fc.nat(), fc.nat(255), (values, at, byte) => {
    const message = encodeAmf3(...values);
    if (message.length > 0) message[at % message.length] = byte;
    survives(() => decodeAmf3(message));
  }));
});

Deno.test("AMF3 values come back as they were written", () => {
  fc.assert(fc.property(fc.array(amfValues, { maxLength: 4 }), (values) => {
    assertEquals(decodeAmf3(encodeAmf3(...values)), values);
  }));
});

Deno.test("AMF3 integers come back as they were written", () => {
  fc.assert(fc.property(fc.integer({ min: -0x2000_0000, max: 0x2000_0000 }), (value) => {
    assertEquals(decodeAmf3(encodeAmf3(value)), [value]);
  }));
});

Deno.test("AMF3 nested too deep is refused, however deep", () => {
  const nested = (levels: number) => concat([...Array(levels).fill(bytes("09 03 01")), bytes("01")]);
  assertEquals(decodeAmf3(nested(MAX_AMF_DEPTH)).length, 1);
  assertThrows(() => decodeAmf3(nested(MAX_AMF_DEPTH + 1)), FormatError, "nested deeper than 64 levels");
  assertThrows(() => decodeAmf3(nested(10_000)), FormatError, "nested deeper than 64 levels");
});

Deno.test("AMF3 counts what references to objects stand for", () => {
  const doubling = [bytes("09 01 01")];
  for (let i = 0; i < 50; i++) {
    doubling.push(bytes("09 05 01 09"), Uint8Array.of(i * 2), bytes("09"), Uint8Array.of(i * 2));
  }
  assertThrows(() => decodeAmf3(concat(doubling)), FormatError, `more than ${MAX_AMF_VALUES} values`);
});

Deno.test("AMF3 counts what references to long texts stand for", () => {
  const repeats = new Uint8Array(20_000).fill(0x06);
  for (let at = 1; at < repeats.length; at += 2) repeats[at] = 0;
  assertThrows(() => decodeAmf3(concat([encodeAmf3("x".repeat(10_000)), repeats])), FormatError, "values");
});

Deno.test("AMF3 cannot write a property without a name", () => {
  assertThrows(() => encodeAmf3({ "": 1 }), RangeError, "empty name");
});
