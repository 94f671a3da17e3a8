import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { FormatError } from "../errors.ts";
import type { KnownCodec } from "../packet.ts";
import { beginnings, bytes, survives } from "../testing.ts";
import { MAX_EAC3_FRAMES, parseAc3Header, parseEac3Header, parseEac3Packet } from "./ac3.ts";
import { openAudioClock } from "./audio_clock.ts";
import { flacSamples } from "./flac.ts";
import { parseMp3Header } from "./mp3.ts";
import { opusSamples } from "./opus.ts";

const FLAC_CONFIG = '"fLaC" 80000022 1000100000000e0010460bb800f0 00000000000000000000000000000000 00000000';

/** Frames as encoders make them. */
const CLOCKS: {
  name: string;
  codec: KnownCodec;
  config?: string;
  frame: string;
  sampleRate: number;
  samples: number;
}[] = [
  { name: "AAC", codec: "aac", config: "1210", frame: "21", sampleRate: 44_100, samples: 1024 },
  { name: "AAC of 960 samples", codec: "aac", config: "1194", frame: "21", sampleRate: 48_000, samples: 960 },
  {
    name: "HE-AAC at its core's rate",
    codec: "aac",
    config: "2b118800",
    frame: "21",
    sampleRate: 24_000,
    samples: 1024,
  },
  { name: "MP3", codec: "mp3", frame: "fffb9064", sampleRate: 44_100, samples: 1152 },
  { name: "MP3 of MPEG-2", codec: "mp3", frame: "fff340c4", sampleRate: 22_050, samples: 576 },
  { name: "MP3 of MPEG-2.5", codec: "mp3", frame: "ffe318c4", sampleRate: 8000, samples: 576 },
  { name: "layer 2", codec: "mp3", frame: "fffd8404", sampleRate: 48_000, samples: 1152 },
  { name: "layer 1", codec: "mp3", frame: "ffff8404", sampleRate: 48_000, samples: 384 },
  { name: "AC-3", codec: "ac3", frame: "0b7732b514402f", sampleRate: 48_000, samples: 1536 },
  { name: "AC-3 at 44.1 kHz", codec: "ac3", frame: "0b7732b554402f", sampleRate: 44_100, samples: 1536 },
  { name: "E-AC-3", codec: "eac3", frame: `0b77037f3f87c000${"00".repeat(1784)}`, sampleRate: 48_000, samples: 1536 },
  { name: "E-AC-3 of one block", codec: "eac3", frame: "0b7700020f87", sampleRate: 48_000, samples: 256 },
  { name: "E-AC-3 at a reduced rate", codec: "eac3", frame: "0b770002df87", sampleRate: 22_050, samples: 1536 },
  { name: "Opus, 20 ms", codec: "opus", frame: "f8b4afca", sampleRate: 48_000, samples: 960 },
  { name: "Opus, two frames of 60 ms", codec: "opus", frame: "19", sampleRate: 48_000, samples: 5760 },
  { name: "Opus, three frames of 2.5 ms", codec: "opus", frame: "8303", sampleRate: 48_000, samples: 360 },
  {
    name: "FLAC, a power of two",
    codec: "flac",
    config: FLAC_CONFIG,
    frame: "fff8ca08",
    sampleRate: 48_000,
    samples: 4096,
  },
  {
    name: "FLAC, 1000 samples",
    codec: "flac",
    config: FLAC_CONFIG,
    frame: "fff87908000 3e7e5",
    sampleRate: 48_000,
    samples: 1000,
  },
  {
    name: "FLAC, a short last frame",
    codec: "flac",
    config: FLAC_CONFIG,
    frame: "fff86a08c28a7f",
    sampleRate: 48_000,
    samples: 128,
  },
];

for (const { name, codec, config, frame, sampleRate, samples } of CLOCKS) {
  Deno.test(`frames say how long they are: ${name}`, () => {
    const clock = openAudioClock(codec, config ? bytes(config) : undefined, bytes(frame.replaceAll(" ", "")));
    assertStrictEquals(clock?.sampleRate, sampleRate);
    assertStrictEquals(clock?.samples(bytes(frame.replaceAll(" ", ""))), samples);
  });
}

Deno.test("FLAC block sizes have the meaning of their code", () => {
  const cases: [string, number][] = [
    ["fff81a0800", 192],
    ["fff82a0800", 576],
    ["fff83a0800", 1152],
    ["fff85a0800", 4608],
    ["fff86a0800ff", 256],
    ["fff87a08f0808080ffff", 65_536],
    ["fff88a0800", 256],
    ["fff8fa0800", 32_768],
  ];
  for (const [frame, samples] of cases) assertStrictEquals(flacSamples(bytes(frame)), samples, frame);
  assertThrows(() => flacSamples(bytes("fff80a0800")), FormatError, "no valid header");
});

