import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { encodeAmf0 } from "../amf/amf0.ts";
import { concat } from "../bytes.ts";
import type { MediaPacket } from "../packet.ts";
import { beginnings, bytes } from "../testing.ts";
import { parseTagBody } from "./body.ts";
import { MAX_TRACKS } from "./enhanced.ts";
import { type FlvTagType, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO } from "./tag.ts";

/** Time of every message in this file, in milliseconds and in microseconds. */
const MS = 1000;
const DTS = 1_000_000;

/** What is expected of a packet; the rest follows: track 0, shown when decoded, the message's body unchanged. */
interface Expected {
  readonly role: MediaPacket["role"];
  readonly codec: string;
  readonly data: string;
  readonly track?: number;
  /** pts − dts, in microseconds. */
  readonly delay?: number;
  readonly body?: string;
}

interface Case {
  readonly name: string;
  readonly body: string;
  readonly packets: readonly Expected[];
}

const VIDEO: readonly Case[] = [
  { name: "AVC configuration", body: "17 00 000000 0164", packets: [{ role: "config", codec: "avc", data: "0164" }] },
  {
    name: "AVC configuration in an inter frame",
    body: "27 00 000000 0164",
    packets: [{ role: "config", codec: "avc", data: "0164" }],
  },
  {
    name: "AVC key frame",
    body: "17 01 000050 65",
    packets: [{ role: "key", codec: "avc", data: "65", delay: 80_000 }],
  },
  { name: "AVC inter frame", body: "27 01 000000 41", packets: [{ role: "delta", codec: "avc", data: "41" }] },
  {
    name: "AVC frame shown before it is decoded",
    body: "27 01 ffffd8 41",
    packets: [{ role: "delta", codec: "avc", data: "41", delay: -40_000 }],
  },
  {
    name: "AVC with the longest delay",
    body: "27 01 7fffff 41",
    packets: [{ role: "delta", codec: "avc", data: "41", delay: 8_388_607_000 }],
  },
  {
    name: "AVC with the shortest delay",
    body: "27 01 800000 41",
    packets: [{ role: "delta", codec: "avc", data: "41", delay: -8_388_608_000 }],
  },
  {
    name: "AVC disposable inter frame",
    body: "37 01 000000 41",
    packets: [{ role: "delta", codec: "avc", data: "41" }],
  },
  { name: "AVC generated key frame", body: "47 01 000000 65", packets: [{ role: "key", codec: "avc", data: "65" }] },
  { name: "AVC end of sequence", body: "17 02 000000", packets: [{ role: "end", codec: "avc", data: "" }] },
  { name: "AVC end of sequence without a time", body: "17 02", packets: [{ role: "end", codec: "avc", data: "" }] },
  { name: "AVC seek command", body: "57 00", packets: [{ role: "metadata", codec: "avc", data: "00" }] },
  {
    name: "AVC cut off in its header",
    body: "17 01 0000",
    packets: [{ role: "delta", codec: "video-7", data: "17 01 0000" }],
  },
  { name: "AVC cut off after one byte", body: "17", packets: [{ role: "delta", codec: "video-7", data: "17" }] },
  {
    name: "AVC packet of an unknown type",
    body: "17 03 000000 65",
    packets: [{ role: "delta", codec: "video-7", data: "17 03 000000 65" }],
  },
  {
    name: "HEVC by the number 12",
    body: "1c 00 000000 0101",
    packets: [{ role: "config", codec: "hevc", data: "0101" }],
  },
  {
    name: "HEVC frame by the number 12",
    body: "2c 01 000028 02",
    packets: [{ role: "delta", codec: "hevc", data: "02", delay: 40_000 }],
  },
  { name: "H.263 key frame", body: "12 0000", packets: [{ role: "key", codec: "video-2", data: "0000" }] },
  { name: "Screen video inter frame", body: "23 aa", packets: [{ role: "delta", codec: "video-3", data: "aa" }] },
  { name: "VP6 key frame", body: "14 aa", packets: [{ role: "key", codec: "video-4", data: "aa" }] },
  { name: "VP6 command", body: "54 01", packets: [{ role: "metadata", codec: "video-4", data: "01" }] },
];

