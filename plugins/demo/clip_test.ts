import { assert, assertEquals, assertLess } from "@std/assert";
import { parseTagBody } from "../../media/flv/body.ts";
import type { FlvTag } from "../../media/flv/reader.ts";
import { builtInClip } from "./clip.ts";

const GOP_FRAMES = 25;

const clip = builtInClip();
const packetsOf = (tags: readonly FlvTag[]) =>
  tags.flatMap(({ tagType, timestamp, body }) => parseTagBody(tagType, timestamp, body));

Deno.test("the clip brings metadata and both decoder configurations before its frames", () => {
  const headers = packetsOf(clip.headers).map(({ kind, role, codec }) => `${kind} ${role} ${codec}`).sort();
  assertEquals(headers, ["audio config aac", "data metadata script", "video config avc"]);
});

Deno.test("the clip is a whole number of groups of pictures, each led by a key frame", () => {
  const video = packetsOf(clip.frames).filter(({ kind }) => kind === "video");
  assertEquals(video.length % GOP_FRAMES, 0);
  video.forEach(({ role }, i) => assertEquals(role, i % GOP_FRAMES === 0 ? "key" : "delta", `picture ${i}`));
});

for (const kind of ["video", "audio"] as const) {
  Deno.test(`the clip's ${kind} frames are spread evenly over its length, so that rounds do not drift apart`, () => {
    const times = packetsOf(clip.frames).filter((packet) => packet.kind === kind).map(({ dts }) => dts / 1000);
    const spacing = clip.durationMs / times.length;
    times.forEach((time, i) => assertEquals(time, Math.round(i * spacing), `${kind} frame ${i}`));
  });
}

Deno.test("the clip needs no reordering: every picture is shown when it is decoded", () => {
  for (const { pts, dts } of packetsOf(clip.frames)) assertEquals(pts, dts);
});

Deno.test("the clip is small enough to be carried along", async () => {
  const { size } = await Deno.stat(new URL("./clip.flv.b64", import.meta.url));
  assert(size > 0);
  assertLess(size, 400_000);
});
