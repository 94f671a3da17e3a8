import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FormatError } from "../errors.ts";
import type { KnownCodec } from "../packet.ts";
import { beginnings, bytes, survives } from "../testing.ts";
import { parseAacConfig } from "./aac.ts";
import { parseAv1Config } from "./av1.ts";
import { parseAvcConfig, parseAvcSps } from "./avc.ts";
import { type CodecDescription, describeCodec } from "./describe.ts";
import { parseFlacConfig } from "./flac.ts";
import { parseHevcConfig } from "./hevc.ts";
import { parseOpusHead } from "./opus.ts";
import { parseVpConfig } from "./vp.ts";

interface Case {
  readonly name: string;
  readonly codec: KnownCodec;
  readonly config: string;
  readonly description: CodecDescription;
}

/** Decoder configurations as encoders make them. */
const CASES: readonly Case[] = [
  {
    name: "AVC high, 1080 lines by cropping",
    codec: "avc",
    config: "01640028ffe1001f67640028acd940780227e5ffc000c00104000003000400000300503c60c65801000668ebe3cb22c0fdf8f800",
    description: { codecString: "avc1.640028", profile: 100, level: 4, width: 1920, height: 1080, bitDepth: 8 },
  },
  {
    name: "AVC baseline",
    codec: "avc",
    config: "0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20",
    description: { codecString: "avc1.42c016", profile: 66, level: 2.2, width: 642, height: 482, bitDepth: 8 },
  },
  {
    name: "AVC interlaced",
    codec: "avc",
    config: "01640016ffe1001c67640016acd940b424dff80080007880000003008000000a0f8a14cb01000668fba3cb22c0fdf8f800",
    description: { codecString: "avc1.640016", profile: 100, level: 2.2, width: 720, height: 576, bitDepth: 8 },
  },
  {
    name: "AVC 4:4:4",
    codec: "avc",
    config: "01f4000cffe1001e67f4000c919b282a10f1f1fff80f200f1880000003008000000a078a14cb01000668ebe3c44844fff8f800",
    description: { codecString: "avc1.f4000c", profile: 244, level: 1.2, width: 322, height: 242, bitDepth: 8 },
  },
  {
    name: "AVC without parameter sets",
    codec: "avc",
    config: "0142c016ff e0 00",
    description: {
      codecString: "avc1.42c016",
      profile: 66,
      level: 2.2,
      width: undefined,
      height: undefined,
      bitDepth: undefined,
    },
  },
  {
    name: "HEVC main",
    codec: "hevc",
    config: `0101600000009000000000005af000fcfdf8f800000f 03
      a00001001840010c01ffff01600000030090000003000003005a959809
      a10001002e42010101600000030090000003000003005aa006b201e1d796566924cafff014001ab68080000003008000000504
      a2000100074401c172b46240`,
    description: { codecString: "hvc1.1.6.L90.90", profile: 1, level: 3, width: 854, height: 480, bitDepth: 8 },
  },
  {
    name: "HEVC main 10, high tier",
    codec: "hevc",
    config: `01222000000090000000000096f000fcfdfafa00000f 03
      a00001001840010c01ffff222000000300900000030000030096959809
      a100010030420101222000000300900000030000030096a003c08010e4d96566924cafff0003000468080000030008000003005040
      a2000100074401c172b46240`,
    description: { codecString: "hvc1.2.4.H150.90", profile: 2, level: 5, width: 1920, height: 1080, bitDepth: 10 },
  },
  {
    name: "HEVC without parameter sets",
    codec: "hevc",
    config: "01 41 80000001 000000000000 5d f000fcfdf8f800000f 00",
    description: {
      codecString: "hvc1.A1.80000001.L93",
      profile: 1,
      level: 3.1,
      width: undefined,
      height: undefined,
      bitDepth: 8,
    },
  },
  {
    name: "AV1 high profile",
    codec: "av1",
    config: "812100000a0d2000000cc5036936be48086801",
    description: { codecString: "av01.1.01M.08", profile: 1, level: 2.1, width: 642, height: 362, bitDepth: 8 },
  },
  {
    name: "AV1 in 10 bits",
    codec: "av1",
    config: "81014c000a0b0000000cc4ff6700be1010",
    description: { codecString: "av01.0.01M.10", profile: 0, level: 2.1, width: 640, height: 360, bitDepth: 10 },
  },
  {
    name: "AV1 without a sequence header",
    codec: "av1",
    config: "814d8000",
    description: {
      codecString: "av01.2.13H.08",
      profile: 2,
      level: 5.1,
      width: undefined,
      height: undefined,
      bitDepth: 8,
    },
  },
  {
    name: "VP9",
    codec: "vp9",
    config: "00 1f 82 02 02 02 0000",
    description: { codecString: "vp09.00.31.08", profile: 0, level: 3.1, bitDepth: 8 },
  },
  {
    name: "VP9 behind a version and flags",
    codec: "vp9",
    config: "01000000 0115870202000000",
    description: { codecString: "vp09.01.21.08", profile: 1, level: 2.1, bitDepth: 8 },
  },
  {
    name: "VP8",
    codec: "vp8",
    config: "00 0a 80 02 02 02 0000",
    description: { codecString: "vp08.00.10.08", profile: 0, level: 1, bitDepth: 8 },
  },
  {
    name: "AAC-LC, stereo, 44.1 kHz",
    codec: "aac",
    config: "1210",
    description: { codecString: "mp4a.40.2", profile: 2, sampleRate: 44_100, channels: 2 },
  },
  {
    name: "AAC-LC that says it has no extension",
    codec: "aac",
    config: "120856e500",
    description: { codecString: "mp4a.40.2", profile: 2, sampleRate: 44_100, channels: 1 },
  },
  {
    name: "AAC-LC in 7.1",
    codec: "aac",
    config: "11b8",
    description: { codecString: "mp4a.40.2", profile: 2, sampleRate: 48_000, channels: 8 },
  },
  {
    name: "AAC with a sample rate of its own",
    codec: "aac",
    config: "17802a3010",
    description: { codecString: "mp4a.40.2", profile: 2, sampleRate: 21_600, channels: 2 },
  },
  {
    name: "HE-AAC, announced at once",
    codec: "aac",
    config: "2b118800",
    description: { codecString: "mp4a.40.5", profile: 2, sampleRate: 48_000, channels: 2 },
  },
  {
    name: "HE-AAC, announced behind an LC configuration",
    codec: "aac",
    config: "139056e5a0",
    description: { codecString: "mp4a.40.5", profile: 2, sampleRate: 44_100, channels: 2 },
  },
  {
    name: "HE-AAC v2, announced at once",
    codec: "aac",
    config: "eb098800",
    description: { codecString: "mp4a.40.29", profile: 2, sampleRate: 48_000, channels: 2 },
  },
  {
    name: "HE-AAC v2, announced behind an LC configuration",
    codec: "aac",
    config: "138856e5a54880",
    description: { codecString: "mp4a.40.29", profile: 2, sampleRate: 44_100, channels: 2 },
  },
  {
    name: "Opus",
    codec: "opus",
    config: '"OpusHead" 01 02 3801 80bb0000 0000 00',
    description: { codecString: "opus", sampleRate: 48_000, channels: 2 },
  },
  {
    name: "FLAC",
    codec: "flac",
    config: '"fLaC" 80000022 1000 1000 000000 000000 0ac442f0 00000000 00000000000000000000000000000000',
    description: { codecString: "flac", sampleRate: 44_100, channels: 2, bitDepth: 16 },
  },
];

