import { assertEquals } from "@std/assert";
import { combinedFigures } from "./combined_figures.ts";

Deno.test("several streams are summed up, under the size of the largest", () => {
  const small = {
    at: 5,
    frames: 10,
    dropped: 1,
    sentBytes: 100,
    queueMs: 3,
    bitrate: 600,
    width: 640,
    height: 360,
    codecs: "AV1",
  };
  const large = {
    ...small,
    frames: 9,
    dropped: 2,
    sentBytes: 400,
    queueMs: 7,
    bitrate: 2500,
    width: 1280,
    height: 720,
  };
  assertEquals(combinedFigures([small, large]), {
    ...large,
    dropped: 3,
    sentBytes: 500,
    queueMs: 7,
    bitrate: 3100,
  });
});
