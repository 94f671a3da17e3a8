import { assertEquals } from "@std/assert";
import { banner } from "./banner.ts";

const http = { name: "http", url: "http://localhost:8501" };
const rtmp = { name: "rtmp", url: "rtmp://localhost:1935" };

Deno.test("the banner says what listens, how to publish and what to open", () => {
  assertEquals(
    banner("1.2.3", [http, rtmp], { plugins: ["rtmp", "http-flv", "hls", "pages"] }),
    `Sluice 1.2.3 is running
  http  http://localhost:8501
  rtmp  rtmp://localhost:1935

Publish
  ffmpeg  -re -i video.mp4 -c copy -f flv "rtmp://localhost:1935/live/stream"
  OBS     Server: rtmp://localhost:1935/live
          Stream Key: stream

Open
  http://localhost:8501/index.html
  http://localhost:8501/live/stream.flv
  http://localhost:8501/hls/live/stream/index.m3u8`,
  );
});

Deno.test("where publishers need a key, what is published carries one", () => {
  assertEquals(
    banner("1.2.3", [rtmp], { plugins: ["rtmp", "auth"], auth: { publish: { keys: { "live/*": "sesame" } } } }),
    `Sluice 1.2.3 is running
  rtmp  rtmp://localhost:1935

Publish
  ffmpeg  -re -i video.mp4 -c copy -f flv "rtmp://localhost:1935/live/stream?key=YOUR_KEY"
  OBS     Server: rtmp://localhost:1935/live
          Stream Key: stream?key=YOUR_KEY`,
  );
});

Deno.test("where anyone may publish, or nobody looks at keys, none is shown", () => {
  const needed = { publish: { keys: { "live/*": "sesame" } } };
  for (const config of [{ plugins: ["auth"], auth: { publish: { keys: {} } } }, { plugins: ["rtmp"], auth: needed }]) {
    assertEquals(banner("1.2.3", [rtmp], config).includes("YOUR_KEY"), false);
  }
});

Deno.test("without RTMP, ffmpeg publishes over HTTP", () => {
  assertEquals(
    banner("1.2.3", [http], { plugins: ["http-flv"] }),
    `Sluice 1.2.3 is running
  http  http://localhost:8501

Publish
  ffmpeg  -re -i video.mp4 -c copy -f flv "http://localhost:8501/live/stream"

Open
  http://localhost:8501/live/stream.flv`,
  );
});

Deno.test("with the demo, what to open is what is live already", () => {
  const config = { plugins: ["http-flv", "pages", "demo"], demo: { stream: "live/clip", enabled: true } };
  assertEquals(
    banner("1.2.3", [http], config),
    `Sluice 1.2.3 is running
  http  http://localhost:8501

Publish
  ffmpeg  -re -i video.mp4 -c copy -f flv "http://localhost:8501/live/stream"

Open
  http://localhost:8501/index.html
  http://localhost:8501/live/clip.flv`,
  );
});

Deno.test("a server without listeners has a short banner", () => {
  assertEquals(banner("1.2.3", [], { plugins: [] }), "Sluice 1.2.3 is running");
});