const PARSERS: Readonly<Partial<Record<KnownCodec, (config: Uint8Array) => unknown>>> = {
  avc: parseAvcConfig,
  hevc: parseHevcConfig,
  av1: parseAv1Config,
  vp8: parseVpConfig,
  vp9: parseVpConfig,
  aac: parseAacConfig,
  opus: parseOpusHead,
  flac: parseFlacConfig,
};

Deno.test("decoder configurations are described", async (t) => {
  for (const { name, codec, config, description } of CASES) {
    await t.step(name, () => assertEquals(describeCodec(codec, bytes(config)), description));
  }
});

Deno.test("codecs without a configuration are described by what is always true of them", () => {
  assertEquals(describeCodec("mp3"), { codecString: "mp3" });
  assertEquals(describeCodec("ac3"), { codecString: "ac-3" });
  assertEquals(describeCodec("eac3"), { codecString: "ec-3" });
  assertEquals(describeCodec("opus", new Uint8Array(0)), { codecString: "opus", sampleRate: 48_000 });
  for (const codec of ["avc", "vp9", "video-4", "constructor", "__proto__"]) assertEquals(describeCodec(codec), {});
});

Deno.test("a configuration that is cut off is refused, or says less", () => {
  for (const { codec, config } of CASES) {
    for (const part of beginnings(bytes(config))) {
      survives(() => PARSERS[codec]?.(part));
      describeCodec(codec, part);
    }
    assertThrows(() => PARSERS[codec]?.(new Uint8Array(0)), FormatError);
  }
});

Deno.test("a configuration that is damaged is refused, or says something else", () => {
  const damages = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...CASES), damages, ({ codec, config }, damages) => {
      const damaged = bytes(config);
      for (const [at, byte] of damages) damaged[at % damaged.length] = byte;
      survives(() => PARSERS[codec]?.(damaged));
    }),
    { numRuns: 3000 },
  );
});

