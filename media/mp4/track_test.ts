import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { FormatError } from "../errors.ts";
import type { KnownCodec } from "../packet.ts";
import { bytes } from "../testing.ts";
import { outline, readBoxes } from "./testing.ts";
import { hasMp4Entry, mp4Track, type Mp4TrackSource } from "./track.ts";

const AVC = "0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20";
const HEVC = `0101600000009000000000005af000fcfdf8f800000f 03
  a00001001840010c01ffff01600000030090000003000003005a959809
  a10001002e42010101600000030090000003000003005aa006b201e1d796566924cafff014001ab68080000003008000000504
  a2000100074401c172b46240`;
const AV1 = "812100000a0d2000000cc5036936be48086801";
const STREAMINFO = "1000100000000e0010460bb800f0000000000000000000000000000000000000 0000";
const FLAC = `"fLaC" 00000022 ${STREAMINFO} 81000004 00000000`;

/** What stands in front of the configuration box, the size left out. */
function visualHead(type: string, width: string, height: string): string {
  return `"${type}" 000000000000 0001 ${"00".repeat(16)} ${width} ${height} 00480000 00480000 00000000 0001 ` +
    `${"00".repeat(32)} 0018 ffff`;
}

function audioHead(type: string, channels: string, rate: string): string {
  return `"${type}" 000000000000 0001 0000000000000000 ${channels} 0010 00000000 ${rate} 0000`;
}

interface Case {
  readonly name: string;
  readonly codec: KnownCodec;
  readonly config?: string;
  readonly frame?: string;
  readonly timescale: number;
  readonly size?: [number, number];
  /** The sample entry behind its size. */
  readonly entry: string;
}

const CASES: readonly Case[] = [
  {
    name: "AVC",
    codec: "avc",
    config: AVC,
    timescale: 90_000,
    size: [642, 482],
    entry: `${visualHead("avc1", "0282", "01e2")} 00000036 "avcC" ${AVC}`,
  },
  {
    name: "HEVC",
    codec: "hevc",
    config: HEVC,
    timescale: 90_000,
    size: [854, 480],
    entry: `${visualHead("hvc1", "0356", "01e0")} 0000007b "hvcC" ${HEVC}`,
  },
  {
    name: "AV1",
    codec: "av1",
    config: AV1,
    timescale: 90_000,
    size: [642, 362],
    entry: `${visualHead("av01", "0282", "016a")} 0000001b "av1C" ${AV1}`,
  },
  {
    name: "VP9",
    codec: "vp9",
    config: "00 0b 82 02 02 02 0000",
    frame: "824983420013f00b30",
    timescale: 90_000,
    size: [320, 180],
    entry: `${visualHead("vp09", "0140", "00b4")} 00000014 "vpcC" 01000000 000b82020202 0000`,
  },
  {
    name: "VP9 whose configuration came with its version and flags",
    codec: "vp9",
    config: "01000000 020a a7 090e09 0000",
    frame: "92498342 2009f80598",
    timescale: 90_000,
    size: [320, 180],
    entry: `${visualHead("vp09", "0140", "00b4")} 00000014 "vpcC" 01000000 020aa7090e09 0000`,
  },
  {
    name: "VP8",
    codec: "vp8",
    config: "00 0a 80 02 02 02 0000",
    frame: "100200 9d012a 4041 b480",
    timescale: 90_000,
    size: [320, 180],
    entry: `${visualHead("vp08", "0140", "00b4")} 00000014 "vpcC" 01000000 000a80020202 0000`,
  },
  {
    name: "AAC",
    codec: "aac",
    config: "1210",
    timescale: 44_100,
    entry: `${audioHead("mp4a", "0002", "ac44")} 00000027 "esds" 00000000 0319 0000 00
      0411 40 15 000000 00000000 00000000 0502 1210 0601 02`,
  },
  {
    name: "AAC at 96 kHz, whose rate does not fit",
    codec: "aac",
    config: "1010",
    timescale: 96_000,
    entry: `${audioHead("mp4a", "0002", "0000")} 00000027 "esds" 00000000 0319 0000 00
      0411 40 15 000000 00000000 00000000 0502 1010 0601 02`,
  },
  {
    name: "MP3",
    codec: "mp3",
    frame: "fffb9064",
    timescale: 44_100,
    entry: `${audioHead("mp4a", "0002", "ac44")} 00000023 "esds" 00000000 0315 0000 00
      040d 6b 15 000000 00000000 00000000 0601 02`,
  },
  {
    name: "MP3 at a low rate",
    codec: "mp3",
    frame: "fff340c4",
    timescale: 22_050,
    entry: `${audioHead("mp4a", "0001", "5622")} 00000023 "esds" 00000000 0315 0000 00
      040d 69 15 000000 00000000 00000000 0601 02`,
  },
  {
    name: "Opus",
    codec: "opus",
    config: '"OpusHead" 01 02 3801 80bb0000 0100 00',
    timescale: 48_000,
    entry: `${audioHead("Opus", "0002", "bb80")} 00000013 "dOps" 00 02 0138 0000bb80 0001 00`,
  },
  {
    name: "Opus in 5.1",
    codec: "opus",
    config: '"OpusHead" 01 06 3801 80bb0000 ffff 01 04 02 000401020305',
    timescale: 48_000,
    entry: `${audioHead("Opus", "0006", "bb80")} 0000001b "dOps" 00 06 0138 0000bb80 ffff 01 04 02 000401020305`,
  },
  {
    name: "Opus without a header",
    codec: "opus",
    timescale: 48_000,
    entry: `${audioHead("Opus", "0002", "bb80")} 00000013 "dOps" 00 02 0000 0000bb80 0000 00`,
  },
  {
    name: "FLAC",
    codec: "flac",
    config: FLAC,
    timescale: 48_000,
    entry: `${audioHead("fLaC", "0001", "bb80")} 00000032 "dfLa" 00000000 80000022 ${STREAMINFO}`,
  },
  {
    name: "AC-3",
    codec: "ac3",
    frame: "0b771e8b1c40ebf840",
    timescale: 48_000,
    entry: `${audioHead("ac-3", "0006", "bb80")} 0000000b "dac3" 103dc0`,
  },
  {
    name: "E-AC-3",
    codec: "eac3",
    frame: `0b77037f3f87c000 ${"00".repeat(1784)}`,
    timescale: 48_000,
    entry: `${audioHead("ec-3", "0006", "bb80")} 0000000d "dec3" 0e00 200f00`,
  },
  {
    name: "E-AC-3 with rear channels in a dependent substream",
    codec: "eac3",
    frame: "0b77 0003 3f 87 c000 0b77 4004 34 80 10200000",
    timescale: 48_000,
    entry: `${audioHead("ec-3", "0006", "bb80")} 0000000e "dec3" 0028 200f02 02`,
  },
  {
    name: "E-AC-3 of two programmes",
    codec: "eac3",
    frame: "0b77 0003 3f 87 c000 0b77 0803 34 87 c000",
    timescale: 48_000,
    entry: `${audioHead("ec-3", "0006", "bb80")} 00000010 "dec3" 0021 200f00 200400`,
  },
];

