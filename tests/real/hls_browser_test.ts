/// <reference lib="dom" />
import { assert, assertEquals, assertGreater } from "@std/assert";
import hlsJs from "hls.js/dist/hls.min.js" with { type: "text" };
import type { Page } from "playwright-core";
import type { MediaPacket } from "../../media/packet.ts";
import { eventually } from "../support/eventually.ts";
import { AUTOPLAY, CHROMIUM, launchBrowser, openPage } from "./browser.ts";
import { encode } from "./encoded.ts";
import { AAC, H264 } from "./ffmpeg.ts";
import type { HlsMirror, MirroredRequest } from "./hls_mirror.ts";
import { type HlsScene, openScene, PacedPublisher, type SceneOptions } from "./hls_scene.ts";

/** Pictures carry their number as bits: so many bars, so wide in pixels, the lowest bit on the left. */
const BARS = 16;
const BAR_WIDTH = 10;
const WIDTH = BARS * BAR_WIDTH;
const HEIGHT = 90;

/** Parts last 200 ms. */
const PICTURES_PER_PART = 5;

const NUMBERED = [
  "-vf",
  `scale=${BARS}:2,geq=lum='if(mod(floor(N/pow(2,X)),2),235,16)':cb=128:cr=128,scale=${WIDTH}:${HEIGHT}:flags=neighbor`,
  ...[
    "-c:v",
    "libx264",
    "-preset",
    "veryfast",
    "-tune",
    "zerolatency",
    "-g",
    "25",
    "-sc_threshold",
    "0",
    "-pix_fmt",
    "yuv420p",
  ],
];

const LARGE = NUMBERED.map((argument) => argument.replace(`${WIDTH}:${HEIGHT}`, `${2 * WIDTH}:${2 * HEIGHT}`));

const PAGE = `<!doctype html><video id="video" muted playsinline></video><script src="/hls.js"></script><script>
  const seen = [];
  const errors = [];
  const video = document.getElementById("video");
  const canvas = new OffscreenCanvas(${WIDTH}, ${HEIGHT});
  const pixels = canvas.getContext("2d", { willReadFrequently: true });
  function look() {
    pixels.drawImage(video, 0, 0, ${WIDTH}, ${HEIGHT});
    const row = pixels.getImageData(0, ${HEIGHT / 2}, ${WIDTH}, 1).data;
    let number = 0;
    for (let bar = 0; bar < ${BARS}; bar++) {
      if (row[(bar * ${BAR_WIDTH} + ${BAR_WIDTH / 2}) * 4] > 128) number += 2 ** bar;
    }
    seen.push({ number, at: Date.now(), time: video.currentTime });
    video.requestVideoFrameCallback(look);
  }
  function play(options) {
    globalThis.hls = new Hls(options);
    hls.on(Hls.Events.ERROR, (_, { details, fatal, error }) => errors.push({ details, fatal, message: String(error) }));
    hls.loadSource("/hls/live/cam/index.m3u8");
    hls.attachMedia(video);
    video.requestVideoFrameCallback(look);
    video.play();
  }
</script>`;

const FILES = {
  "/player.html": { type: "text/html", body: PAGE },
  "/hls.js": { type: "text/javascript", body: hlsJs },
};

/** What the page's script declares. */
declare const seen: { readonly number: number; readonly at: number; readonly time: number }[];
declare const video: HTMLVideoElement;
declare const errors: { readonly details: string; readonly fatal: boolean }[];
declare const hls: {
  readonly latency: number;
  readonly targetLatency: number;
  readonly levels: readonly { readonly width: number }[];
  nextLevel: number;
};
declare function look(): void;
declare function play(options: Record<string, unknown>): void;

interface BrowserScene extends HlsScene {
  readonly page: Page;
}

/** A server, a mirror and a page that can play. */
function scene(name: string, options: SceneOptions, run: (scene: BrowserScene) => Promise<void>): void {
  Deno.test({ name, ignore: !CHROMIUM, fn });

  async function fn(): Promise<void> {
    await using opened = await openScene({ ...options, files: FILES });
    const browser = await launchBrowser(AUTOPLAY);
    try {
      const page = await openPage(browser);
      await page.goto(`${opened.mirror.url}/player.html`);
      await run(Object.assign(opened, { page }));
      assertEquals(await page.evaluate(() => errors.filter(({ fatal }) => fatal)), []);
      assertEquals(opened.mirror.faults, []);
    } finally {
      await browser.close();
    }
  }
}

