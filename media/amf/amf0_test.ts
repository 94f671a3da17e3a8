import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Amf0Reader, decodeAmf0, encodeAmf0 } from "./amf0.ts";
import { MAX_AMF_DEPTH, MAX_AMF_VALUES } from "./amf_limits.ts";
import { amfValues } from "./amf_testing.ts";
import { type AmfValue, EcmaArray, propertiesOf, TypedObject, Unsupported, XmlDocument } from "./amf_value.ts";
import { concat } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { beginnings, bytes, survives } from "../testing.ts";

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly value: AmfValue;
}

/** One value each, in the only way there is to write it. */
const VALUES: readonly Case[] = [
  { name: "zero", bytes: bytes("00 0000000000000000"), value: 0 },
  { name: "a number", bytes: bytes("00 4004000000000000"), value: 2.5 },
  { name: "minus zero", bytes: bytes("00 8000000000000000"), value: -0 },
  { name: "no number", bytes: bytes("00 7ff8000000000000"), value: NaN },
  { name: "true", bytes: bytes("01 01"), value: true },
  { name: "false", bytes: bytes("01 00"), value: false },
  { name: "an empty string", bytes: bytes("02 0000"), value: "" },
  { name: "a string", bytes: bytes('02 0007 "connect"'), value: "connect" },
  { name: "a string beyond ASCII", bytes: bytes("02 0007 e7bb8f f09f8ea5"), value: "经🎥" },
  { name: "null", bytes: bytes("05"), value: null },
  { name: "undefined", bytes: bytes("06"), value: undefined },
  { name: "an empty object", bytes: bytes("03 0000 09"), value: {} },
  {
    name: "an object",
    bytes: bytes('03 0003 "app" 02 0004 "live" 0004 "fpad" 01 00 0000 09'),
    value: { app: "live", fpad: false },
  },
  {
    name: "an object in an object",
    bytes: bytes('03 0001 "a" 03 0001 "b" 05 0000 09 0000 09'),
    value: { a: { b: null } },
  },
  { name: "a property without a name", bytes: bytes("03 0000 05 0000 09"), value: { "": null } },
  {
    name: "an ECMA array",
    bytes: bytes('08 00000001 0005 "width" 00 4094000000000000 0000 09'),
    value: new EcmaArray({ width: 1280 }),
  },
  { name: "an empty ECMA array", bytes: bytes("08 00000000 0000 09"), value: new EcmaArray({}) },
  { name: "a strict array", bytes: bytes('0a 00000003 05 01 01 02 0001 "x"'), value: [null, true, "x"] },
  { name: "an empty strict array", bytes: bytes("0a 00000000"), value: [] },
  { name: "a date", bytes: bytes("0b 4271f71fb04cb000 0000"), value: new Date(1234567890123) },
  { name: "an XML document", bytes: bytes('0f 00000004 "<a/>"'), value: new XmlDocument("<a/>") },
  {
    name: "a typed object",
    bytes: bytes('10 0005 "Point" 0001 "x" 05 0000 09'),
    value: new TypedObject("Point", { x: null }),
  },
  { name: "unsupported", bytes: bytes("0d"), value: new Unsupported(0x0d) },
  { name: "bytes, as AMF3", bytes: bytes("11 0c 05 cafe"), value: Uint8Array.of(0xca, 0xfe) },
];

