import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { FormatError } from "../errors.ts";
import type { KnownCodec } from "../packet.ts";
import { concat } from "../bytes.ts";
import { beginnings, bytes } from "../testing.ts";
import { hasTsPayload, openPayload } from "./open_payload.ts";
import type { Payload } from "./payload.ts";
import { programConfigElement } from "./program_config.ts";

const AVC_CONFIG = "0142c016ffe1001e6742c016d900a43fe2223ff03c403c31000003000100000300140f162e4801000568cb83cb20";
const AVC_SETS = "00000001 6742c016d900a43fe2223ff03c403c31000003000100000300140f162e48 00000001 68cb83cb20";

/** Without parameter sets that anybody reads: type, then content. */
const HEVC_CONFIG = `0101600000009000000000005af000fcfdf8f80000 0f 03
  a2 0001 0002 4401 a0 0001 0002 4001 a7 0001 0003 4e01ff`;
const HEVC_SETS = "00000001 4001 00000001 4401 00000001 4e01ff";

interface Case {
  readonly name: string;
  readonly codec: KnownCodec;
  readonly config?: string;
  readonly frame: string;
  readonly isKey?: boolean;
  readonly payload: string;
}

const CASES: readonly Case[] = [
  {
    name: "H.264: a picture gets a delimiter, and start codes for lengths",
    codec: "avc",
    config: AVC_CONFIG,
    frame: "00000003 41aabb 00000001 01",
    payload: "00000001 09f0 00000001 41aabb 00000001 01",
  },
  {
    name: "H.264: a key picture has the parameter sets in front",
    codec: "avc",
    config: AVC_CONFIG,
    frame: "00000002 65aa",
    isKey: true,
    payload: `00000001 09f0 ${AVC_SETS} 00000001 65aa`,
  },
  {
    name: "H.264: the encoder's own delimiter stays the first and only one",
    codec: "avc",
    config: AVC_CONFIG,
    frame: "00000002 0910 00000002 65aa",
    isKey: true,
    payload: `00000001 0910 ${AVC_SETS} 00000001 65aa`,
  },
  {
    name: "H.264: the encoder's own parameter sets are not doubled",
    codec: "avc",
    config: AVC_CONFIG,
    frame: "00000002 67bb 00000002 68cc 00000002 65aa",
    isKey: true,
    payload: "00000001 09f0 00000001 67bb 00000001 68cc 00000001 65aa",
  },
  {
    name: "H.264: with half of its parameter sets the encoder gets all",
    codec: "avc",
    config: AVC_CONFIG,
    frame: "00000002 67bb 00000002 65aa",
    isKey: true,
    payload: `00000001 09f0 ${AVC_SETS} 00000001 67bb 00000001 65aa`,
  },
  {
    name: "H.264: lengths may have two bytes",
    codec: "avc",
    config: "0142c016fd e0 00",
    frame: "0002 41aa 0001 41",
    payload: "00000001 09f0 00000001 41aa 00000001 41",
  },
  {
    name: "H.264: empty NAL units are left out",
    codec: "avc",
    config: AVC_CONFIG,
    frame: "00000000 00000001 41 00000000",
    payload: "00000001 09f0 00000001 41",
  },
  {
    name: "H.265: a key picture has video, sequence and picture parameter sets and SEI in front",
    codec: "hevc",
    config: HEVC_CONFIG,
    frame: "00000003 2601aa",
    isKey: true,
    payload: `00000001 460150 ${HEVC_SETS} 00000001 2601aa`,
  },
  {
    name: "H.265: the encoder's own delimiter and parameter sets are kept",
    codec: "hevc",
    config: HEVC_CONFIG,
    frame: "00000003 460110 00000002 4001 00000002 4201 00000002 4401 00000003 2601aa",
    isKey: true,
    payload: "00000001 460110 00000001 4001 00000001 4201 00000001 4401 00000001 2601aa",
  },
  {
    name: "AAC-LC, 44.1 kHz, stereo",
    codec: "aac",
    config: "1210",
    frame: "21aabb",
    payload: "fff15080015ffc 21aabb",
  },
  {
    name: "HE-AAC is announced as its core",
    codec: "aac",
    config: "2b118800",
    frame: "21",
    payload: "fff15880011ffc 21",
  },
  { name: "AAC in 7.1", codec: "aac", config: "11b8", frame: "21", payload: "fff14dc0011ffc 21" },
  {
    name: "AAC that lists its channels itself has the list in each frame",
    codec: "aac",
    config: "118004c84400 2000c4 0d4c61766335392e33372e313030 56e500",
    frame: "21aa",
    payload: "fff14c00025ffc a09908800400188000 21aa",
  },
  {
    name: "HE-AAC that lists its channels itself",
    codec: "aac",
    config: "2b018802c200000000",
    frame: "21aa",
    payload: "fff15800021ffc a0b08000000000 21aa",
  },
  { name: "MP3", codec: "mp3", frame: "fffb9064aa", payload: "fffb9064aa" },
  { name: "AC-3", codec: "ac3", frame: "0b77aa", payload: "0b77aa" },
  { name: "E-AC-3", codec: "eac3", frame: "0b77bb", payload: "0b77bb" },
  { name: "Opus", codec: "opus", frame: "fcaabb", payload: "7fe0 03 fcaabb" },
  {
    name: "an Opus packet whose size needs two bytes",
    codec: "opus",
    frame: "ff".repeat(256),
    payload: `7fe0 ff01 ${"ff".repeat(256)}`,
  },
  {
    name: "an Opus packet of exactly 255 bytes",
    codec: "opus",
    frame: "aa".repeat(255),
    payload: `7fe0 ff00 ${"aa".repeat(255)}`,
  },
];

