import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ByteWriter } from "../../media/bytes.ts";
import { KeyframeIndex } from "../../media/flv/keyframe_index.ts";
import { recordingHead } from "../../media/flv/recording_head.ts";
import { headDuration } from "./head_duration.ts";

function box(type: string, content: Uint8Array): Uint8Array {
  return new ByteWriter().u32(8 + content.length).raw(new TextEncoder().encode(type)).raw(content).view();
}

function movie(version: 0 | 1, timescale: number, duration: number): Uint8Array {
  const header = new ByteWriter().u8(version).u24(0).raw(new Uint8Array(version === 1 ? 16 : 8)).u32(timescale);
  if (version === 1) header.u32(0);
  header.u32(duration).raw(new Uint8Array(80));
  const ftyp = box("ftyp", new Uint8Array(16));
  return new ByteWriter().raw(ftyp).raw(box("moov", box("mvhd", header.view()))).view();
}

for (const version of [0, 1] as const) {
  Deno.test(`the duration of an MP4 file is read from its movie header, version ${version}`, () => {
    assertEquals(headDuration("mp4", movie(version, 1000, 61_500)), 61.5);
  });
}

Deno.test("an MP4 file whose index stands at its end does not say how long it is", () => {
  assertEquals(headDuration("mp4", box("mdat", new Uint8Array(100))), undefined);
  assertEquals(headDuration("mp4", movie(0, 0, 0)), undefined);
});

Deno.test("the duration of an FLV recording is read from its metadata, while it is being written there is none", () => {
  const head = (duration?: number) => recordingHead({ tracks: [], duration, index: new KeyframeIndex() });
  assertEquals(headDuration("flv", head(61_500).subarray(0, 4096)), 61.5);
  assertEquals(headDuration("flv", head()), undefined);
});

Deno.test("whatever a file begins with, it is read without a fault", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (noise, cut) => {
    headDuration("flv", noise);
    headDuration("mp4", noise);
    assertEquals(headDuration("mp4", movie(1, 1000, 1000).subarray(0, Math.min(cut, 50))), undefined);
  }));
});
