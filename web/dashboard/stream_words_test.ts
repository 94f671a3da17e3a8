import { assertEquals } from "@std/assert";
import type { StreamState } from "./shapes.ts";
import { audienceText, streamPath, tracksText } from "./stream_words.ts";

const stream: StreamState = {
  id: "live/cam",
  vhost: "_",
  app: "live",
  name: "cam",
  state: "live",
  seconds: 72,
  publisher: { protocol: "rtmp", remote: "192.0.2.7:4000" },
  tracks: [
    { kind: "video", codec: "avc", width: 1280, height: 720, frameRate: 24.97, gopSeconds: 2 },
    { kind: "audio", codec: "aac" },
    { kind: "data", codec: "amf0" },
  ],
  bitrate: { "1s": 2_000_000 },
  viewers: { total: 1, peak: 4 },
  sinks: [],
};

Deno.test("a stream's tracks are told with what matters for players", () => {
  assertEquals(tracksText(stream.tracks), "H.264 1280 × 720, 25 fps, a key frame every 2.0 s · AAC");
  assertEquals(tracksText([]), "Nothing has come yet");
});

Deno.test("a stream's audience is told with the most there was and where it comes from", () => {
  assertEquals(audienceText(stream), "1 viewer, 4 at most · on air for 1:12 · rtmp from 192.0.2.7");
  const alone = { ...stream, viewers: { total: 2, peak: 2 }, publisher: undefined };
  assertEquals(audienceText(alone), "2 viewers · on air for 1:12 · no publisher");
});

Deno.test("a stream is found in the API by its name, and by its vhost where it has one", () => {
  assertEquals(streamPath(stream), "/streams/live/cam");
  assertEquals(streamPath(stream, "/sinks/hls"), "/streams/live/cam/sinks/hls");
  assertEquals(streamPath({ ...stream, id: "a.test:live/cam", vhost: "a.test" }), "/streams/live/cam?vhost=a.test");
});