/** Waits until so many seconds have been played since now, with pictures unless there are none. */
async function plays(page: Page, seconds: number, rate = 10): Promise<void> {
  const before = await page.evaluate(() => ({ time: video.currentTime, frames: seen.length }));
  await page.waitForFunction(({ time, frames, seconds, rate }) => {
    return video.currentTime > time + seconds && seen.length >= frames + seconds * rate;
  }, { ...before, seconds, rate });
}

/** A part of a segment, as the server names them. */
const PART = /\.\d+\.(ts|m4s)$/;

function partsOf(requests: readonly MirroredRequest[]): MirroredRequest[] {
  return requests.filter(({ path }) => PART.test(path));
}

/** Whether the newest part that a player has heard of has been loaded. */
function hasNewestPart({ playlists, requests }: HlsMirror): boolean {
  const { segments = [], pending } = playlists.get("/hls/live/cam/media.m3u8") ?? {};
  const newest = (pending?.parts ?? segments.at(-1)?.parts)?.at(-1);
  return newest !== undefined && requests.some(({ path }) => path.endsWith(newest.uri));
}

/** How long after it was sent each picture was seen, in milliseconds, sorted. */
function latencies(sentAt: readonly number[], pictures: readonly { number: number; at: number }[]): number[] {
  const found = pictures.flatMap(({ number, at }) => sentAt[number] === undefined ? [] : [at - sentAt[number]]);
  return found.sort((a, b) => a - b);
}

/** Some minutes of numbered pictures and sound: they begin anew in no test, however slow all is. */
function numberedClip(): Promise<MediaPacket[]> {
  return encode({ seconds: 120, video: NUMBERED, audio: AAC });
}

for (const container of ["ts", "fmp4"] as const) {
  scene(`hls.js plays ${container} with low latency, from parts`, { settings: { container } }, async (scene) => {
    const { page, mirror } = scene;
    await using publisher = await PacedPublisher.start(scene.rtmp, await numberedClip());
    await page.evaluate(() => play({ lowLatencyMode: true }));
    await plays(page, 6);
    const pictures = await page.evaluate(() => seen.slice(seen.length / 2));
    const sorted = latencies(publisher.sentAt, pictures);
    assertGreater(sorted.length, 0);
    const claimed = await page.evaluate(() => ({ latency: hls.latency, target: hls.targetLatency }));
    console.log(
      `hls.js, ${container}, key frames every second: a picture is seen ${
        sorted[sorted.length >> 1]
      } ms after it was sent ` +
        `(${sorted[0]} to ${sorted.at(-1)}); hls.js says ${claimed.latency.toFixed(2)} s, target ${claimed.target}`,
    );
    // A player that has fallen behind takes segments until it has caught up.
    await eventually(() => partsOf(mirror.requests).length > 10, "it does not play from parts");
    assert(mirror.requests.some(({ path }) => path.includes("_HLS_msn=")), "playlists were waited for");
  });

  scene(`hls.js plays ${container} without low latency, from segments`, { settings: { container } }, async (scene) => {
    const { page, mirror } = scene;
    await using publisher = await PacedPublisher.start(scene.rtmp, await numberedClip());
    await page.evaluate(() => play({ lowLatencyMode: false }));
    await plays(page, 4);
    assertGreater(publisher.sentAt.length, 100);
    assertEquals(partsOf(mirror.requests), []);
  });
}

scene(
  "hls.js plays encrypted segments",
  { settings: { encryption: { enabled: true, segmentsPerKey: 1 } } },
  async (scene) => {
    const { page, mirror } = scene;
    await using _publisher = await PacedPublisher.start(scene.rtmp, await numberedClip());
    await page.evaluate(() => play({}));
    await plays(page, 4);
    const keys = () => new Set(mirror.requests.flatMap(({ path }) => path.endsWith(".key") ? [path] : []));
    await eventually(() => keys().size > 1, "one key is for all");
  },
);

scene("hls.js comes to the end of a stream that ends", { settings: {} }, async ({ page, rtmp, mirror }) => {
  const publisher = await PacedPublisher.start(rtmp, await numberedClip());
  await page.evaluate(() => play({ lowLatencyMode: true }));
  await plays(page, 2);
  // hls.js passes over a part that completes a segment while it loads the part before, and does not see that a very short one
  // is there when sound and picture do not end together.
  await publisher.stop(PICTURES_PER_PART);
  await eventually(() => hasNewestPart(mirror), "the newest part was not loaded");
  await publisher.end();
  await page.waitForFunction(() => video.ended);
  // The browser may show pictures without a word when it is busy: what it shows in the end counts.
  await page.waitForFunction((last) => {
    look();
    return seen.at(-1)!.number >= last;
  }, publisher.sentAt.length - 2);
});

