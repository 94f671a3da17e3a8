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
import { createServer } from "../../kernel/server.ts";
import { hls } from "../../plugins/hls/plugin.ts";
import { pages } from "../../plugins/pages/plugin.ts";
import { httpFlv } from "../../protocols/http_flv/plugin.ts";
import { rtmp } from "../../protocols/rtmp/plugin.ts";
import { wsFlv } from "../../protocols/ws_flv/plugin.ts";
import { encode } from "../../tests/real/encoded.ts";
import { AAC } from "../../tests/real/ffmpeg.ts";
import { PacedPublisher } from "../../tests/real/hls_scene.ts";
import { programOptions } from "../program_options.ts";
import { openBrowser, printLines, type Seen, spread, watchBars } from "./bars.ts";

const BAR_WIDTH = 10;

/** How long the clip is that is sent over and over, in seconds: whole pictures and whole frames of sound. */
const CLIP_SECONDS = 32;
const CLIP_PICTURES = CLIP_SECONDS * 25;

const NUMBERED = [
  "-vf",
  `scale=160:90,geq=lum='if(mod(floor(N/pow(2,floor(X/${BAR_WIDTH}))),2),235,16)':cb=128:cr=128`,
  ...["-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-g", "25", "-pix_fmt", "yuv420p"],
];

const options = programOptions({
  about: "Measures what a viewer of a page sees: how late each picture is shown, and whether that and its memory grow",
  options: {
    minutes: { what: "how long is measured", least: 0.1, otherwise: 0.5 },
    page: { what: "which page plays", otherwise: "index.html", known: ["index.html", "play.html"] },
  },
});
await measure(options.page, options.minutes * 60);

async function measure(path: string, seconds: number): Promise<void> {
  const local = { host: "127.0.0.1", port: 0 };
  const server = await createServer({
    plugins: [rtmp(), httpFlv(), wsFlv(), hls(), pages()],
    config: { http: local, rtmp: local },
    log: () => {},
  });
  const browser = await openBrowser();
  try {
    const clip = await encode({ seconds: CLIP_SECONDS, video: NUMBERED, audio: AAC });
    const address = `rtmp://127.0.0.1:${server.address("rtmp").port}/live/cam`;
    await using publisher = await PacedPublisher.start(address, clip);
    const page = await browser.newPage();
    await page.goto(`${server.address("http").url}/${path}?stream=live/cam`);
    await watchBars(page);
    const all = await printLines(page, seconds, (seen) => latencies(publisher.sentAt, seen));
    console.log(`${path}, from sent to seen: ${spread(all)}`);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** The clip's numbers come again and again: the newest picture of that number that had been sent by then was seen. */
function latencies(sentAt: readonly number[], seen: readonly Seen[]): number[] {
  return seen.flatMap(([number, at]) => {
    let index = number + Math.floor((sentAt.length - 1 - number) / CLIP_PICTURES) * CLIP_PICTURES;
    while (index >= 0 && sentAt[index] > at) index -= CLIP_PICTURES;
    return index >= 0 ? [at - sentAt[index]] : [];
  });
}
