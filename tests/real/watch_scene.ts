/// <reference lib="dom" />
import type { BrowserContext, Page } from "playwright-core";
import type { Plugin } from "../../kernel/plugin/plugin.ts";
import { createServer, type Server } from "../../kernel/server.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { api } from "../../plugins/api/plugin.ts";
import { files } from "../../plugins/files/plugin.ts";
import { flvRecord } from "../../plugins/flv_record/plugin.ts";
import { fmp4 } from "../../plugins/fmp4/plugin.ts";
import { hls } from "../../plugins/hls/plugin.ts";
import { pages } from "../../plugins/pages/plugin.ts";
import { httpFlv } from "../../protocols/http_flv/plugin.ts";
import { rtmp } from "../../protocols/rtmp/plugin.ts";
import { wsFlv } from "../../protocols/ws_flv/plugin.ts";
import { eventually } from "../support/eventually.ts";
import { AUTOPLAY, BROWSER_PATIENCE_MS, CHROMIUM, HOST_RULES, launchBrowser } from "./browser.ts";
import { encode } from "./encoded.ts";
import { AAC, H264 } from "./ffmpeg.ts";
import { PacedPublisher, publishAll } from "./hls_scene.ts";

/** A server with everything that pages for watching need, and a browser. */
export interface WatchScene {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly server: Server;
  /** Where the pages are. */
  readonly base: string;
  /** Where recordings are written. */
  readonly folder: string;
  /** Publishes over RTMP, at its own pace, until it is ended or disposed. */
  publish(path: string, packets?: readonly MediaPacket[]): Promise<PacedPublisher>;
  /** Publishes a whole clip at once, and waits until its recordings are complete. */
  record(path: string, packets?: readonly MediaPacket[]): Promise<void>;
  /** What the page complained of so far. */
  readonly complaints: readonly string[];
  /** All that the page asked for so far. */
  readonly requests: readonly string[];
}

/** What a scene is set with. */
export interface WatchSceneOptions {
  readonly plugins?: () => readonly Plugin[];
  /** The name under which the page is asked for; by default the machine's own. */
  readonly host?: string;
  /** Settings of plugins, by their names. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Some seconds of a test picture and a tone. */
export function testClip(): Promise<MediaPacket[]> {
  return encode({ seconds: 6, video: H264, audio: AAC, sampleRate: 44_100 });
}

/** A test with a server and a browser, whose page has not been opened yet. */
export function watchScene(name: string, options: WatchSceneOptions, play: (scene: WatchScene) => Promise<void>): void {
  Deno.test({ name, ignore: !CHROMIUM, fn: () => runScene(options, play) });
}

/** Runs what a scene is about. */
async function runScene(options: WatchSceneOptions, play: (scene: WatchScene) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const server = await startServer(folder, options);
  const browser = await launchBrowser(AUTOPLAY, HOST_RULES);
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(BROWSER_PATIENCE_MS);
    const [complaints, requests]: [string[], string[]] = [[], []];
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    const address = (path: string) => `rtmp://127.0.0.1:${server.address("rtmp").port}/${path}`;
    await play({
      page,
      context,
      server,
      folder,
      base: `http://${options.host ?? "127.0.0.1"}:${server.address("http").port}`,
      publish: async (path, packets) => await PacedPublisher.start(address(path), packets ?? await testClip()),
      record: async (path, packets) => {
        await publishAll(address(path), packets ?? await testClip());
        await eventually(
          () => isThere(`${folder}/mp4/${path}/output_merge/stream_full.mp4`),
          `${path} is not recorded`,
        );
      },
      complaints,
      requests,
    });
  } finally {
    await browser.close();
    await server.close();
    await Deno.remove(folder, { recursive: true });
  }
}

function startServer(folder: string, { plugins, config }: WatchSceneOptions): Promise<Server> {
  const local = { host: "127.0.0.1", port: 0 };
  return createServer({
    plugins: [
      ...plugins?.() ?? [],
      rtmp(),
      httpFlv(),
      wsFlv(),
      flvRecord(),
      fmp4({ sync: false, segmentSeconds: 1 }),
      hls({ segmentSeconds: 1 }),
      api(),
      files(),
      pages(),
    ],
    config: { http: local, rtmp: local, graceSeconds: 0, dataDir: folder, ...config },
    log: () => {},
  });
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Waits until the picture has moved on by so many seconds since now, and been decoded meanwhile. */
export async function seesItMove(page: Page, seconds = 1.5): Promise<void> {
  const look = () => {
    const video = document.querySelector("video")!;
    return { time: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames };
  };
  await page.waitForFunction(() => document.querySelector("video")!.getVideoPlaybackQuality().totalVideoFrames > 0);
  const before = await page.evaluate(look);
  await page.waitForFunction(({ time, frames, seconds }) => {
    const video = document.querySelector("video")!;
    const { totalVideoFrames } = video.getVideoPlaybackQuality();
    return video.currentTime > time + seconds && totalVideoFrames > frames + seconds * 10;
  }, { ...before, seconds });
}

/** The value of one line of the page's statistics. */
export async function fact(page: Page, label: string): Promise<string> {
  return await page.evaluate((label) => {
    const entries = Array.from(document.querySelectorAll("#facts > div"));
    return entries.find((each) => each.firstChild?.textContent === label)?.lastChild?.textContent ?? "";
  }, label);
}

/** Waits until a line of the page's statistics is of this form. */
export async function hasFact(page: Page, label: string, form: RegExp): Promise<void> {
  await page.waitForFunction(([label, form]) => {
    const entries = Array.from(document.querySelectorAll("#facts > div"));
    const value = entries.find((each) => each.firstChild?.textContent === label)?.lastChild?.textContent;
    return new RegExp(form).test(value ?? "");
  }, [label, form.source]);
}

/** The ids of what the Tab key reaches, from the page's beginning on. */
export async function tabbedIds(page: Page, presses = 30): Promise<string[]> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const ids: string[] = [];
  for (let i = 0; i < presses; i++) {
    await page.keyboard.press("Tab");
    ids.push(await page.evaluate(() => document.activeElement?.id ?? ""));
  }
  return ids;
}