const ENHANCED_VIDEO: readonly Case[] = [
  { name: "HEVC configuration", body: '90 "hvc1" 0101', packets: [{ role: "config", codec: "hevc", data: "0101" }] },
  {
    name: "HEVC key frame with a delay",
    body: '91 "hvc1" 000028 26',
    packets: [{ role: "key", codec: "hevc", data: "26", delay: 40_000 }],
  },
  {
    name: "HEVC key frame without a delay",
    body: '93 "hvc1" 26',
    packets: [{ role: "key", codec: "hevc", data: "26" }],
  },
  { name: "HEVC inter frame", body: 'a3 "hvc1" 02', packets: [{ role: "delta", codec: "hevc", data: "02" }] },
  { name: "HEVC end of sequence", body: '92 "hvc1"', packets: [{ role: "end", codec: "hevc", data: "" }] },
  {
    name: "AVC with a negative delay",
    body: 'a1 "avc1" ffffd8 41',
    packets: [{ role: "delta", codec: "avc", data: "41", delay: -40_000 }],
  },
  {
    name: "VVC with a delay",
    body: 'a1 "vvc1" 000028 41',
    packets: [{ role: "delta", codec: "vvc", data: "41", delay: 40_000 }],
  },
  {
    name: "AV1 configuration",
    body: '90 "av01" 81000c00',
    packets: [{ role: "config", codec: "av1", data: "81000c00" }],
  },
  {
    name: "AV1 frame, which has no delay",
    body: '91 "av01" 120032',
    packets: [{ role: "key", codec: "av1", data: "120032" }],
  },
  {
    name: "AV1 configuration as in MPEG-2 TS",
    body: '95 "av01" 8004',
    packets: [{ role: "config", codec: "av1", data: "8004" }],
  },
  { name: "VP9 frame", body: 'a1 "vp09" 86', packets: [{ role: "delta", codec: "vp9", data: "86" }] },
  { name: "VP8 frame", body: 'a1 "vp08" 31', packets: [{ role: "delta", codec: "vp8", data: "31" }] },
  {
    name: "colour information",
    body: '94 "hvc1" 02 0009 "colorInfo" 05',
    packets: [{ role: "metadata", codec: "hevc", data: '02 0009 "colorInfo" 05' }],
  },
  {
    name: "colour information in a command frame",
    body: 'd4 "hvc1" 05',
    packets: [{ role: "metadata", codec: "hevc", data: "05" }],
  },
  { name: "seek command", body: "d1 00", packets: [{ role: "metadata", codec: "video-enhanced", data: "d1 00" }] },
  {
    name: "key frame of an unknown FourCC",
    body: '91 "xyz1" 01',
    packets: [{ role: "key", codec: "video-xyz1", data: "01" }],
  },
  {
    name: "configuration of an unknown FourCC",
    body: '90 "xyz1" 01',
    packets: [{ role: "config", codec: "video-xyz1", data: "01" }],
  },
  {
    name: "FourCC that cannot be printed",
    body: "91 00200a7f 01",
    packets: [{ role: "key", codec: "video-00200a7f", data: "01" }],
  },
  {
    name: "unknown packet type",
    body: '98 "hvc1" 01',
    packets: [{ role: "delta", codec: "video-hvc1", data: '98 "hvc1" 01' }],
  },
  {
    name: "cut off in its FourCC",
    body: '91 "hv"',
    packets: [{ role: "delta", codec: "video-enhanced", data: '91 "hv"' }],
  },
  {
    name: "cut off in its delay",
    body: '91 "hvc1" 0000',
    packets: [{ role: "delta", codec: "video-hvc1", data: '91 "hvc1" 0000' }],
  },
];