Deno.test("a clock is not known without what it stands in", () => {
  const cases: [string, string | undefined, string | undefined][] = [
    ["aac", undefined, "21"],
    ["aac", "16", "21"],
    ["flac", undefined, "fff8ca08"],
    ["mp3", undefined, undefined],
    ["mp3", undefined, "00000000"],
    ["ac3", undefined, "0b77"],
    ["eac3", undefined, "ffff"],
    ["avc", undefined, "65"],
    ["toString", undefined, "65"],
  ];
  for (const [codec, config, frame] of cases) {
    assertStrictEquals(
      openAudioClock(codec, config ? bytes(config) : undefined, frame ? bytes(frame) : undefined),
      undefined,
    );
  }
});

Deno.test("frames that cannot be read have no length", () => {
  const clock = openAudioClock("mp3", undefined, bytes("fffb9064"))!;
  assertStrictEquals(clock.samples(bytes("00000000")), 0);
  assertStrictEquals(opusSamples(new Uint8Array(0)), 0);
});

Deno.test("MPEG audio frames say their version, layer and channels", () => {
  const header = { version: 1, layer: 3, sampleRate: 44_100, channels: 2, samples: 1152 };
  assertEquals<unknown>(parseMp3Header(bytes("fffb9064")), header);
  assertEquals<unknown>(parseMp3Header(bytes("ffe318c4")), {
    ...header,
    version: 2.5,
    sampleRate: 8000,
    channels: 1,
    samples: 576,
  });
  for (const frame of ["fffb9c64", "ffeb9064", "fff99064", "7ffb9064"]) {
    assertThrows(() => parseMp3Header(bytes(frame)), FormatError, "no valid header");
  }
});

Deno.test("AC-3 frames say their channels and what a file's description of them needs", () => {
  const mono = {
    fscod: 0,
    sampleRate: 48_000,
    bsid: 8,
    bsmod: 0,
    acmod: 1,
    lfeon: false,
    channels: 1,
    bitRateCode: 10,
  };
  assertEquals(parseAc3Header(bytes("0b7732b514402f84")), mono);
  const surround = { ...mono, acmod: 7, lfeon: true, channels: 6, bitRateCode: 14 };
  assertEquals(parseAc3Header(bytes("0b771e8b1c40ebf840")), surround);
  assertThrows(() => parseAc3Header(bytes("0b7732b5d4402f")), FormatError, "reserved sample rate");
});

Deno.test("E-AC-3 frames say their channels and what a file's description of them needs", () => {
  assertEquals(parseEac3Header(bytes("0b77037f3f87c000")), {
    streamType: 0,
    substream: 0,
    bytes: 1792,
    fscod: 0,
    sampleRate: 48_000,
    samples: 1536,
    bsid: 16,
    acmod: 7,
    lfeon: true,
    channels: 6,
    channelMap: 0,
  });
  assertThrows(() => parseEac3Header(bytes("0b770002ff87")), FormatError, "reserved sample rate");
});

Deno.test("an E-AC-3 packet may hold a programme and what adds channels to it", () => {
  const main = "0b77 0003 3f 87 c000";
  const added = "0b77 4004 34 80 10200000";
  const [first, second] = parseEac3Packet(bytes(`${main} ${added}`));
  assertStrictEquals(first.streamType, 0);
  assertStrictEquals(second.streamType, 1);
  assertStrictEquals(second.acmod, 2);
  assertStrictEquals(second.channelMap, 0b0000_0010_0000_0000);
  assertStrictEquals(openAudioClock("eac3", undefined, bytes(main))?.samples(bytes(`${main} ${added}`)), 1536);
});

Deno.test("an E-AC-3 packet of too many frames is refused", () => {
  const frame = bytes("0b77 0002 0f 87");
  const packet = new Uint8Array(frame.length * (MAX_EAC3_FRAMES + 1));
  for (let at = 0; at < packet.length; at += frame.length) packet.set(frame, at);
  assertStrictEquals(parseEac3Packet(packet.subarray(frame.length)).length, MAX_EAC3_FRAMES);
  assertThrows(() => parseEac3Packet(packet), FormatError, "over 432 frames");
});

Deno.test("frame headers survive damage and being cut off", () => {
  const parsers = [parseMp3Header, parseAc3Header, parseEac3Packet, flacSamples, opusSamples];
  for (const { frame } of CLOCKS) {
    for (const beginning of beginnings(bytes(frame.replaceAll(" ", "")).subarray(0, 16))) {
      for (const parse of parsers) survives(() => parse(beginning));
    }
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
    for (const parse of parsers) survives(() => parse(noise));
    for (const prefix of ["0b77", "fffb", "fff8"]) {
      for (const parse of parsers) survives(() => parse(Uint8Array.of(...bytes(prefix), ...noise)));
    }
  }));
});