/** What real senders write although it could be written otherwise, or should not be written at all. */
const READ_ONLY: readonly (Omit<Case, "value"> & { readonly values: readonly AmfValue[] })[] = [
  { name: "nothing", bytes: bytes(""), values: [] },
  { name: "a short text as a long string", bytes: bytes('0c 00000002 "hi"'), values: ["hi"] },
  { name: "a boolean that is neither 0 nor 1", bytes: bytes("01 02"), values: [true] },
  { name: "a date in a time zone", bytes: bytes("0b 0000000000000000 003c"), values: [new Date(0)] },
  {
    name: "an ECMA array with too small a count",
    bytes: bytes('08 00000000 0001 "a" 05 0001 "b" 06 0000 09 05'),
    values: [new EcmaArray({ a: null, b: undefined }), null],
  },
  {
    name: "an ECMA array with too large a count",
    bytes: bytes('08 7fffffff 0001 "a" 05 0000 09 05'),
    values: [new EcmaArray({ a: null }), null],
  },
  { name: "an object without its end marker", bytes: bytes('03 0001 "a" 05'), values: [{ a: null }] },
  { name: "an object with half an end marker", bytes: bytes('03 0001 "a" 05 00 00'), values: [{ a: null }] },
  {
    name: "an ECMA array without its end marker",
    bytes: bytes('08 00000001 0001 "a" 05'),
    values: [new EcmaArray({ a: null })],
  },
  { name: "an end marker where a property's value should be", bytes: bytes('03 0001 "a" 09 05'), values: [{}, null] },
  { name: "an end marker too many", bytes: bytes("03 0000 09 09 05"), values: [{}, null] },
  { name: "a text that is not UTF-8", bytes: bytes("02 0002 ff 61"), values: ["\ufffda"] },
  { name: "an unknown marker", bytes: bytes("05 42 01 02 03"), values: [null, new Unsupported(0x42)] },
  {
    name: "an unknown marker in an object",
    bytes: bytes('03 0001 "a" 05 0001 "b" 04 01 02'),
    values: [{ a: null, b: new Unsupported(0x04) }],
  },
  {
    name: "an unknown marker in an array",
    bytes: bytes("0a 00000003 05 0e 01 02"),
    values: [[null, new Unsupported(0x0e)]],
  },
  {
    name: "references to an object, an ECMA array, an array and a typed object, in the order in which they begin",
    bytes: bytes(
      '03 0001 "a" 0a 00000000 0000 09 08 00000000 0000 09 10 0001 "T" 0000 09 07 0000 07 0001 07 0002 07 0003',
    ),
    values: [
      { a: [] },
      new EcmaArray({}),
      new TypedObject("T", {}),
      { a: [] },
      [],
      new EcmaArray({}),
      new TypedObject("T", {}),
    ],
  },
];

Deno.test("AMF0 reads every kind of value", async (t) => {
  for (const { name, bytes, value } of VALUES) {
    await t.step(name, () => assertEquals(decodeAmf0(bytes), [value]));
  }
});

Deno.test("AMF0 writes every kind of value", async (t) => {
  for (const { name, bytes, value } of VALUES) {
    await t.step(name, () => assertEquals(encodeAmf0(value), bytes));
  }
});

Deno.test("AMF0 reads what real senders write", async (t) => {
  for (const { name, bytes, values } of READ_ONLY) {
    await t.step(name, () => assertEquals(decodeAmf0(bytes), values));
  }
});

Deno.test("AMF0 reads many values in one message, and says where each ends", () => {
  const reader = new Amf0Reader(concat(VALUES.map(({ bytes }) => bytes)));
  let end = 0;
  for (const { bytes, value } of VALUES) {
    assert(!reader.done);
    assertEquals(reader.read(), value);
    assertEquals(reader.offset, end += bytes.length);
  }
  assert(reader.done);
});

Deno.test("AMF0 reads a value in the middle of other bytes", () => {
  const reader = new Amf0Reader(bytes("ff ff 02 0001 41 ff"), 2);
  assertEquals(reader.read(), "A");
  assertEquals(reader.offset, 6);
});

Deno.test("AMF0 that is cut off is an error of the sender or a value, never anything else", () => {
  for (const { bytes } of [...VALUES, ...READ_ONLY]) {
    for (const part of beginnings(bytes)) survives(() => decodeAmf0(part));
  }
});

Deno.test("AMF0 that is cut off inside a number, string, date or key is refused", () => {
  for (
    const text of [
      "00 00",
      "01",
      '02 0003 "ab"',
      "0b 00",
      '0c 00000009 "x"',
      "03 0005 61",
      '03 0001 "a" 00 00',
      "07 00",
    ]
  ) {
    assertThrows(() => decodeAmf0(bytes(text)), FormatError);
  }
});

Deno.test("AMF0 of any bytes is an error of the sender or values", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (message) => survives(() => decodeAmf0(message))));
});

Deno.test("AMF0 that is damaged in one byte is an error of the sender or values", () => {
  fc.assert(fc.property(fc.array(amfValues), fc.nat(), fc.nat(255), (values, at, byte) => {
    const message = encodeAmf0(...values);
    if (message.length > 0) message[at % message.length] = byte;
    survives(() => decodeAmf0(message));
  }));
});

