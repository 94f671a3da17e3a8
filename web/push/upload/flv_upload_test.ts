import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { audioConfigBody, audioFrameBody, videoConfigBody, videoFrameBody } from "../../../media/flv/body_writer.ts";
import { FlvDemuxer } from "../../../media/flv/demuxer.ts";
import { readMetadata } from "../../../media/flv/metadata.ts";
import { concat } from "../../../media/bytes.ts";
import { bytes } from "../../../media/testing.ts";
import { FlvUpload, type UploadPacket } from "./flv_upload.ts";

const videoConfig = (data = "0164"): UploadPacket => {
  return { kind: "video", role: "config", codec: "avc", dts: 0, body: videoConfigBody("avc", bytes(data)) };
};
const audioConfig: UploadPacket = {
  kind: "audio",
  role: "config",
  codec: "aac",
  dts: 0,
  body: audioConfigBody("aac", bytes("1190"))!,
};
const video = (role: "key" | "delta", dts: number): UploadPacket => {
  return { kind: "video", role, codec: "avc", dts, body: videoFrameBody("avc", role === "key", 0, bytes("65")) };
};
const sound = (dts: number): UploadPacket => {
  return { kind: "audio", role: "frame", codec: "aac", dts, body: audioFrameBody("aac", bytes("21")) };
};

/** What a server reads of these pieces. */
function read(...pieces: (Uint8Array | undefined)[]) {
  const packets = new FlvDemuxer().read(concat(pieces.filter((piece) => piece !== undefined)));
  return packets.map(({ kind, role, dts }) => `${kind} ${role} ${dts}`);
}

Deno.test("a publication begins with metadata and configurations, at the time it begins at", () => {
  const upload = new FlvUpload();
  upload.describe({ width: 1280, encoder: "Sluice" });
  upload.keep(videoConfig());
  upload.keep(audioConfig);
  const head = upload.begin(90_000_000);
  assertEquals(read(head), ["data metadata 90000000", "video config 90000000", "audio config 90000000"]);
  const [script] = new FlvDemuxer().read(head);
  assertEquals({ ...readMetadata(script) }, { width: 1280, encoder: "Sluice" });
});

Deno.test("frames keep their times, in whole milliseconds", () => {
  const upload = new FlvUpload();
  const pieces = [
    upload.begin(0),
    upload.tag(video("key", 40_999)),
    upload.tag(sound(50_000)),
    upload.tag(video("delta", 80_000)),
  ];
  assertEquals(read(...pieces).slice(1), ["video key 40000", "audio frame 50000", "video delta 80000"]);
});

Deno.test("a publication can count from another time than the session", () => {
  const upload = new FlvUpload();
  const pieces = [upload.begin(60_000_000, 59_000_000), upload.tag(sound(60_050_000)), upload.tag(sound(58_000_000))];
  assertEquals(read(...pieces), ["data metadata 1000000", "audio frame 1050000", "audio frame 0"]);
});

Deno.test("a publication's video begins with a key frame, after each reconnection too", () => {
  const upload = new FlvUpload();
  upload.begin(0);
  assertStrictEquals(upload.tag(video("delta", 0)), undefined);
  assert(upload.tag(sound(0)) && upload.tag(video("key", 0)) && upload.tag(video("delta", 40_000)));
  upload.begin(1_000_000);
  assertStrictEquals(upload.tag(video("delta", 1_000_000)), undefined);
});

Deno.test("a configuration is sent when it is another one", () => {
  const upload = new FlvUpload();
  assertEquals([videoConfig(), videoConfig(), audioConfig, videoConfig("014d")].map((config) => upload.keep(config)), [
    true,
    false,
    true,
    true,
  ]);
});

Deno.test("what is sent is known by its codecs", () => {
  const upload = new FlvUpload();
  assertEquals(upload.codecs, []);
  upload.tag(sound(0));
  upload.tag(video("key", 0));
  assertEquals(upload.codecs, ["avc", "aac"]);
});

Deno.test("times beyond 32 bits of milliseconds wrap as readers expect it", () => {
  const upload = new FlvUpload();
  const wrap = 2 ** 32 * 1000;
  const packets = new FlvDemuxer().read(concat([upload.begin(wrap - 10_000), upload.tag(sound(wrap + 30_000))!]));
  assertEquals(packets.map(({ dts }) => dts), [wrap - 10_000, wrap + 30_000]);
});
