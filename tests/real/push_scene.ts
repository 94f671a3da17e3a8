/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import axe from "axe-core";
import type { Page } from "playwright-core";
import type { Plugin } from "../../kernel/plugin/plugin.ts";
import { createServer, type Server } from "../../kernel/server.ts";
import { pages } from "../../plugins/pages/plugin.ts";
import { httpFlv } from "../../protocols/http_flv/plugin.ts";
import { wsFlv } from "../../protocols/ws_flv/plugin.ts";
import { eventually } from "../support/eventually.ts";
import { AUTOPLAY, CHROMIUM, HOST_RULES, launchBrowser, openPage } from "./browser.ts";
import { ffprobe } from "./ffprobe.ts";

/** Cameras, microphones and screens that are not real, which nobody has to allow. */
const FAKE_MEDIA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=fps=30"];

/** A server and a browser with cameras and screens that are not real. */
export interface PushScene {
  readonly page: Page;
  readonly base: string;
  readonly server: Server;
  /** Stops the server and starts another on the same port. */
  restart(): Promise<void>;
  /** What the page complained of so far. */
  readonly complaints: readonly string[];
  /** All that the page asked for so far. */
  readonly requests: readonly string[];
}

/** What a scene is made of. */
export interface PushSceneOptions {
  /** Before the protocols. */
  readonly plugins?: () => readonly Plugin[];
  /** The name under which the page is asked for; by default the machine's own, which browsers take for secure. */
  readonly host?: string;
}

/** A test with a server and a browser, whose page has not been opened yet. */
export function pushScene(name: string, options: PushSceneOptions, play: (scene: PushScene) => Promise<void>): void {
  Deno.test({ name, ignore: !CHROMIUM, fn: () => runScene(options, play) });
}

/** Runs what a scene is about. */
async function runScene(options: PushSceneOptions, play: (scene: PushScene) => Promise<void>): Promise<void> {
  const start = (port: number) => {
    return createServer({
      plugins: [...options.plugins?.() ?? [], httpFlv(), wsFlv(), pages()],
      config: { http: { host: "127.0.0.1", port }, dataDir: "/nonexistent" },
      log: () => {},
    });
  };
  let server = await start(0);
  const { port } = server.address("http");
  const browser = await launchBrowser(AUTOPLAY, HOST_RULES, ...FAKE_MEDIA);
  try {
    const page = await openPage(browser, { reducedMotion: "reduce" });
    const [complaints, requests]: [string[], string[]] = [[], []];
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    await play({
      page,
      base: `http://${options.host ?? "127.0.0.1"}:${port}`,
      get server() {
        return server;
      },
      restart: async () => {
        await server.close();
        server = await start(port);
      },
      complaints,
      requests,
    });
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Restarts the server and waits until these streams are live again. */
export async function comesBack(scene: PushScene, ...paths: string[]): Promise<void> {
  await scene.restart();
  const areLive = () => paths.every((path) => scene.server.streams.get(path)?.state === "live");
  await eventually(areLive, `${paths} came back`);
}

/** One stream as ffprobe sees it after some of it has been decoded. */
export interface SeenStream {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_rate?: string;
  /** How many frames were decoded. */
  readonly nb_read_frames: string;
}

/** How many frames of each kind are to be decoded. */
export type Wanted = Readonly<Partial<Record<"video" | "audio", number>>>;

/** So many seconds of a stream are pulled, the more the fewer pictures the machine could encode in the time before. */
const PULLED_SECONDS: readonly number[] = [2, 6, 18];

/**
 * Pulls a live stream with ffprobe, which decodes all of it, as soon as all wanted kinds flow: an encoder in software may
 * begin long after the sound. Fails unless so many frames come; the video stands before the sound.
 */
export async function watch({ base, server }: PushScene, path: string, wanted: Wanted): Promise<SeenStream[]> {
  const kinds = Object.keys(wanted) as ("video" | "audio")[];
  const flows = (kind: string) => server.streams.get(path)?.tracks.some((track) => track.kind === kind);
  await eventually(() => kinds.every(flows), () => `${path} does not have ${kinds.join(" and ")}`);
  let streams: SeenStream[] = [];
  for (const seconds of PULLED_SECONDS) {
    streams = await decode(`${base}/${path}.flv`, seconds);
    if (kinds.every((kind) => framesIn(streams, kind) >= wanted[kind]!)) return streams;
  }
  throw new Error(`Of ${path} were decoded only ${kinds.map((kind) => `${framesIn(streams, kind)} of ${kind}`)}`);
}

async function decode(url: string, seconds: number): Promise<SeenStream[]> {
  const { streams } = await ffprobe(["-count_frames", "-show_streams", "-read_intervals", `%+${seconds}`, url]);
  // ffmpeg 5 takes metadata that does not stand at the very beginning for subtitles.
  const ofType = (type: string) => (streams as SeenStream[]).filter(({ codec_type }) => codec_type === type);
  return ["video", "audio"].flatMap(ofType);
}

function framesIn(streams: readonly SeenStream[], kind: string): number {
  return Number(streams.find(({ codec_type }) => codec_type === kind)?.nb_read_frames ?? 0);
}

/** Fails when the page has a fault that keeps people with assistive technology out. */
export async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    interface Violation {
      readonly id: string;
      readonly impact: string;
      readonly nodes: readonly { readonly html: string }[];
    }
    const { violations } = await axe.run();
    return violations.map(({ id, impact, nodes }) => `${impact}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  assertEquals(found.filter((each) => /^(serious|critical)/.test(each)), []);
}
