import { assertEquals, assertThrows } from "@std/assert";
import { FormatError } from "../errors.ts";
import { bytes } from "../testing.ts";
import { parseAv1Config } from "./av1.ts";
import { av1Record, opusHead, vpRecord } from "./config_writer.ts";
import { parseOpusHead } from "./opus.ts";
import { parseVpConfig, vpCodecString } from "./vp.ts";

/** A temporal delimiter, the sequence header of a picture of 320x180, and the beginning of a frame. */
const HEADER = "00000004 3cff bc";
const KEY_FRAME = bytes(`1200 0a07 ${HEADER} 3201 10`);

Deno.test("an AV1 record has what the codec string says and the key frame's sequence header", () => {
  const record = av1Record("av01.0.05M.08", KEY_FRAME);
  assertEquals(record, bytes(`81 05 0c 00 0a07 ${HEADER}`));
  assertEquals(parseAv1Config(record).codecString, "av01.0.05M.08");
});

Deno.test("an AV1 record says tier, depth and subsampling", () => {
  const record = av1Record("av01.2.13H.12.0.000", KEY_FRAME);
  assertEquals(record.subarray(0, 4), bytes("81 4d e0 00"));
  assertEquals(parseAv1Config(record).codecString, "av01.2.13H.12");
  assertEquals(av1Record("av01.0.04M.08.1.110", KEY_FRAME)[2], 0x1c);
});

Deno.test("an AV1 record cannot be made of what is no key frame or no AV1", () => {
  assertThrows(() => av1Record("av01.0.05M.08", bytes("1200 3201 10")), FormatError, "no sequence header");
  assertThrows(() => av1Record("av01.0.05M.08", bytes("0a7f 00")), FormatError);
  assertThrows(() => av1Record("vp09.00.31.08", KEY_FRAME), FormatError, "vp09.00.31.08");
});

for (
  const { codecString, record } of [
    { codecString: "vp09.00.31.08", record: "00 1f 82 010101 0000" },
    { codecString: "vp09.02.41.10.01.09.16.09.01", record: "02 29 a3 091009 0000" },
    { codecString: "vp8", record: "00 0a 82 010101 0000" },
  ]
) {
  Deno.test(`a VP record is made of ${codecString}`, () => {
    assertEquals(vpRecord(codecString), bytes(record));
    if (codecString === "vp8") return;
    assertEquals(vpCodecString("vp09", parseVpConfig(vpRecord(codecString))), codecString.slice(0, 13));
  });
}

Deno.test("a VP record cannot be made of another codec's string", () => {
  assertThrows(() => vpRecord("avc1.64001f"), FormatError, "avc1.64001f");
});

Deno.test("an Opus header is read back", () => {
  const { channels, preSkip, inputSampleRate, mappingFamily } = parseOpusHead(opusHead(2, 44_100));
  assertEquals({ channels, preSkip, inputSampleRate, mappingFamily }, {
    channels: 2,
    preSkip: 312,
    inputSampleRate: 44_100,
    mappingFamily: 0,
  });
});