Deno.test("any bytes are refused as a configuration, or say something", () => {
  fc.assert(
    fc.property(fc.constantFrom(...CASES), fc.uint8Array({ maxLength: 80 }), ({ codec, config }, tail) => {
      survives(() => PARSERS[codec]?.(tail));
      survives(() => PARSERS[codec]?.(Uint8Array.of(...bytes(config).subarray(0, 6), ...tail)));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("configurations of other versions are refused, and it is said why", () => {
  assertThrows(() => parseAvcConfig(bytes("02 640028 ff e0 00")), FormatError, "AVC configuration has version 2");
  assertThrows(() => parseHevcConfig(bytes("02")), FormatError, "HEVC configuration has version 2");
  assertThrows(() => parseAv1Config(bytes("80040000")), FormatError, "AV1 configuration begins with 128");
  assertThrows(() => parseOpusHead(bytes('"OpusTags" 01')), FormatError, 'does not begin with "OpusHead"');
  assertThrows(() => parseFlacConfig(bytes('"fLaB" 00')), FormatError, 'does not begin with "fLaC"');
  assertThrows(() => parseAacConfig(bytes("1690")), FormatError, "sample rate index 13 is reserved");
});

Deno.test("a configuration cannot announce millions of parameter sets", () => {
  const head = bytes("01016000000090000000000 05af000fcfdf8f800000f".replaceAll(" ", "") + " 01 a1 ffff");
  const config = new Uint8Array(head.length + 2 * 0xffff);
  config.set(head);
  assertThrows(() => parseHevcConfig(config), FormatError, "65535 parameter sets of one type");
});

Deno.test("AVC says how long its lengths are and which parameter sets it has", () => {
  const { lengthSize, sps, pps } = parseAvcConfig(bytes(CASES[0].config));
  assertEquals(lengthSize, 4);
  assertEquals(sps, [bytes("67640028acd940780227e5ffc000c00104000003000400000300503c60c658")]);
  assertEquals(pps, [bytes("68ebe3cb22c0")]);
});

Deno.test("HEVC says how long its lengths are and which parameter sets it has", () => {
  const { lengthSize, units } = parseHevcConfig(bytes(CASES[5].config));
  assertEquals(lengthSize, 4);
  assertEquals([...units.keys()], [32, 33, 34]);
  assertEquals(units.get(34), [bytes("4401c172b46240")]);
});

Deno.test("AAC says how many samples a frame has, and at which rate", () => {
  const { frameSamples, sampleRate, outputSampleRate, sbr, ps } = parseAacConfig(bytes("138856e5a54880"));
  assertEquals({ frameSamples, sampleRate, outputSampleRate, sbr, ps }, {
    frameSamples: 1024,
    sampleRate: 22_050,
    outputSampleRate: 44_100,
    sbr: true,
    ps: true,
  });
  assertEquals(parseAacConfig(bytes("1214")).frameSamples, 960);
});

Deno.test("AVC parameter sets with scaling lists and a picture order cycle are read", () => {
  // By hand from ITU-T H.264, 7.3.2.1.1: each line is a field or a group of them, in order.
  const fields = [
    "01100100 00000000 00011110", // profile 100, no constraints, level 3.0
    "1 010 1 1 0", // set 0, 4:2:0, 8 bits of luma and of chroma, no bypass
    "1", // there are scaling lists
    "1 000010001", // the first ends at once: a step of −8
    `1 ${"1".repeat(16)}`, // the second has 16 steps of 0
    "000000", // the other six are absent
    "1 010", // frame numbers of 4 bits, picture order of type 1
    "0 1 1 011 010 010", // a cycle of two
    "010 0", // one reference frame, no gaps
    "00000101000 000011110", // 40 macroblocks wide, 30 map units high
    "0 0 1", // interlaced: 60 macroblocks high
    "1 010 1 1 010", // cropped by one unit on the left and one at the bottom
    "1", // the end
  ];
  const bits = fields.join("").replaceAll(" ", "");
  const payload = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0").match(/.{8}/g) ?? [];
  const unit = Uint8Array.from(["01100111", ...payload], (byte) => parseInt(byte, 2));
  assertEquals(parseAvcSps(unit), { width: 638, height: 956, chromaFormat: 1, bitDepth: 8 });
});

Deno.test("AVC parameter sets that crop everything are refused", () => {
  const bits = "01000010 00000000 00011110" + "1" + "1" + "011" + "010" + "0" + "1" + "1" + "1" + "1" +
    "1 000010000 1 1 1" + "1";
  const payload = bits.replaceAll(" ", "").padEnd(64, "0").match(/.{8}/g) ?? [];
  const unit = Uint8Array.from(["01100111", ...payload], (byte) => parseInt(byte, 2));
  assertThrows(() => parseAvcSps(unit), FormatError, "gives a picture of");
});
