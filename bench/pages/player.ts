/// <reference lib="dom" />
/**
 * Measures what a viewer of a page sees: how long after it was sent each picture is shown, and whether that and the page's
 * memory grow.
 *
 * ```sh
 * deno run -A bench/pages/player.ts
 * deno run -A bench/pages/player.ts --minutes 30
 * deno run -A bench/pages/player.ts --page play.html
 * ```
 *
 * Pictures carry their number as bars; a key frame comes every second. Server, publisher and browser run on this machine,
 * without a screen: what a display adds is not in the figures.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { chromium, type Page } from "playwright-core";
import { createServer } from "../../kernel/server.ts";
import { hls } from "../../plugins/hls/plugin.ts";
import { pages } from "../../plugins/pages/plugin.ts";
import { httpFlv } from "../../protocols/http_flv/plugin.ts";
import { rtmp } from "../../protocols/rtmp/plugin.ts";
import { wsFlv } from "../../protocols/ws_flv/plugin.ts";
import { encode } from "../../tests/real/encoded.ts";
import { AAC } from "../../tests/real/ffmpeg.ts";
import { PacedPublisher } from "../../tests/real/hls_scene.ts";
import { findCommand } from "../../tests/setup.ts";

/** So many bars, so wide in pixels, the lowest bit on the left. */
const BARS = 16;
const BAR_WIDTH = 10;
const SIZE = { width: BARS * BAR_WIDTH, height: 90 };

/** How long the clip is that is sent over and over, in seconds, and its pictures. */
const CLIP_SECONDS = 30;
const CLIP_PICTURES = CLIP_SECONDS * 25;

const NUMBERED = [
  "-vf",
  `scale=${SIZE.width}:${SIZE.height},geq=lum='if(mod(floor(N/pow(2,floor(X/${BAR_WIDTH}))),2),235,16)':cb=128:cr=128`,
  ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-g", "25", "-pix_fmt", "yuv420p"],
];

const ARGUMENTS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking " +
  "--disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required --enable-precise-memory-info";

/** How often a line is printed, in seconds. */
const LINE_SECONDS = 10;

/** A picture that was seen, and when. */
type Seen = readonly [number: number, at: number];

const options = parseArgs(Deno.args, { default: { minutes: 0.5, page: "index.html" } });
await measure(String(options.page), Number(options.minutes) * 60);

async function measure(path: string, seconds: number): Promise<void> {
  const local = { host: "127.0.0.1", port: 0 };
  const server = await createServer({
    plugins: [rtmp(), httpFlv(), wsFlv(), hls(), pages()],
    config: { http: local, rtmp: local },
    log: () => {},
  });
  const executablePath = findCommand(["chromium", "chromium-browser", "google-chrome"]);
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS.split(" ") });
  try {
    const clip = await encode({ seconds: CLIP_SECONDS, video: NUMBERED, audio: AAC });
    const address = `rtmp://127.0.0.1:${server.address("rtmp").port}/live/cam`;
    await using publisher = await PacedPublisher.start(address, clip);
    const page = await browser.newPage();
    await page.goto(`${server.address("http").url}/${path}?stream=live/cam`);
    await page.evaluate(watchBars, { bars: BARS, barWidth: BAR_WIDTH, ...SIZE });
    await printLines(page, publisher, path, seconds);
  } finally {
    await browser.close();
    await server.close();
  }
}

async function printLines(page: Page, publisher: PacedPublisher, path: string, seconds: number): Promise<void> {
  const begun = performance.now();
  const all: number[] = [];
  while (performance.now() - begun < seconds * 1000) {
    await new Promise((resolve) => setTimeout(resolve, LINE_SECONDS * 1000));
    const { seen, says, heap, stalls } = await page.evaluate(takeSeen);
    const sorted = latencies(publisher.sentAt, seen);
    all.push(...sorted);
    const at = `${Math.round((performance.now() - begun) / 1000)} s`;
    console.log(`${path} ${at}: ${spread(sorted)}; the page says ${says}; heap ${heap} MB; ${stalls} stalls so far`);
  }
  console.log(`${path}, all of it: ${spread(all.sort((a, b) => a - b))}`);
}

function latencies(sentAt: readonly number[], seen: readonly Seen[]): number[] {
  const found = seen.flatMap(([number, at]) => {
    let index = number + Math.floor((sentAt.length - 1 - number) / CLIP_PICTURES) * CLIP_PICTURES;
    while (index >= 0 && sentAt[index] > at) index -= CLIP_PICTURES;
    return index >= 0 ? [at - sentAt[index]] : [];
  });
  return found.sort((a, b) => a - b);
}

function spread(sorted: readonly number[]): string {
  if (sorted.length === 0) return "no picture was seen";
  const part = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return `a picture is seen ${part(0.5)} ms after it was sent (p5 ${part(0.05)}, p95 ${
    part(0.95)
  }, ${sorted.length} pictures)`;
}

interface BarSize {
  readonly bars: number;
  readonly barWidth: number;
  readonly width: number;
  readonly height: number;
}

/** Runs in the page: notes the number of each picture that is shown. */
function watchBars({ bars, barWidth, width, height }: BarSize): void {
  const video = document.querySelector("video")!;
  const pixels = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  const noted = Object.assign(globalThis, { seenPictures: [] as Seen[], seenStalls: 0 });
  video.addEventListener("waiting", () => noted.seenStalls++);
  const look = () => {
    pixels.drawImage(video, 0, 0, width, height);
    const row = pixels.getImageData(0, height / 2, width, 1).data;
    let number = 0;
    for (let bar = 0; bar < bars; bar++) if (row[(bar * barWidth + barWidth / 2) * 4] > 128) number += 2 ** bar;
    noted.seenPictures.push([number, Date.now()]);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}

/** Runs in the page: what was noted since the last time. */
function takeSeen(): { seen: Seen[]; says: string; heap: string; stalls: number } {
  const noted = globalThis as unknown as { seenPictures: Seen[]; seenStalls: number };
  const entries = Array.from(document.querySelectorAll("#facts > div"));
  const says = entries.find(({ firstChild }) => firstChild?.textContent === "Latency")?.lastChild?.textContent ?? "";
  const { memory } = performance as unknown as { memory: { usedJSHeapSize: number } };
  const heap = (memory.usedJSHeapSize / 1e6).toFixed(1);
  return { seen: noted.seenPictures.splice(0), says, heap, stalls: noted.seenStalls };
}
