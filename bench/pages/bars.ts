/// <reference lib="dom" />
/**
 * Numbers in pictures, as bars that any encoder keeps, and what a page that plays such pictures has seen of them.
 *
 * @module
 */
import { type Browser, chromium, type Page } from "playwright-core";
import { findCommand } from "../../tests/setup.ts";

/** So many bars, the lowest bit on the left. */
export const BARS = 16;

/** The numbers begin anew here. */
export const NUMBERS = 2 ** BARS;

const ARGUMENTS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking " +
  "--disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required --enable-precise-memory-info " +
  "--use-fake-ui-for-media-stream --use-fake-device-for-media-stream=fps=30";

/** A picture that was seen: its number, and when, in milliseconds since 1970. */
export type Seen = readonly [number: number, at: number];

/** What a page has seen since it was last asked. */
export interface Sight {
  readonly seen: readonly Seen[];
  /** What the page says about its latency. */
  readonly says: string;
  /** In megabytes. */
  readonly heap: number;
  /** How often the picture stood, since the beginning. */
  readonly stalls: number;
}

/** Opens a browser without a screen; what a display adds is not in the figures. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = findCommand(["chromium", "chromium-browser", "google-chrome"]);
  return await chromium.launch({ executablePath, args: ARGUMENTS.split(" ") });
}

/** Begins to note the number of each picture that the page shows. */
export async function watchBars(page: Page): Promise<void> {
  await page.evaluate((bars) => {
    const video = document.querySelector("video")!;
    const pixels = new OffscreenCanvas(bars, 1).getContext("2d", { willReadFrequently: true })!;
    const noted = Object.assign(globalThis, { seenPictures: [] as Seen[], seenStalls: 0 });
    video.addEventListener("waiting", () => noted.seenStalls++);
    const look = () => {
      const at = Date.now();
      const { videoWidth, videoHeight } = video;
      pixels.imageSmoothingEnabled = false;
      pixels.drawImage(video, 0, videoHeight / 2, videoWidth, 1, 0, 0, bars, 1);
      const row = pixels.getImageData(0, 0, bars, 1).data;
      let number = 0;
      for (let bar = 0; bar < bars; bar++) if (row[bar * 4] > 128) number += 2 ** bar;
      noted.seenPictures.push([number, at]);
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  }, BARS);
}

/** Takes what the page has seen since the last time. */
async function takeSight(page: Page): Promise<Sight> {
  return await page.evaluate(() => {
    const noted = globalThis as unknown as { seenPictures: Seen[]; seenStalls: number };
    const entries = Array.from(document.querySelectorAll("#facts > div"));
    const says = entries.find(({ firstChild }) => firstChild?.textContent === "Latency")?.lastChild?.textContent ?? "";
    const { memory } = performance as unknown as { memory: { usedJSHeapSize: number } };
    const heap = memory.usedJSHeapSize / 1e6;
    return { seen: noted.seenPictures.splice(0), says, heap, stalls: noted.seenStalls };
  });
}

/** In words: the median of latencies in milliseconds, and how far they spread. */
export function spread(latencies: readonly number[]): string {
  if (latencies.length === 0) return "no picture was seen";
  const sorted = latencies.toSorted((a, b) => a - b);
  const part = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return `p5 ${part(0.05)}, median ${part(0.5)}, p95 ${part(0.95)} ms of ${sorted.length} pictures`;
}

/** Looks at a page for so many seconds, and prints every ten what it saw; gives all latencies. */
export async function printLines(
  page: Page,
  seconds: number,
  latenciesOf: (seen: readonly Seen[]) => number[],
): Promise<number[]> {
  const begun = performance.now();
  const all: number[] = [];
  while (performance.now() - begun < seconds * 1000) {
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const { seen, says, heap, stalls } = await takeSight(page);
    const latencies = latenciesOf(seen);
    all.push(...latencies);
    const at = `${Math.round((performance.now() - begun) / 1000)} s`;
    console.log(
      `${at}: ${spread(latencies)}; the page says ${says}; heap ${heap.toFixed(1)} MB; ${stalls} stalls so far`,
    );
  }
  return all;
}
