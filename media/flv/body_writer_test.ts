import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { bytes } from "../testing.ts";
import { parseTagBody } from "./body.ts";
import { audioConfigBody, audioFrameBody, hasFlvBody, videoConfigBody, videoFrameBody } from "./body_writer.ts";
import { TAG_AUDIO, TAG_VIDEO } from "./tag.ts";

const VIDEO = ["avc", "hevc", "vvc", "av1", "vp8", "vp9"];
const AUDIO = ["aac", "mp3", "opus", "flac", "ac3", "eac3"];
const REORDERED = ["avc", "hevc", "vvc"];
const DATA = bytes("0102 0304");

for (
  const { name, body, expected } of [
    { name: "AVC configuration", body: videoConfigBody("avc", bytes("0164")), expected: "17 00 000000 0164" },
    { name: "AVC key frame", body: videoFrameBody("avc", true, 80_000, bytes("65")), expected: "17 01 000050 65" },
    { name: "AVC inter frame", body: videoFrameBody("avc", false, -40_000, bytes("41")), expected: "27 01 ffffd8 41" },
    { name: "HEVC configuration", body: videoConfigBody("hevc", bytes("01")), expected: '90 "hvc1" 01' },
    {
      name: "HEVC key frame",
      body: videoFrameBody("hevc", true, 80_000, bytes("26")),
      expected: '91 "hvc1" 000050 26',
    },
    {
      name: "HEVC frame without a delay",
      body: videoFrameBody("hevc", false, 0, bytes("02")),
      expected: 'a3 "hvc1" 02',
    },
    { name: "AV1 configuration", body: videoConfigBody("av1", bytes("81")), expected: '90 "av01" 81' },
    { name: "AV1 key frame", body: videoFrameBody("av1", true, 0, bytes("0a")), expected: '91 "av01" 0a' },
    { name: "VP9 inter frame", body: videoFrameBody("vp9", false, 0, bytes("86")), expected: 'a1 "vp09" 86' },
    { name: "AAC configuration", body: audioConfigBody("aac", bytes("1190"))!, expected: "af 00 1190" },
    { name: "AAC frame", body: audioFrameBody("aac", bytes("21")), expected: "af 01 21" },
    { name: "MP3 frame", body: audioFrameBody("mp3", bytes("fffb")), expected: "2f fffb" },
    { name: "Opus configuration", body: audioConfigBody("opus", bytes("4f"))!, expected: '90 "Opus" 4f' },
    { name: "Opus frame", body: audioFrameBody("opus", bytes("fc")), expected: '91 "Opus" fc' },
  ]
) {
  Deno.test(`${name} is written as the specification has it`, () => assertEquals(body, bytes(expected)));
}

for (const codec of VIDEO) {
  Deno.test(`what is written of ${codec} is read back`, () => {
    fc.assert(fc.property(fc.boolean(), fc.integer({ min: -0x80_0000, max: 0x7f_ffff }), fc.uint8Array(), check));
    function check(isKey: boolean, ms: number, data: Uint8Array): void {
      const body = videoFrameBody(codec, isKey, ms * 1000, data);
      const [packet, ...others] = parseTagBody(TAG_VIDEO, 7, body);
      const pts = 7000 + (REORDERED.includes(codec) ? ms * 1000 : 0);
      assertEquals(others, []);
      assertEquals({ ...packet, data: [...packet.data] }, {
        kind: "video",
        role: isKey ? "key" : "delta",
        codec,
        track: 0,
        dts: 7000,
        pts,
        data: [...data],
        body,
      });
    }
    const [config] = parseTagBody(TAG_VIDEO, 0, videoConfigBody(codec, DATA));
    assertEquals([config.role, config.codec, config.data], ["config", codec, DATA]);
  });
}

for (const codec of AUDIO) {
  Deno.test(`what is written of ${codec} is read back`, () => {
    const [frame, ...others] = parseTagBody(TAG_AUDIO, 7, audioFrameBody(codec, DATA));
    assertEquals(others, []);
    assertEquals([frame.kind, frame.role, frame.codec, frame.dts, frame.data], ["audio", "frame", codec, 7000, DATA]);
    const body = audioConfigBody(codec, DATA);
    if (!body) return assertStrictEquals(codec, "mp3");
    const [config] = parseTagBody(TAG_AUDIO, 0, body);
    assertEquals([config.role, config.codec, config.data], ["config", codec, DATA]);
  });
}

Deno.test("a codec that FLV has no body for is refused by name", () => {
  assertThrows(() => videoConfigBody("theora", DATA), TypeError, '"theora"');
  assertThrows(() => audioFrameBody("vorbis", DATA), TypeError, '"vorbis"');
  assertThrows(() => videoFrameBody("aac", true, 0, DATA), TypeError, '"aac"');
  assertThrows(() => audioFrameBody("hasOwnProperty", DATA), TypeError);
  assert(hasFlvBody("video", "av1") && hasFlvBody("audio", "opus"));
  assert(!hasFlvBody("video", "opus") && !hasFlvBody("audio", "vorbis"));
});

Deno.test("a delay that 24 bits cannot hold is refused", () => {
  assertThrows(() => videoFrameBody("avc", true, 8_388_608_000, DATA), RangeError, "8388608 ms");
});
