import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FormatError } from "../errors.ts";
import { bytes } from "../testing.ts";
import { BitReader } from "./bit_reader.ts";
import { rawPayload } from "./nal.ts";

/** The bits as bytes, filled up with zeros. */
function pack(bits: string): Uint8Array {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
  return Uint8Array.from(padded.match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2));
}

/** An unsigned Exp-Golomb code (ITU-T H.264, 9.1). */
function golomb(value: number): string {
  const code = (value + 1).toString(2);
  return "0".repeat(code.length - 1) + code;
}

Deno.test("bit fields of any width come back as they were written", () => {
  const fields = fc.array(
    fc.integer({ min: 1, max: 32 }).chain((width) =>
      fc.record({ width: fc.constant(width), value: fc.nat(2 ** width - 1) })
    ),
  );
  fc.assert(fc.property(fields, (fields) => {
    const bits = new BitReader(pack(fields.map(({ width, value }) => value.toString(2).padStart(width, "0")).join("")));
    assertEquals(fields.map(({ width }) => bits.bits(width)), fields.map(({ value }) => value));
  }));
});

Deno.test("Exp-Golomb numbers come back as they were written", () => {
  const numbers = fc.array(fc.oneof(fc.nat(300), fc.nat(0xffff_fffe)));
  fc.assert(fc.property(numbers, (numbers) => {
    const bits = new BitReader(pack(numbers.map(golomb).join("")));
    assertEquals(numbers.map(() => bits.ue()), numbers);
  }));
});

Deno.test("signed Exp-Golomb numbers take turns", () => {
  const bits = new BitReader(pack([0, 1, 2, 3, 4].map(golomb).join("")));
  assertEquals([0, 1, 2, 3, 4].map(() => bits.se()), [0, 1, -1, 2, -2]);
});

Deno.test("bits beyond the end are refused", () => {
  assertThrows(() => new BitReader(bytes("ff")).bits(9), FormatError, "9 more bits are needed, 8 are left");
  assertThrows(() => new BitReader(bytes("ff")).skip(9), FormatError, "9 more bits are needed");
  assertThrows(() => new BitReader(bytes("00")).ue(), FormatError);
  assertThrows(() => new BitReader(new Uint8Array(8)).ue(), FormatError, "without an end");
});

Deno.test("NAL units lose the bytes that keep start codes out", () => {
  const cases: readonly [string, string][] = [
    ["67 000003 01", "000001"],
    ["67 000003 000003", "00000000"],
    ["67 0003 000003", "00030000"],
    ["67 000000 03", "000000"],
    ["67", ""],
    ["", ""],
  ];
  for (const [unit, payload] of cases) assertEquals(rawPayload(bytes(unit), 1), bytes(payload));
});