const MODIFIERS: readonly Case[] = [
  {
    name: "a timestamp offset of 500,900 ns",
    body: 'a7 02 07a4a4 03 "hvc1" 02',
    packets: [{ role: "delta", codec: "hevc", data: "02", delay: 500 }],
  },
  {
    name: "an offset and a delay",
    body: 'a7 02 07a4a4 01 "hvc1" 000001 02',
    packets: [{ role: "delta", codec: "hevc", data: "02", delay: 1500 }],
  },
  {
    name: "an offset in more bytes than it needs",
    body: 'a7 04 07a4a4ffff 03 "hvc1" 02',
    packets: [{ role: "delta", codec: "hevc", data: "02", delay: 500 }],
  },
  {
    name: "an offset in too few bytes",
    body: 'a7 01 07a4 03 "hvc1" 02',
    packets: [{ role: "delta", codec: "hevc", data: "02" }],
  },
  {
    name: "an offset beyond a millisecond",
    body: 'a7 02 0f4240 03 "hvc1" 02',
    packets: [{ role: "delta", codec: "hevc", data: "02" }],
  },
  {
    name: "an unknown modifier",
    body: 'a7 00 ff 13 "hvc1" 02',
    packets: [{ role: "delta", codec: "hevc", data: "02" }],
  },
  {
    name: "two modifiers",
    body: 'a7 00 ff 17 02 07a4a4 03 "hvc1" 02',
    packets: [{ role: "delta", codec: "hevc", data: "02", delay: 500 }],
  },
  {
    name: "a modifier of 256 bytes",
    body: `a7 ff 00ff ${"00".repeat(256)} 13 "hvc1" 02`,
    packets: [{ role: "delta", codec: "hevc", data: "02" }],
  },
  {
    name: "a modifier that is cut off",
    body: "a7 05 0000",
    packets: [{ role: "delta", codec: "video-enhanced", data: "a7 05 0000" }],
  },
  {
    name: "a modifier and nothing else",
    body: "a7 00 ff 13",
    packets: [{ role: "delta", codec: "video-enhanced", data: "a7 00 ff 13" }],
  },
];

const MULTITRACK_VIDEO: readonly Case[] = [
  {
    name: "one track, the main one",
    body: '96 01 "avc1" 00 000028 65',
    packets: [{ role: "key", codec: "avc", data: "65", delay: 40_000, body: '91 "avc1" 000028 65' }],
  },
  {
    name: "one track, another one",
    body: '96 01 "avc1" 02 000028 65',
    packets: [{ role: "key", codec: "avc", data: "65", delay: 40_000, track: 2 }],
  },
  {
    name: "many tracks",
    body: 'a6 13 "hvc1" 00 000002 0203 01 000001 04',
    packets: [
      { role: "delta", codec: "hevc", data: "0203", body: 'a3 "hvc1" 0203' },
      { role: "delta", codec: "hevc", data: "04", track: 1, body: 'a6 03 "hvc1" 01 04' },
    ],
  },
  {
    name: "many tracks of many codecs",
    body: '96 20 "avc1" 00 000002 0164 "hvc1" 01 000002 0101',
    packets: [
      { role: "config", codec: "avc", data: "0164", body: '90 "avc1" 0164' },
      { role: "config", codec: "hevc", data: "0101", track: 1, body: '96 00 "hvc1" 01 0101' },
    ],
  },
  {
    name: "many tracks behind a modifier",
    body: 'a7 02 07a4a4 06 13 "hvc1" 00 000001 02 07 000001 03',
    packets: [
      { role: "delta", codec: "hevc", data: "02", delay: 500, body: 'a7 02 07a4a4 03 "hvc1" 02' },
      { role: "delta", codec: "hevc", data: "03", delay: 500, track: 7, body: 'a7 02 07a4a4 06 03 "hvc1" 07 03' },
    ],
  },
  {
    name: "a track that is cut off",
    body: 'a6 13 "hvc1" 00 000005 02',
    packets: [{ role: "delta", codec: "video-enhanced", data: 'a6 13 "hvc1" 00 000005 02' }],
  },
  {
    name: "an unknown kind of multitrack",
    body: 'a6 33 "hvc1" 00 02',
    packets: [{ role: "delta", codec: "video-enhanced", data: 'a6 33 "hvc1" 00 02' }],
  },
  {
    name: "multitrack in multitrack",
    body: 'a6 06 "hvc1" 00 02',
    packets: [{ role: "delta", codec: "video-enhanced", data: 'a6 06 "hvc1" 00 02' }],
  },
];

