import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { concat } from "../bytes.ts";
import { FormatError } from "../errors.ts";
import { bytes } from "../testing.ts";
import { AnnexBReader, annexBUnits, avcRecord, hevcRecord, lengthPrefixed } from "./annex_b.ts";
import { parseAvcConfig } from "./avc.ts";
import { parseHevcConfig } from "./hevc.ts";

/** What x264 and x265 made of a picture of 320x180, and the records that ffmpeg made of it. */
const AVC = {
  sps: bytes("6764000cacd941419f9f011000000300100000030320f14299 60"),
  pps: bytes("68ef8fcb"),
  record: bytes("0164000cffe1001a 6764000cacd941419f9f011000000300100000030320f1429960 010004 68ef8fcb fdf8f800"),
};
const HEVC = {
  vps: bytes("40010c01ffff01600000030090000003000003003c9590 09"),
  sps: bytes("42010101600000030090000003000003003ca00a080c1f3e595912930bc05a020000030002000003003210"),
  pps: bytes("4401c073c189"),
};

const START = bytes("000001");
const stream = (...units: Uint8Array[]) => concat(units.flatMap((unit) => [START, unit]));

for (
  const { name, input, units } of [
    { name: "short start codes", input: "000001 65 88 000001 41 9a", units: ["6588", "419a"] },
    { name: "long start codes and zeros behind", input: "00000001 09f0 00000001 6588 000000", units: ["09f0", "6588"] },
    { name: "bytes before the first start code", input: "ffff 000001 65", units: ["65"] },
    { name: "no start code", input: "65 88 00 00", units: [] },
    { name: "nothing", input: "", units: [] },
    { name: "start codes with nothing between them", input: "000001 000001 65", units: ["65"] },
  ]
) {
  Deno.test(`a byte stream with ${name} is taken apart`, () => {
    assertEquals(annexBUnits(bytes(input)), units.map(bytes));
  });
}

Deno.test("units that are written behind start codes are read back, whatever they hold", () => {
  const unit = fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 1 }).map((values) => Uint8Array.from(values));
  fc.assert(fc.property(fc.array(unit), (units) => assertEquals(annexBUnits(stream(...units)), units)));
});

Deno.test("units are put behind their lengths", () => {
  assertEquals(lengthPrefixed([bytes("6588"), bytes("41")]), bytes("00000002 6588 00000001 41"));
});

Deno.test("an AVC record is made of parameter sets as ffmpeg makes it", () => {
  assertEquals(avcRecord(AVC.sps, AVC.pps), AVC.record);
  assertEquals(parseAvcConfig(AVC.record).picture?.width, 320);
});

Deno.test("an HEVC record is made of parameter sets as ffmpeg makes it", () => {
  const record = hevcRecord(HEVC.vps, HEVC.sps, HEVC.pps);
  assertEquals(record.subarray(0, 23), bytes("0101600000009000000000003cf000fcfdf8f800000f03"));
  const { codecString, picture, bitDepth, units } = parseHevcConfig(record);
  assertEquals({ codecString, picture, bitDepth }, {
    codecString: "hvc1.1.6.L60.90",
    picture: { width: 320, height: 180 },
    bitDepth: 8,
  });
  assertEquals([...units.values()].flat(), [HEVC.vps, HEVC.sps, HEVC.pps]);
});

Deno.test("a frame loses its parameter sets and delimiter, and a configuration is told when it is another one", () => {
  const reader = new AnnexBReader("avc");
  const key = stream(bytes("09f0"), AVC.sps, AVC.pps, bytes("6588"));
  assertEquals(reader.read(key), { config: AVC.record, data: bytes("00000002 6588") });
  assertStrictEquals(reader.read(key).config, undefined);
  assertEquals(reader.read(stream(bytes("09f0"), bytes("419a"))), { config: undefined, data: bytes("00000002 419a") });
  assertEquals(reader.read(stream(AVC.sps, bytes("68ef8fcc"), bytes("65"))).config?.at(-5), 0xcc);
});

Deno.test("frames of HEVC are read in the same way", () => {
  const reader = new AnnexBReader("hevc");
  const { config, data } = reader.read(stream(bytes("460150"), HEVC.vps, HEVC.sps, HEVC.pps, bytes("2601af")));
  assertEquals(config, hevcRecord(HEVC.vps, HEVC.sps, HEVC.pps));
  assertEquals(data, bytes("00000003 2601af"));
});

Deno.test("a parameter set that cannot be read is the sender's fault", () => {
  assertThrows(() => avcRecord(bytes("67"), AVC.pps), FormatError);
  assertThrows(() => hevcRecord(HEVC.vps, HEVC.sps.subarray(0, 12), HEVC.pps), FormatError);
});
