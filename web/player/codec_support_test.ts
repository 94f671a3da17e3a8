import { assertEquals, assertStrictEquals } from "@std/assert";
import { codecName, describeTrack } from "../shared/codec_names.ts";
import { findMediaSource, unplayableCodec } from "./codec_support.ts";

const only = (...types: string[]) => ({ isTypeSupported: (type: string) => types.includes(type) });
const avc = { codec: "avc", codecString: "avc1.64001f" };
const hevc = { codec: "hevc", codecString: "hvc1.1.6.L93.B0" };
const aac = { codec: "aac", codecString: "mp4a.40.2" };
const common = only('video/mp4; codecs="avc1.64001f"', 'audio/mp4; codecs="mp4a.40.2"', "audio/mpeg");

Deno.test("a stream of codecs that the browser has is playable", () => {
  assertStrictEquals(unplayableCodec({ video: avc, audio: aac }, common), undefined);
  assertStrictEquals(unplayableCodec({ video: null, audio: { codec: "mp3", codecString: "mp3" } }, common), undefined);
});

Deno.test("the codec that the browser lacks is named", () => {
  assertEquals(unplayableCodec({ video: hevc, audio: aac }, common), "H.265");
  assertEquals(unplayableCodec({ video: avc, audio: aac }, only('video/mp4; codecs="avc1.64001f"')), "AAC");
});

Deno.test("a codec of which nothing is known yet is tried", () => {
  assertStrictEquals(unplayableCodec({ video: { codec: "video-4" }, audio: null }, only()), undefined);
});

Deno.test("an iPhone's managed media source is preferred, and a browser without any has none", () => {
  const [managed, plain] = [only("a"), only("b")];
  assertStrictEquals(findMediaSource({ ManagedMediaSource: managed, MediaSource: plain }), managed);
  assertStrictEquals(findMediaSource({ MediaSource: plain }), plain);
  assertStrictEquals(findMediaSource({}), undefined);
});

Deno.test("codecs have the names that people know, unknown ones their own", () => {
  assertEquals(describeTrack(avc), "H.264 (avc1.64001f)");
  assertEquals(describeTrack({ codec: "opus", codecString: "opus" }), "Opus");
  assertEquals(codecName("video-4"), "video-4");
  assertEquals(codecName("constructor"), "constructor");
});
