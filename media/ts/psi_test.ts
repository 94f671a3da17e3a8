import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ByteWriter } from "../bytes.ts";
import { bytes } from "../testing.ts";
import { crc32 } from "./crc32.ts";
import { patSection, pmtSection, registration } from "./psi.ts";
import { readMaps, readPackets } from "./testing.ts";
import { PacketStream, writeSection } from "./unit_writer.ts";

const NONE = new Uint8Array(0);
const H264_AND_AAC = [
  { pid: 0x100, streamType: 0x1b, descriptors: NONE },
  { pid: 0x101, streamType: 0x0f, descriptors: NONE },
];

Deno.test("the checksum of sections is CRC-32/MPEG-2", () => {
  assertStrictEquals(crc32(bytes('"123456789"')), 0x0376_e6e7);
  assertStrictEquals(crc32(NONE), 0xffff_ffff);
});

Deno.test("the program association table names one program", () => {
  assertEquals(patSection(), bytes("00 b00d 0001 c1 00 00 0001 f000 2ab104b2"));
});

Deno.test("the program map lists its elementary streams", () => {
  const expected = bytes("02 b017 0001 c1 00 00 e100 f000 1b e100 f000 0f e101 f000 2f44b99b");
  assertEquals(pmtSection(0, 0x100, H264_AND_AAC), expected);
});

Deno.test("the program map has the version in its middle bits", () => {
  assertStrictEquals(pmtSection(31, 0x100, H264_AND_AAC)[5], 0xff);
  assertStrictEquals(pmtSection(1, 0x100, H264_AND_AAC)[5], 0xc3);
});

Deno.test("a registration descriptor names its format", () => {
  assertEquals(registration("HEVC"), bytes('05 04 "HEVC"'));
});

Deno.test("a program map that does not fit into a section is refused", () => {
  const streams = Array.from({ length: 100 }, (_, i) => ({ pid: i, streamType: 6, descriptors: new Uint8Array(6) }));
  assertThrows(() => pmtSection(0, 0x100, streams), RangeError, "a PSI section of 1113 bytes");
});

Deno.test("a section begins behind a pointer field and is stuffed", () => {
  const out = new ByteWriter();
  writeSection(out, new PacketStream(0), patSection());
  assertEquals(out.view(0, 21), bytes("47400010 00 00b00d0001c100000001f0002ab104b2"));
  assertEquals(out.view(21), new Uint8Array(167).fill(0xff));
});

Deno.test("a section longer than a packet goes on in the next ones", () => {
  const streams = Array.from({ length: 60 }, (_, i) => ({
    pid: 0x100 + i,
    streamType: 6,
    descriptors: registration("Opus"),
  }));
  const out = new ByteWriter();
  writeSection(out, new PacketStream(0x1000), pmtSection(3, 0x100, streams));
  assertStrictEquals(out.length, 4 * 188);
  assertEquals(readMaps(readPackets(out.view())), [{ version: 3, pcrPid: 0x100, streams }]);
});
