/// <reference lib="dom" />
/**
 * Measures how long a picture takes from a camera through the publishing page, the server and the live page to a viewer.
 *
 * ```sh
 * deno run -A bench/pages/push.ts
 * deno run -A bench/pages/push.ts --minutes 5 --transport ws-flv --sound none
 * ```
 *
 * The camera is a canvas that shows the time as bars, the microphone the browser's own that beeps. Both pages and the server
 * run on this machine, without a screen and with encoders in software.
 *
 * @module
 */
import type { Page } from "playwright-core";
import { createServer } from "../../kernel/server.ts";
import { pages } from "../../plugins/pages/plugin.ts";
import { httpFlv } from "../../protocols/http_flv/plugin.ts";
import { wsFlv } from "../../protocols/ws_flv/plugin.ts";
import { programOptions } from "../program_options.ts";
import { BARS, NUMBERS, openBrowser, printLines, type Seen, spread, watchBars } from "./bars.ts";

const options = programOptions({
  about: "Measures how long a picture takes from a camera through the publishing page and the live page to a viewer",
  options: {
    minutes: { what: "how long is measured", least: 0.1, otherwise: 0.5 },
    transport: { what: "how the live page plays", otherwise: "http-flv", known: ["http-flv", "ws-flv"] },
    sound: { what: "the microphone's codec, or none", otherwise: "aac", known: ["aac", "opus", "none"] },
  },
});
await measure(options.minutes * 60, options.transport, options.sound);

async function measure(seconds: number, transport: string, sound: string): Promise<void> {
  const server = await createServer({
    plugins: [httpFlv(), wsFlv(), pages()],
    config: { http: { host: "127.0.0.1", port: 0 } },
    log: () => {},
  });
  const browser = await openBrowser();
  try {
    const { url } = server.address("http");
    await publish(await (await browser.newContext()).newPage(), url, sound);
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${url}/index.html?stream=live/cam`);
    await page.locator(`input[value=${transport}]`).check({ force: true });
    await watchBars(page);
    const all = await printLines(page, seconds, latencies);
    console.log(`push.html to index.html, from captured to seen: ${spread(all)}`);
  } finally {
    await browser.close();
    await server.close();
  }
}

async function publish(page: Page, url: string, sound: string): Promise<void> {
  await page.addInitScript(showTime, BARS);
  await page.goto(`${url}/push.html?stream=live/cam`);
  await page.selectOption("#short-side", "360");
  await page.locator("input[value=camera]").check({ force: true });
  if (sound === "none") await page.uncheck("#with-microphone");
  else await page.selectOption("#sound-codec", sound);
  await page.click("#go-live");
  await page.locator("#badge", { hasText: "On air" }).waitFor();
}

/** Runs in the publishing page: its camera shows the time in milliseconds, 30 times a second. */
function showTime(bars: number): void {
  const { mediaDevices } = navigator;
  const devices = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = (constraints) => {
    if (!constraints?.video) return devices(constraints);
    const canvas = Object.assign(document.createElement("canvas"), { width: bars * 20, height: 180 });
    const context = canvas.getContext("2d", { alpha: false })!;
    setInterval(() => {
      const number = Date.now() % 2 ** bars;
      for (let bar = 0; bar < bars; bar++) {
        context.fillStyle = Math.floor(number / 2 ** bar) % 2 ? "white" : "black";
        context.fillRect(bar * 20, 0, 20, 180);
      }
    }, 1000 / 30);
    return Promise.resolve(canvas.captureStream(30));
  };
}

function latencies(seen: readonly Seen[]): number[] {
  return seen.map(([number, at]) => (at % NUMBERS - number + NUMBERS) % NUMBERS);
}