Deno.test("AMF0 values come back as they were written", () => {
  fc.assert(fc.property(fc.array(amfValues, { maxLength: 4 }), (values) => {
    assertEquals(decodeAmf0(encodeAmf0(...values)), values);
  }));
});

Deno.test("AMF0 writes a text beyond 65,535 bytes as a long string", () => {
  for (const [length, marker] of [[65_535, 0x02], [65_536, 0x0c]]) {
    const text = "x".repeat(length);
    const message = encodeAmf0(text);
    assertEquals(message[0], marker);
    assertEquals(decodeAmf0(message), [text]);
  }
});

Deno.test("AMF0 cannot write a name beyond 65,535 bytes", () => {
  assertThrows(() => encodeAmf0({ ["x".repeat(65_536)]: 1 }), RangeError, "65535 fit");
});

Deno.test("AMF0 nested too deep is refused, however deep", () => {
  const nested = (levels: number) => concat([...Array(levels).fill(bytes("0a 00000001")), bytes("05")]);
  let value = decodeAmf0(nested(MAX_AMF_DEPTH))[0];
  for (let level = 0; level < MAX_AMF_DEPTH; level++) value = (value as AmfValue[])[0];
  assertStrictEquals(value, null);
  assertThrows(() => decodeAmf0(nested(MAX_AMF_DEPTH + 1)), FormatError, "nested deeper than 64 levels");
  assertThrows(() => decodeAmf0(nested(10_000)), FormatError, "nested deeper than 64 levels");
  const objects = concat(Array(10_000).fill(bytes('03 0001 "a"')));
  assertThrows(() => decodeAmf0(objects), FormatError, "nested deeper than 64 levels");
});

Deno.test("AMF0 refuses to write a value that contains itself", () => {
  const loop: AmfValue[] = [];
  loop.push(loop);
  assertThrows(() => encodeAmf0(loop), RangeError, "nested deeper than 64 levels");
});

Deno.test("AMF0 refuses references to nothing and to what is not complete", () => {
  assertThrows(() => decodeAmf0(bytes("07 0000")), FormatError, "points at nothing");
  assertThrows(() => decodeAmf0(bytes('03 0001 "a" 07 0000 0000 09')), FormatError, "contains itself");
  assertThrows(() => decodeAmf0(bytes("0a 00000001 07 0000")), FormatError, "contains itself");
});

Deno.test("AMF0 counts what references stand for", () => {
  // Each array holds the one before it twice: 2^50 values in 50 × 11 bytes.
  const doubling = [bytes("0a 00000000")];
  for (let i = 0; i < 50; i++) {
    doubling.push(bytes("0a 00000002 07 00"), Uint8Array.of(i), bytes("07 00"), Uint8Array.of(i));
  }
  assertThrows(() => decodeAmf0(concat(doubling)), FormatError, `more than ${MAX_AMF_VALUES} values`);
});

Deno.test("AMF0 counts depth through references", () => {
  // Each array holds the one before it: as deep as there are arrays, although each is written at the top.
  const chain = [bytes("0a 00000000")];
  for (let i = 0; i < MAX_AMF_DEPTH; i++) chain.push(bytes("0a 00000001 07 00"), Uint8Array.of(i));
  assertThrows(() => decodeAmf0(concat(chain)), FormatError, "nested deeper");
  assertEquals(decodeAmf0(concat(chain.slice(0, -2))).length, MAX_AMF_DEPTH);
});

Deno.test("AMF0 with more values than the limit is refused", () => {
  assertThrows(() => decodeAmf0(new Uint8Array(MAX_AMF_VALUES + 1).fill(0x05)), FormatError, "values");
});

Deno.test("AMF0 keys cannot reach a prototype", () => {
  const [value] = decodeAmf0(bytes('03 0009 "__proto__" 03 0005 "admin" 01 01 0000 09 0000 09'));
  const properties = propertiesOf(value);
  assert(properties && Object.hasOwn(properties, "__proto__"));
  assertStrictEquals(Object.getPrototypeOf(properties), null);
  assertStrictEquals(properties.admin, undefined);
  assertStrictEquals(({} as Record<string, unknown>).admin, undefined);
});
