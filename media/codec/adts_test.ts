import { assertEquals, assertThrows } from "@std/assert";
import { FormatError } from "../errors.ts";
import { beginnings, bytes } from "../testing.ts";
import { parseAacConfig } from "./aac.ts";
import { readAdts } from "./adts.ts";

/** 44.1 kHz, mono, a frame of three bytes. */
const FRAME = bytes("fff15040 015ffc 21 1045");

Deno.test("an ADTS frame is taken apart into a configuration and a raw frame", () => {
  const { config, frames } = readAdts(FRAME);
  assertEquals(frames, [bytes("21 1045")]);
  const { codecString, sampleRate, channels } = parseAacConfig(config);
  assertEquals({ codecString, sampleRate, channels }, { codecString: "mp4a.40.2", sampleRate: 44_100, channels: 1 });
});

Deno.test("a header with a checksum is longer", () => {
  assertEquals(readAdts(bytes("fff04c80 01bffc beef 211045aa")).frames, [bytes("211045aa")]);
});

Deno.test("several frames in a row are told apart", () => {
  assertEquals(readAdts(Uint8Array.of(...FRAME, ...FRAME)).frames.length, 2);
});

Deno.test("what is cut off or no ADTS is the sender's fault", () => {
  for (const beginning of beginnings(FRAME)) assertThrows(() => readAdts(beginning), FormatError);
  assertThrows(() => readAdts(bytes("de02004c617663")), FormatError, "ADTS header");
  assertThrows(() => readAdts(bytes("fff15040 005ffc 21")), FormatError, "cut off");
});
