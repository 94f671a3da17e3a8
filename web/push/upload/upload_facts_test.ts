import { assertEquals } from "@std/assert";
import type { RenditionFigures } from "./rendition.ts";
import { audienceFacts, bitrateText, bytesText, uploadFacts } from "./upload_facts.ts";

const START: RenditionFigures = {
  at: 1000,
  frames: 0,
  dropped: 0,
  sentBytes: 0,
  queueMs: 0,
  bitrate: 2_500_000,
  width: 0,
  height: 0,
  codecs: "",
};

Deno.test("rates are what two samples differ by, over the time between them", () => {
  const now = {
    ...START,
    at: 3000,
    frames: 60,
    dropped: 20,
    sentBytes: 600_000,
    queueMs: 12.4,
    width: 1280,
    height: 720,
    codecs: "AV1",
  };
  assertEquals(Object.fromEntries(uploadFacts(START, now)), {
    "Frame rate": "30 fps",
    "Upload": "2.4 Mbit/s",
    "Encoder's target": "2.5 Mbit/s",
    "Waiting to be sent": "12 ms",
    "Dropped frames": "20 (25.0 %)",
    "Picture": "1280 × 720",
    "Codecs": "AV1",
    "Sent": "600 KB",
  });
});

Deno.test("before anything is known nothing is claimed", () => {
  assertEquals(Object.fromEntries(uploadFacts(START, START))["Upload"], "–");
  assertEquals(audienceFacts(undefined, undefined).map(([, value]) => value), ["–", "–"]);
  assertEquals(audienceFacts(65_000, 3).map(([, value]) => value), ["1:05", "3"]);
});

Deno.test("bit rates and sizes are said in the unit that suits them", () => {
  assertEquals([850_400, 2_549_000].map(bitrateText), ["850 kbit/s", "2.5 Mbit/s"]);
  assertEquals([512_000, 3_440_000, 1.2e9].map(bytesText), ["512 KB", "3.4 MB", "1.20 GB"]);
});
