import { assertInstanceOf } from "@std/assert";
import { FormatError } from "./errors.ts";

/** Bytes written as hexadecimal digits and `"quoted ASCII"`, with any white space: `02 0003 "abc"`. For tests. */
export function bytes(notation: string): Uint8Array {
  const out: number[] = [];
  for (const [token, quoted] of notation.matchAll(/"([^"]*)"|\S+/g)) {
    if (quoted !== undefined) out.push(...Array.from(quoted, (character) => character.charCodeAt(0)));
    else out.push(...(token.match(/../g) ?? []).map((digits) => parseInt(digits, 16)));
  }
  return Uint8Array.from(out);
}

/** Every way to hand over bytes that a reader must not notice: whole, cut once at each place, and byte by byte. */
export function* splits(input: Uint8Array): Generator<Uint8Array[]> {
  yield [input];
  for (let at = 0; at <= input.length; at++) yield [input.subarray(0, at), input.subarray(at)];
  yield Array.from(input, (byte) => Uint8Array.of(byte));
}

/** Every beginning of the bytes, the whole left out. */
export function* beginnings(input: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < input.length; length++) yield input.subarray(0, length);
}

/** Runs a parser on hostile bytes: it may give a value or blame the sender; every other error fails the test. */
export function survives(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    assertInstanceOf(error, FormatError);
  }
}

/** What publishers send as the configuration of each codec, and as the beginning of a frame. For tests of damage. */
export const WHOLE_CONFIGS: Readonly<Record<string, string>> = {
  avc: "0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20",
  aac: "1190",
  opus: '"OpusHead" 01 02 3801 80bb0000 0000 00',
  hevc: `0101600000009000000000005af000fcfdf8f800000f 03
    a00001001840010c01ffff01600000030090000003000003005a959809
    a10001002e42010101600000030090000003000003005aa006b201e1d796566924cafff014001ab68080000003008000000504
    a2000100074401c172b46240`,
  av1: "812100000a0d2000000cc5036936be48086801",
  vp9: "0114 82 02 02 02 0000",
};
