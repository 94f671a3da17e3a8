import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ByteWriter } from "../bytes.ts";
import { readProgramMap } from "./program_map.ts";
import { type ElementaryStream, patSection, PMT_PID, pmtSection, registration } from "./psi.ts";
import { streamName } from "./stream_name.ts";
import { PacketStream, writeSection } from "./unit_writer.ts";

const NONE = new Uint8Array(0);
const MPEG2: readonly ElementaryStream[] = [
  { streamType: 0x02, descriptors: NONE },
  { streamType: 0x0f, descriptors: NONE },
];

/** The beginning of a file with such streams, its program map after so many other packets. */
function beginning(streams: readonly ElementaryStream[], others = 1): Uint8Array {
  const out = new ByteWriter();
  const other = new PacketStream(0x100);
  writeSection(out, new PacketStream(0), patSection());
  for (let i = 0; i < others; i++) writeSection(out, other, new Uint8Array(100));
  const numbered = streams.map((stream, i) => ({ ...stream, pid: 0x100 + i }));
  writeSection(out, new PacketStream(PMT_PID), pmtSection(0, 0x100, numbered));
  writeSection(out, other, new Uint8Array(100));
  return out.view();
}

/** The same with something in front of and behind each packet. */
function padded(bytes: Uint8Array, before: number, behind: number): Uint8Array {
  const out = new ByteWriter();
  for (let at = 0; at < bytes.length; at += 188) {
    out.raw(new Uint8Array(before)).raw(bytes.subarray(at, at + 188)).raw(new Uint8Array(behind));
  }
  return out.view();
}

Deno.test("the program map of a transport stream is found, whatever stands around its packets", () => {
  for (
    const streams of [MPEG2, Array.from({ length: 60 }, () => ({ ...MPEG2[0], descriptors: registration("VC-1") }))]
  ) {
    const bytes = beginning(streams, 5);
    for (const [before, behind] of [[0, 0], [4, 0], [0, 16]]) {
      assertEquals(readProgramMap(padded(bytes, before, behind)), streams);
    }
  }
});

Deno.test("where there is no program map, or not all of it, none is found", () => {
  const bytes = beginning(MPEG2);
  for (let length = 0; length < 3 * 188; length++) assertEquals(readProgramMap(bytes.subarray(0, length)), undefined);
  assertEquals(readProgramMap(new TextEncoder().encode("GGGG".repeat(200))), undefined);
});

Deno.test("a damaged beginning is read without a fault", () => {
  const whole = beginning(MPEG2);
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 40 });
  fc.assert(fc.property(damage, (changes) => {
    const bytes = whole.slice();
    for (const [at, byte] of changes) bytes[at] = byte;
    for (const stream of readProgramMap(bytes) ?? []) streamName(stream);
  }));
});

const NAMES: readonly [streamType: number, descriptors: Uint8Array, kind?: string, name?: string][] = [
  [0x02, NONE, "video", "MPEG-2 video"],
  [0x1b, NONE, "video", "H.264"],
  [0x10, NONE, "video", "MPEG-4 Visual"],
  [0x11, NONE, "audio", "AAC in LATM"],
  [0x86, NONE],
  [0x06, registration("Opus"), "audio", "Opus"],
  [0x06, registration("AV01"), "video", "AV1"],
  [0x06, Uint8Array.of(0x0a, 1, 0, 0x6a, 1, 0), "audio", "AC-3"],
  [0x06, Uint8Array.of(0x56, 1, 0)],
  [0x06, Uint8Array.of(0x05, 9, 1)],
  [0x15, NONE],
];

for (const [streamType, descriptors, kind, name] of NAMES) {
  const from = `stream type ${streamType} with [${descriptors.toHex()}]`;
  Deno.test(`${from} is ${name ?? "neither picture nor sound"}`, () => {
    assertEquals(streamName({ streamType, descriptors }), name ? { kind, name } : undefined);
  });
}
