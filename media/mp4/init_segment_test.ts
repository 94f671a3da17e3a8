import { assertEquals, assertStrictEquals } from "@std/assert";
import { bytes } from "../testing.ts";
import { initSegment } from "./init_segment.ts";
import { AUDIO, boxesAt, outline, readBoxes, VIDEO } from "./testing.ts";

const TRACK = (media: string) =>
  `trak(tkhd mdia(mdhd hdlr minf(${media} dinf(dref(url )) stbl(stsd(xxxx) stts stsc stsz stco))))`;

Deno.test("an init segment describes its tracks and has no samples", () => {
  const boxes = readBoxes(initSegment([VIDEO, AUDIO]));
  assertStrictEquals(outline(boxes), `ftyp moov(mvhd ${TRACK("vmhd")} ${TRACK("smhd")} mvex(trex trex))`);
  assertEquals(boxes[0].content, bytes('"iso6" 00000000 "iso6mp41"'));
  const tables = ["stts", "stsc", "stco"].map((type) => boxesAt(boxes, `moov/trak/mdia/minf/stbl/${type}`)[0].content);
  assertEquals(tables, [bytes("00000000 00000000"), bytes("00000000 00000000"), bytes("00000000 00000000")]);
});

Deno.test("an init segment of one track is CMAF", () => {
  assertEquals(readBoxes(initSegment([AUDIO]))[0].content, bytes('"iso6" 00000000 "iso6cmfcmp41"'));
});

/** Each box of an init segment that has fields of its own, byte for byte. */
const GOLDEN: readonly [string, number, string][] = [
  [
    "moov/mvhd",
    0,
    `00000000 00000000 00000000 00015f90 00000000 00010000 0100 0000 00000000 00000000
      00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000 ${"00".repeat(24)} 00000003`,
  ],
  [
    "moov/trak/tkhd",
    0,
    `00000003 00000000 00000000 00000001 00000000 00000000 00000000 00000000 0000 0000 0000 0000
      00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000 01400000 00b40000`,
  ],
  [
    "moov/trak/tkhd",
    1,
    `00000003 00000000 00000000 00000002 00000000 00000000 00000000 00000000 0000 0001 0100 0000
      00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000 00000000 00000000`,
  ],
  ["moov/trak/mdia/mdhd", 1, "00000000 00000000 00000000 0000bb80 00000000 55c4 0000"],
  ["moov/trak/mdia/hdlr", 0, `00000000 00000000 "vide" ${"00".repeat(12)} "VideoHandler" 00`],
  ["moov/trak/mdia/hdlr", 1, `00000000 00000000 "soun" ${"00".repeat(12)} "SoundHandler" 00`],
  ["moov/trak/mdia/minf/vmhd", 0, "00000001 0000 000000000000"],
  ["moov/trak/mdia/minf/smhd", 0, "00000000 0000 0000"],
  ["moov/trak/mdia/minf/dinf/dref", 0, '00000000 00000001 0000000c "url " 00000001'],
  ["moov/trak/mdia/minf/stbl/stsd", 0, '00000000 00000001 00000009 "xxxx" 00'],
  ["moov/mvex/trex", 1, "00000000 00000002 00000001 00000000 00000000 00000000"],
];

for (const [path, index, content] of GOLDEN) {
  Deno.test(`an init segment's ${path} of track ${index + 1} has the bytes of the standard`, () => {
    assertEquals(boxesAt(readBoxes(initSegment([VIDEO, AUDIO])), path)[index].content, bytes(content));
  });
}

Deno.test("an edit list says where fragments that are played as a file begin", () => {
  const edits = boxesAt(readBoxes(initSegment([VIDEO, AUDIO], { start: 2_500_000 })), "moov/trak/edts/elst");
  assertEquals(edits.map(({ content }) => content), [
    bytes("00000000 00000001 00000000 00036ee8 00010000"),
    bytes("00000000 00000001 00000000 0001d4c0 00010000"),
  ]);
});

Deno.test("an edit list has 64 bits when the beginning does not fit into 31", () => {
  const [edits] = boxesAt(readBoxes(initSegment([VIDEO], { start: 30_000_000_000 })), "moov/trak/edts/elst");
  assertEquals(edits.content, bytes("01000000 00000001 0000000000000000 00000000a0eebb00 00010000"));
});