const AUDIO: readonly Case[] = [
  { name: "AAC configuration", body: "af 00 1210", packets: [{ role: "config", codec: "aac", data: "1210" }] },
  { name: "AAC frame", body: "af 01 2110", packets: [{ role: "frame", codec: "aac", data: "2110" }] },
  { name: "AAC cut off", body: "af", packets: [{ role: "frame", codec: "audio-10", data: "af" }] },
  {
    name: "AAC packet of an unknown type",
    body: "af 02 00",
    packets: [{ role: "frame", codec: "audio-10", data: "af 02 00" }],
  },
  { name: "MP3", body: "2f fffb", packets: [{ role: "frame", codec: "mp3", data: "fffb" }] },
  { name: "MP3 at 8 kHz", body: "e2 fffb", packets: [{ role: "frame", codec: "mp3", data: "fffb" }] },
  { name: "Speex", body: "b6 1e", packets: [{ role: "frame", codec: "audio-11", data: "1e" }] },
  { name: "G.711", body: "70 d5", packets: [{ role: "frame", codec: "audio-7", data: "d5" }] },
  {
    name: "Opus header",
    body: '90 "Opus" "OpusHead"',
    packets: [{ role: "config", codec: "opus", data: '"OpusHead"' }],
  },
  { name: "Opus frame", body: '91 "Opus" fc', packets: [{ role: "frame", codec: "opus", data: "fc" }] },
  { name: "Opus end", body: '92 "Opus"', packets: [{ role: "end", codec: "opus", data: "" }] },
  { name: "FLAC header", body: '90 "fLaC" "fLaC"', packets: [{ role: "config", codec: "flac", data: '"fLaC"' }] },
  { name: "AC-3 frame", body: '91 "ac-3" 0b77', packets: [{ role: "frame", codec: "ac3", data: "0b77" }] },
  { name: "E-AC-3 frame", body: '91 "ec-3" 0b77', packets: [{ role: "frame", codec: "eac3", data: "0b77" }] },
  { name: "MP3 by FourCC", body: '91 ".mp3" fffb', packets: [{ role: "frame", codec: "mp3", data: "fffb" }] },
  { name: "AAC by FourCC", body: '90 "mp4a" 1210', packets: [{ role: "config", codec: "aac", data: "1210" }] },
  {
    name: "channel layout",
    body: '94 "Opus" 0102 00000003',
    packets: [{ role: "metadata", codec: "opus", data: "010200000003" }],
  },
  {
    name: "an offset",
    body: '97 02 07a4a4 01 "Opus" fc',
    packets: [{ role: "frame", codec: "opus", data: "fc", delay: 500 }],
  },
  { name: "unknown FourCC", body: '91 "alac" 01', packets: [{ role: "frame", codec: "audio-alac", data: "01" }] },
  {
    name: "unknown packet type",
    body: '9c "Opus" 01',
    packets: [{ role: "frame", codec: "audio-Opus", data: '9c "Opus" 01' }],
  },
  {
    name: "enhanced and cut off",
    body: '91 "Op"',
    packets: [{ role: "frame", codec: "audio-enhanced", data: '91 "Op"' }],
  },
  {
    name: "many tracks of many codecs",
    body: '95 21 "Opus" 00 000001 fc "mp4a" 01 000002 2110',
    packets: [
      { role: "frame", codec: "opus", data: "fc", body: '91 "Opus" fc' },
      { role: "frame", codec: "aac", data: "2110", track: 1, body: '95 01 "mp4a" 01 2110' },
    ],
  },
];

const ON_META_DATA = '02 000a "onMetaData" 08 00000000 0000 09';

const SCRIPT: readonly Case[] = [
  { name: "onMetaData", body: ON_META_DATA, packets: [{ role: "metadata", codec: "script", data: ON_META_DATA }] },
  {
    name: "onMetaData behind @setDataFrame",
    body: `02 000d "@setDataFrame" ${ON_META_DATA}`,
    packets: [{ role: "metadata", codec: "script", data: ON_META_DATA, body: ON_META_DATA }],
  },
  {
    name: "a cue point",
    body: '02 000a "onCuePoint" 05',
    packets: [{ role: "frame", codec: "script", data: '02 000a "onCuePoint" 05' }],
  },
  {
    name: "text behind @setDataFrame",
    body: '02 000d "@setDataFrame" 02 000a "onTextData" 05',
    packets: [{ role: "frame", codec: "script", data: '02 000a "onTextData" 05', body: '02 000a "onTextData" 05' }],
  },
  { name: "a number instead of a name", body: "00 00", packets: [{ role: "frame", codec: "script", data: "00 00" }] },
  { name: "@setDataFrame alone", body: '02 000d "@setDataFrame"', packets: [] },
];

const TABLES: readonly { readonly title: string; readonly tagType: FlvTagType; readonly cases: readonly Case[] }[] = [
  { title: "video", tagType: TAG_VIDEO, cases: VIDEO },
  { title: "enhanced video", tagType: TAG_VIDEO, cases: ENHANCED_VIDEO },
  { title: "modified video", tagType: TAG_VIDEO, cases: MODIFIERS },
  { title: "multitrack video", tagType: TAG_VIDEO, cases: MULTITRACK_VIDEO },
  { title: "audio", tagType: TAG_AUDIO, cases: AUDIO },
  { title: "script", tagType: TAG_SCRIPT, cases: SCRIPT },
];

