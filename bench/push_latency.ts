/// <reference lib="dom" />
/**
 * Measures from the capture of a picture on `push.html` to its showing, in one browser on this machine.
 *
 * ```sh
 * deno run -A bench/push_latency.ts
 * ```
 *
 * The page gets a screen of 1280 × 720 with a clock in its pixels. It is read back once by nothing but a decoder, which
 * shows what publishing and the server take, and once from the live page, whose buffer is part of it.
 *
 * @module
 */
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { createServer } from "../kernel/server.ts";
import { pages } from "../plugins/pages/plugin.ts";
import { httpFlv } from "../protocols/http_flv/plugin.ts";
import { wsFlv } from "../protocols/ws_flv/plugin.ts";
import { programOptions } from "./program_options.ts";

const ARGUMENTS =
  "--no-sandbox --disable-gpu --autoplay-policy=no-user-gesture-required --use-fake-ui-for-media-stream " +
  "--use-fake-device-for-media-stream";

/** How many pictures are read. */
const PICTURES = 150;

/** After so long the live page has come as near to the live edge as it will, in milliseconds. */
const SETTLED_MS = 20_000;

/** A module of this folder as a script for browsers. */
async function bundle(name: string): Promise<string> {
  const path = new URL(name, import.meta.url).pathname;
  const args = ["bundle", "--quiet", "--platform", "browser", path];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`Could not bundle ${name}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

async function publish(context: BrowserContext, base: string): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript({ content: await bundle("push_latency/push_latency_source.ts") });
  await page.goto(`${base}/push.html`);
  await page.locator("#video-codec option").first().waitFor({ state: "attached" });
  await page.click("#go-live");
  await page.waitForFunction(() => document.getElementById("badge")!.textContent === "On air");
  return page;
}

/** A page that can run the measuring module. */
async function reader(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  const code = await bundle("push_latency/push_latency_player.ts");
  await page.evaluate(async (code) => {
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    Object.assign(globalThis, { measure: await import(url) });
  }, code);
  return page;
}

type Measures = { measure: typeof import("./push_latency/push_latency_player.ts") };

async function byDecoder(context: BrowserContext, base: string): Promise<number[]> {
  const page = await reader(context, `${base}/flv_push.html`);
  const url = `${base.replace("http", "ws")}/live/cam.flv`;
  const measure = ([url, count]: [string, number]) =>
    (globalThis as unknown as Measures).measure.measureDecoder(url, count);
  const late = await page.evaluate(measure, [url, PICTURES] as [string, number]);
  await page.close();
  return late;
}

async function byLivePage(context: BrowserContext, base: string): Promise<number[]> {
  const page = await reader(context, `${base}/index.html?stream=live/cam`);
  await page.waitForFunction((ms) => performance.now() > ms, SETTLED_MS);
  const measure = (count: number) => (globalThis as unknown as Measures).measure.measureElement(count);
  const late = await page.evaluate(measure, PICTURES);
  await page.close();
  return late;
}

function percentiles(late: readonly number[]): string {
  const sorted = late.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return `median ${at(0.5)} ms, 95 % ${at(0.95)} ms, most ${sorted.at(-1)} ms, of ${sorted.length} pictures`;
}

async function main(): Promise<void> {
  await using server = await createServer({
    plugins: [httpFlv(), wsFlv(), pages()],
    config: { http: { host: "127.0.0.1", port: 0 }, dataDir: "/nonexistent" },
    log: () => {},
  });
  const base = server.address("http").url;
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGUMENTS.split(" ") });
  try {
    const context = await browser.newContext({ bypassCSP: true });
    await publish(context, base);
    console.log(`capture to decoder:   ${percentiles(await byDecoder(context, base))}`);
    console.log(`capture to live page: ${percentiles(await byLivePage(context, base))}`);
  } finally {
    await browser.close();
  }
}

if (import.meta.main) {
  programOptions({ about: "Measures from the capture of a picture on push.html to its showing", options: {} });
  await main();
}