function open(codec: string, config?: string): Payload {
  const payload = openPayload(codec)!;
  if (config) payload.configure(bytes(config));
  return payload;
}

/** What a frame becomes; its measured size must be right. */
function written(payload: Payload, frame: Uint8Array, isKey = false): Uint8Array {
  const size = payload.measure(frame, isKey);
  const out: number[] = [];
  payload.write(frame, isKey, { write: (piece) => void out.push(...piece) });
  assertStrictEquals(out.length, size, "measured size");
  return Uint8Array.from(out);
}

for (const { name, codec, config, frame, isKey, payload } of CASES) {
  Deno.test(`a transport stream's payload: ${name}`, () => {
    assertEquals(written(open(codec, config), bytes(frame), isKey), bytes(payload));
  });
}

Deno.test("a list of channels is taken over with all that it can have", () => {
  const tag = "0000";
  const list = [
    ["0001 01 0011", "0001 0000 0000 01 010 0001"],
    [`1${tag} 1${tag} 1101`, `0${tag} ${tag} ${tag} ${tag} 1${tag}`],
  ].flat().join(" ");
  const config = packed(`00010 1111 ${"0".repeat(24)} 0000 0 1 ${"1".repeat(14)} 0 ${list}`);
  assertEquals(
    programConfigElement(concat([config, bytes("02 abcd 56e500")])),
    concat([packed(`101 ${list}`), bytes("00")]),
  );
  for (const beginning of beginnings(config)) assertThrows(() => programConfigElement(beginning), FormatError);
});

/** Bits as bytes, the last one filled up with zeros. */
function packed(bits: string): Uint8Array {
  const digits = bits.replaceAll(" ", "");
  return Uint8Array.from(digits.match(/.{1,8}/g)!, (byte) => parseInt(byte.padEnd(8, "0"), 2));
}

Deno.test("an AAC frame's length is spread over three bytes of its header", () => {
  const header = written(open("aac", "1190"), new Uint8Array(0x1abc - 7)).subarray(0, 7);
  assertEquals(header, bytes("fff14c83579ffc"));
});

Deno.test("damaged NAL units and AAC frames beyond 8 KB are refused before anything is written", () => {
  const cases: [string, string, Uint8Array, string][] = [
    ["avc", AVC_CONFIG, bytes("00000003 41aa"), "AVC frame announces a NAL unit of 3 bytes, 2 are left"],
    ["avc", AVC_CONFIG, bytes("00000001 41 0000"), "are left"],
    ["hevc", HEVC_CONFIG, bytes("ffffffff 41aa"), "HEVC frame announces a NAL unit of 4294967295 bytes"],
    ["aac", "1210", new Uint8Array(8185), "AAC frame of 8185 bytes is longer"],
  ];
  for (const [codec, config, frame, message] of cases) {
    assertThrows(() => open(codec, config).measure(frame, true), FormatError, message);
  }
});

Deno.test("a configuration that cannot be read leaves the one before in force", () => {
  const payload = open("avc", AVC_CONFIG);
  assertThrows(() => payload.configure(bytes("00")), FormatError);
  assertStrictEquals(payload.description?.streamType, 0x1b);
  assertEquals(written(payload, bytes("00000001 41")), bytes("00000001 09f0 00000001 41"));
});

Deno.test("the program map describes each codec", () => {
  const cases: [string, string | undefined, number, string][] = [
    ["avc", AVC_CONFIG, 0x1b, ""],
    ["hevc", HEVC_CONFIG, 0x24, '05 04 "HEVC"'],
    ["aac", "1210", 0x0f, ""],
    ["mp3", undefined, 0x03, ""],
    ["ac3", undefined, 0x81, '05 04 "AC-3"'],
    ["eac3", undefined, 0x87, '05 04 "EAC3"'],
    ["opus", undefined, 0x06, '05 04 "Opus" 7f 02 80 02'],
    ["opus", '"OpusHead" 01 06 3801 80bb0000 0000 01', 0x06, '05 04 "Opus" 7f 02 80 06'],
  ];
  for (const [codec, config, streamType, descriptors] of cases) {
    assertEquals(open(codec, config).description, { streamType, descriptors: bytes(descriptors) }, codec);
  }
});

Deno.test("MP3 of the lower sample rates has a stream type of its own", () => {
  const payload = open("mp3");
  payload.measure(bytes("fff39064"), false);
  assertStrictEquals(payload.description?.streamType, 0x04);
  payload.measure(bytes("fffb9064"), false);
  assertStrictEquals(payload.description?.streamType, 0x03);
});

Deno.test("what a transport stream cannot express is not described", () => {
  const cases: [string, string | undefined][] = [
    ["avc", undefined],
    ["hevc", undefined],
    ["aac", undefined],
    ["aac", "1194"],
    ["aac", "17800bb810"],
    ["aac", "f95010"],
    ["opus", '"OpusHead" 01 09 3801 80bb0000 0000 ff'],
  ];
  for (const [codec, config] of cases) {
    assertStrictEquals(open(codec, config).description, undefined, `${codec} ${config}`);
  }
});

Deno.test("the codecs of transport streams are known by name", () => {
  assertEquals(["avc", "hevc", "aac", "mp3", "opus", "ac3", "eac3"].map(hasTsPayload), Array(7).fill(true));
  assertEquals(["av1", "vp9", "flac", "script", "toString"].map(hasTsPayload), Array(5).fill(false));
});