const tagTypes = fc.constantFrom<FlvTagType>(TAG_AUDIO, TAG_VIDEO, TAG_SCRIPT);

function expand(expected: Expected, tagType: FlvTagType, body: string): MediaPacket {
  const { role, codec, track = 0, delay = 0 } = expected;
  return {
    kind: tagType === TAG_VIDEO ? "video" : tagType === TAG_AUDIO ? "audio" : "data",
    role,
    codec,
    track,
    dts: DTS,
    pts: DTS + delay,
    data: bytes(expected.data),
    body: bytes(expected.body ?? body),
  };
}

for (const { title, tagType, cases } of TABLES) {
  Deno.test(`bodies of ${title} become packets`, async (t) => {
    for (const { name, body, packets } of cases) {
      await t.step(name, () => {
        assertEquals(parseTagBody(tagType, MS, bytes(body)), packets.map((packet) => expand(packet, tagType, body)));
      });
    }
  });
}

Deno.test("an empty body has no packet", () => {
  for (const tagType of [TAG_AUDIO, TAG_VIDEO, TAG_SCRIPT] as const) {
    assertEquals(parseTagBody(tagType, MS, new Uint8Array(0)), []);
  }
});

Deno.test("bodies are not copied, except those of multitrack messages", () => {
  for (const { title, tagType, cases } of TABLES) {
    if (title === "multitrack video") continue;
    for (const { body } of cases) {
      const input = bytes(body);
      const packets = parseTagBody(tagType, MS, input);
      if (packets.length !== 1) continue;
      assertStrictEquals(packets[0].body.buffer, input.buffer);
      assertStrictEquals(packets[0].data.buffer, input.buffer);
    }
  }
});

Deno.test("data is always a view of the packet's own body", () => {
  for (const { tagType, cases } of TABLES) {
    for (const { body } of cases) {
      for (const packet of parseTagBody(tagType, MS, bytes(body))) {
        assertStrictEquals(packet.data.buffer, packet.body.buffer);
      }
    }
  }
});

Deno.test("bodies that are cut off are packets, never an error", () => {
  for (const { tagType, cases } of TABLES) {
    for (const { body } of cases) {
      for (const part of beginnings(bytes(body))) checkWellFormed(tagType, part);
    }
  }
});

Deno.test("any bytes are packets, never an error", () => {
  fc.assert(fc.property(tagTypes, fc.uint8Array({ maxLength: 60 }), checkWellFormed), { numRuns: 2000 });
});

Deno.test("any enhanced multitrack bytes are packets, never an error", () => {
  const heads = fc.constantFrom<[FlvTagType, string]>([TAG_VIDEO, "96"], [TAG_AUDIO, "95"], [TAG_VIDEO, "97 00 00 06"]);
  fc.assert(
    fc.property(heads, fc.uint8Array({ maxLength: 60 }), ([tagType, head], tail) => {
      checkWellFormed(tagType, concat([bytes(head), tail]));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a message cannot make more packets than there are track numbers", () => {
  const track = bytes("00 000000");
  const message = (tracks: number) => concat([bytes('96 13 "hvc1"'), ...Array(tracks).fill(track)]);
  assertEquals(parseTagBody(TAG_VIDEO, MS, message(MAX_TRACKS)).length, MAX_TRACKS);
  assertEquals(parseTagBody(TAG_VIDEO, MS, message(MAX_TRACKS + 1)).length, 1);
});

Deno.test("a script's data is the AMF0 that was encoded", () => {
  const script = encodeAmf0("onMetaData", { width: 1280 });
  const [packet] = parseTagBody(TAG_SCRIPT, MS, encodeAmf0("@setDataFrame", "onMetaData", { width: 1280 }));
  assertEquals(packet.data, script);
});

/** Whatever comes, packets have times in whole microseconds, and their bodies, parsed again, give the same packets. */
function checkWellFormed(tagType: FlvTagType, body: Uint8Array): void {
  for (const packet of parseTagBody(tagType, MS, body)) {
    assertStrictEquals(packet.dts, DTS);
    assert(Number.isInteger(packet.pts));
    if (tagType !== TAG_SCRIPT) assertEquals(parseTagBody(tagType, MS, packet.body), [packet]);
  }
}
