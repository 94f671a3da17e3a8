/// <reference lib="dom" />
import { assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import type { Page } from "playwright-core";
import type { LiveSource } from "../../media/mp4/live_index.ts";
import { AUTOPLAY, CHROMIUM, launchBrowser, openPage } from "./browser.ts";
import { encode, type EncodeOptions } from "./encoded.ts";
import { AAC, H264 } from "./ffmpeg.ts";
import { Fmp4Scene } from "./fmp4_scene.ts";
import { publishAll } from "./hls_scene.ts";
import { joined } from "./joined.ts";

/** Nobody answers there: the test gives the answers. */
const SITE = "http://sluice.test";

const CLIP: EncodeOptions = { seconds: 4, video: H264, audio: AAC, sampleRate: 44_100 };
const SMALL: EncodeOptions = { ...CLIP, video: [...H264, "-s", "160x90"] };

/** What a browser says of what it was given. */
interface Played {
  /** From and to where it can play, in seconds. */
  readonly ranges: readonly (readonly [number, number])[];
  /** Of the pictures near the beginning and near the end. */
  readonly widths: readonly number[];
  readonly error: string;
}

for (const variant of ["merge", "separate"] as const) {
  Deno.test({
    name: `a browser plays live segments of output_${variant} from the beginning to the end, also another resolution`,
    ignore: !CHROMIUM,
    fn: () =>
      withPage([CLIP, SMALL], async (scene, page) => {
        const sources = await scene.sources(variant);
        const { ranges, widths, error } = await page.evaluate(play, {
          base: `${SITE}/mp4/live/cam/output_${variant}`,
          sources: sources as LiveSource[],
        });
        assertEquals(error, "");
        // The sound of the second clip begins a moment after that of the first one has ended.
        assertEquals(ranges.length, 2);
        const [[start, gap], [after, end]] = ranges;
        assertAlmostEquals(after - gap, 0.07, 0.01);
        assertAlmostEquals(end - start, 8.1, 0.1);
        assertEquals(widths, [320, 160]);
      }),
  });
}

Deno.test({
  name: "a browser plays the complete file, and knows how long it is",
  ignore: !CHROMIUM,
  fn: () =>
    withPage([CLIP], async (_scene, page) => {
      const { duration, time } = await page.evaluate(playFile, `${SITE}/mp4/live/cam/output_merge/stream_full.mp4`);
      assertAlmostEquals(duration, 4, 0.2);
      assertGreater(time, 0.2);
    }),
});

/** Publishes clips one behind the other, and opens a page that sees the files. */
async function withPage(
  clips: readonly EncodeOptions[],
  use: (scene: Fmp4Scene, page: Page) => Promise<void>,
): Promise<void> {
  await using scene = await Fmp4Scene.open({ segmentSeconds: 1 });
  await publishAll(scene.rtmp, joined(await Promise.all(clips.map(encode))));
  await scene.complete();
  const browser = await launchBrowser(AUTOPLAY);
  try {
    const page = await openPage(browser);
    await page.route(`${SITE}/**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === "/") await route.fulfill({ contentType: "text/html", body: "<video muted></video>" });
      else await route.fulfill({ contentType: "video/mp4", path: scene.at(pathname) });
    });
    await page.goto(`${SITE}/`);
    await use(scene, page);
  } finally {
    await browser.close();
  }
}

/** Runs in the page: feeds the segments to a player as it would get them one after the other. */
async function play({ base, sources }: { base: string; sources: LiveSource[] }): Promise<Played> {
  const video = document.querySelector("video")!;
  const media = new MediaSource();
  video.src = URL.createObjectURL(media);
  await new Promise((resolve) => media.addEventListener("sourceopen", resolve, { once: true }));
  const append = async (buffer: SourceBuffer, uri: string) => {
    const bytes = await (await fetch(`${base}/${uri}`)).arrayBuffer();
    const done = new Promise((resolve) => buffer.addEventListener("updateend", resolve, { once: true }));
    buffer.appendBuffer(bytes);
    await done;
  };
  const buffers = sources.map(({ inits }) => media.addSourceBuffer(inits[0].type));
  for (const [i, { inits, segments }] of sources.entries()) {
    let init = -1;
    for (const segment of segments) {
      if (segment.init !== init) await append(buffers[i], inits[init = segment.init].uri);
      await append(buffers[i], segment.uri);
    }
  }
  media.endOfStream();
  const ranges = Array.from(
    { length: video.buffered.length },
    (_, i) => [video.buffered.start(i), video.buffered.end(i)],
  );
  // A picture from before may be shown while the one that was sought is being decoded.
  const seek = async (time: number) => {
    const next = () =>
      new Promise<VideoFrameCallbackMetadata>((resolve) => {
        video.requestVideoFrameCallback((_, picture) => resolve(picture));
      });
    const seen = next();
    video.currentTime = time;
    let picture = await seen;
    while (Math.abs(picture.mediaTime - time) > 0.5) picture = await next();
    return picture.width;
  };
  const widths = [await seek(ranges[0][0] + 0.5), await seek(ranges.at(-1)![1] - 1)];
  return { ranges: ranges as [number, number][], widths, error: video.error?.message ?? "" };
}

/** Runs in the page: plays a file for a moment. */
async function playFile(address: string): Promise<{ duration: number; time: number }> {
  const video = document.querySelector("video")!;
  video.src = address;
  await video.play();
  while (video.currentTime < 0.3) {
    await new Promise((resolve) => video.addEventListener("timeupdate", resolve, { once: true }));
  }
  return { duration: video.duration, time: video.currentTime };
}