for (const container of ["ts", "fmp4"] as const) {
  // The other publisher has time to come, and the place where it came stays in the playlist, however slow all is.
  const options = { settings: { container, windowSegments: 100 }, graceSeconds: 60 };
  scene(`hls.js goes on in ${container} when a publisher returns with other pictures`, options, async (scene) => {
    const { page, rtmp, mirror } = scene;
    const [clip, other] = [await numberedClip(), await encode({ seconds: 10, video: LARGE, audio: AAC })];
    const first = await PacedPublisher.start(rtmp, clip);
    await page.evaluate(() => play({ lowLatencyMode: true }));
    await plays(page, 2);
    await first.vanish();
    await using _second = await PacedPublisher.start(rtmp, other);
    await page.waitForFunction((width) => video.videoWidth === width, 2 * WIDTH);
    await plays(page, 3);
    const playlist = mirror.playlists.get("/hls/live/cam/media.m3u8")!;
    assertEquals(playlist.segments.filter(({ discontinuity }) => discontinuity).length, 1);
  });
}

scene("hls.js changes between the qualities of a program", {
  settings: { groups: { "live/cam": ["live/cam_*"] } },
}, async ({ page, rtmp, mirror }) => {
  const [low, high] = await Promise.all([numberedClip(), encode({ seconds: 10, video: LARGE, audio: AAC })]);
  await using _low = await PacedPublisher.start(`${rtmp}_low`, low);
  await using _high = await PacedPublisher.start(`${rtmp}_high`, high);
  await page.evaluate(() => play({ lowLatencyMode: true, startLevel: 0 }));
  await plays(page, 2);
  assertEquals(await page.evaluate(() => hls.levels.length), 2);
  for (const width of [2 * WIDTH, WIDTH]) {
    await page.evaluate((width) => hls.nextLevel = hls.levels.findIndex((level) => level.width === width), width);
    await page.waitForFunction((width) => video.videoWidth === width, width);
    await plays(page, 1);
  }
  assert(mirror.requests.every(({ status }) => status < 500));
});

for (const container of ["ts", "fmp4"] as const) {
  const options = { settings: { container, windowSegments: 12 } };
  scene(`Chromium plays ${container} by itself, without a script`, options, async ({ page, rtmp, mirror }) => {
    if (await page.evaluate(() => video.canPlayType("application/vnd.apple.mpegurl")) === "") return;
    await using _publisher = await PacedPublisher.start(rtmp, await numberedClip(), 24_000);
    await mirror.fetch("/hls/live/cam/index.m3u8");
    await page.evaluate(() => {
      video.src = "/hls/live/cam/index.m3u8";
      video.requestVideoFrameCallback(look);
      void video.play();
    });
    await plays(page, 3);
    assertEquals(await page.evaluate(() => video.error?.message), undefined);
  });
}

interface Codecs {
  readonly name: string;
  readonly video?: readonly string[];
  readonly audio: readonly string[];
  /** By default true; hls.js places the MP3 frames of parts at wrong times. */
  readonly lowLatencyMode?: boolean;
}

const CODECS: readonly Codecs[] = [
  { name: "AV1 and Opus", video: ["-c:v", "libsvtav1", "-preset", "12", "-g", "25"], audio: ["-c:a", "libopus"] },
  {
    name: "VP9 and FLAC",
    video: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25"],
    audio: ["-c:a", "flac"],
  },
  { name: "H.264 and MP3", video: H264, audio: ["-c:a", "libmp3lame"], lowLatencyMode: false },
  { name: "sound alone", audio: AAC },
];

for (const { name, lowLatencyMode = true, ...codecs } of CODECS) {
  scene(`hls.js plays ${name}`, { settings: {} }, async ({ page, rtmp }) => {
    await using _publisher = await PacedPublisher.start(rtmp, await encode({ seconds: 8, ...codecs }));
    await page.evaluate((lowLatencyMode) => play({ lowLatencyMode }), lowLatencyMode);
    await page.waitForFunction(() => video.currentTime > 0);
    await plays(page, 2, codecs.video ? 10 : 0);
  });
}
