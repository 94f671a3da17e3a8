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