function track(codec: string, config?: string, frame?: string) {
  const kind = ["avc", "hevc", "av1", "vp8", "vp9"].includes(codec) ? "video" : "audio";
  const source: Mp4TrackSource = {
    id: 1,
    kind,
    codec,
    config: config === undefined ? undefined : bytes(config),
    frame: frame === undefined ? undefined : bytes(frame),
  };
  return mp4Track(source);
}

for (const { name, codec, config, frame, timescale, size = [0, 0], entry } of CASES) {
  Deno.test(`a track's sample entry has the bytes of its specification: ${name}`, () => {
    const made = track(codec, config, frame)!;
    const expected = bytes(entry);
    assertEquals(made.sampleEntry.subarray(4), expected);
    assertStrictEquals(readBoxes(made.sampleEntry)[0].size, expected.length + 4);
    assertEquals([made.timescale, made.width, made.height], [timescale, ...size]);
  });
}

Deno.test("a track of audio knows how long its frames are", () => {
  assertStrictEquals(track("aac", "1210")?.clock?.samples(bytes("21")), 1024);
  assertStrictEquals(track("avc", AVC)?.clock, undefined);
});

Deno.test("a long decoder configuration has a length of more than seven bits", () => {
  const config = new Uint8Array(200);
  config.set([0x12, 0x10]);
  const made = mp4Track({ id: 1, kind: "audio", codec: "aac", config })!;
  const [entry] = readBoxes(made.sampleEntry);
  assertStrictEquals(outline([entry]), "mp4a(esds)");
  assertEquals(entry.boxes[0].content.slice(4, 15), bytes("03 8161 0000 00 04 8158 40 15"));
});

Deno.test("a track cannot be made before what describes it has come", () => {
  const cases: [string, string | undefined, string | undefined][] = [
    ["avc", undefined, "0000000165"],
    ["aac", undefined, "21"],
    ["flac", undefined, "fff8"],
    ["vp9", "000b820202020000", undefined],
    ["mp3", undefined, undefined],
    ["ac3", undefined, undefined],
    ["eac3", undefined, undefined],
    ["speex", undefined, "00"],
  ];
  for (const [codec, config, frame] of cases) assertStrictEquals(track(codec, config, frame), undefined, codec);
});

Deno.test("a track is refused when what describes it cannot be read", () => {
  const cases: [string, string | undefined, string | undefined][] = [
    ["avc", "0142c016ff e0 00", undefined],
    ["aac", "16", undefined],
    ["flac", '"fLaC" 00000022 1000', undefined],
    ["flac", FLAC.slice(0, -30), undefined],
    ["opus", '"OpusHead" 01 06 3801 80bb0000 0000 01 04', undefined],
    ["vp9", "000b820202020000", "86"],
    ["vp8", "000a800202020000", "1102009d012a4001b400"],
    ["mp3", undefined, "00000000"],
    ["eac3", undefined, "0b77 4004 34 80 10200000"],
  ];
  for (const [codec, config, frame] of cases) assertThrows(() => track(codec, config, frame), FormatError);
});

Deno.test("the codecs of MP4 files are known by name", () => {
  const codecs = ["avc", "hevc", "av1", "vp8", "vp9", "aac", "mp3", "opus", "flac", "ac3", "eac3"];
  assertEquals(codecs.map(hasMp4Entry), codecs.map(() => true));
  assertEquals(["vvc", "script", "speex", "toString"].map(hasMp4Entry), [false, false, false, false]);
});
