/// <reference lib="dom" />
import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { DEFAULT_VHOST, parseStreamPath } from "../../kernel/names.ts";
import { definePlugin, type PluginContext } from "../../kernel/plugin/plugin.ts";
import { createServer, type Server } from "../../kernel/server.ts";
import { builtInClip } from "../../plugins/demo/clip.ts";
import { ClipLoop } from "../../plugins/demo/clip_loop.ts";
import { demo } from "../../plugins/demo/plugin.ts";
import { pages } from "../../plugins/pages/plugin.ts";
import { httpFlv } from "../../protocols/http_flv/plugin.ts";
import { wsFlv } from "../../protocols/ws_flv/plugin.ts";
import { CHROMIUM, launchBrowser, openPage, reads } from "./browser.ts";
import { hasFact, seesItMove } from "./watch_scene.ts";

/** Runs what a publisher does, from inside the server. */
class Publisher {
  readonly plugin = definePlugin({ name: "publisher", setup: (ctx) => void (this.#ctx = ctx) })();
  #ctx!: PluginContext;

  /** Publishes the clip; it can end properly, or vanish as a broken connection does. */
  async publish(path: string): Promise<{ end(): void; vanish(): void }> {
    const { app, name } = parseStreamPath(path);
    const session = await this.#ctx.open({ protocol: "test", remote: "here" });
    const publication = await this.#ctx.publish(session, { vhost: DEFAULT_VHOST, app, name });
    const loop = new ClipLoop(builtInClip(), publication, this.#ctx.clock);
    publication.signal.addEventListener("abort", () => {
      loop[Symbol.dispose]();
      session[Symbol.dispose]();
    });
    return { end: () => publication.end(), vanish: () => publication[Symbol.dispose]() };
  }
}

interface Scene {
  readonly page: Page;
  readonly server: Server;
  readonly publisher: Publisher;
  readonly base: string;
}

/** A server and a browser, with a page that has not been opened yet. */
function scene(name: string, options: { demo?: boolean }, play: (scene: Scene) => Promise<void>): void {
  Deno.test({ name, ignore: !CHROMIUM, fn });

  async function fn(): Promise<void> {
    const publisher = new Publisher();
    const plugins = [httpFlv(), wsFlv(), pages(), publisher.plugin, ...(options.demo ? [demo()] : [])];
    // A publisher that is to return has time for it, however slow all is.
    const config = { http: { host: "127.0.0.1", port: 0 }, graceSeconds: 60 };
    await using server = await createServer({ plugins, config, log: () => {} });
    const browser = await launchBrowser();
    try {
      const page = await openPage(browser);
      await play({ page, server, publisher, base: server.address("http").url });
    } finally {
      await browser.close();
    }
  }
}

scene("the live page plays what is live over HTTP-FLV, from its own server alone", { demo: true }, async (scene) => {
  const { page, base } = scene;
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${base}/index.html`);
  await seesItMove(page);
  await reads(page, "badge", "Live");
  await hasFact(page, "Frame rate", /^[1-9]\d* fps$/);
  assertMatch(await page.textContent("#facts") ?? "", /H\.264 \(avc1\.4d\w{4}\).*640 × 360.*AAC/);
  assertEquals(requests.filter((url) => new URL(url).origin !== base && !url.startsWith("blob:")), []);
  assertEquals(requests.filter((url) => url.endsWith(".flv")), [`${base}/live/demo.flv`]);
  assertEquals(complaints, []);
});

scene("the live page plays the same stream over WS-FLV after a click", { demo: true }, async ({ page, base }) => {
  await page.goto(`${base}/index.html?stream=live/demo`);
  await seesItMove(page);
  const socket = page.waitForEvent("websocket");
  await page.getByText("WS-FLV", { exact: true }).first().click();
  assertEquals((await socket).url(), `${base.replace("http", "ws")}/live/demo.flv`);
  await seesItMove(page);
  await reads(page, "badge", "Live");
});

scene("the way back leads to what was played before", { demo: true }, async ({ page, base, publisher }) => {
  await publisher.publish("live/other");
  await page.goto(`${base}/`);
  await reads(page, "stream-name", "live/demo");
  await page.getByRole("link", { name: "live/other" }).click();
  await reads(page, "stream-name", "live/other");
  assertEquals(page.url(), `${base}/?stream=live/other`);
  await page.goBack();
  await reads(page, "stream-name", "live/demo");
  await seesItMove(page);
});

scene("sound is off until the viewer wants it", { demo: true }, async ({ page, base }) => {
  await page.goto(`${base}/index.html`);
  await page.getByRole("button", { name: "Unmute" }).click();
  assertEquals(await page.evaluate(() => document.querySelector("video")!.muted), false);
  await seesItMove(page);
  assertEquals(await page.isVisible("#unmute"), false);
});

scene("the live page says what is missing and plays a stream as soon as it begins", {}, async (scene) => {
  const { page, base, publisher } = scene;
  await page.goto(`${base}/index.html`);
  await reads(page, "notice-title", "Nothing is live yet");
  await reads(page, "publish-hints", "ffmpeg");
  await page.goto(`${base}/index.html?stream=live/later`);
  await reads(page, "notice-title", "live/later is not live");
  await publisher.publish("live/later");
  await seesItMove(page);
});

scene("the live page says that a stream has ended and plays it again when it returns", {}, async (scene) => {
  const { page, base, publisher } = scene;
  const first = await publisher.publish("live/cam");
  await page.goto(`${base}/index.html`);
  await seesItMove(page);
  first.end();
  await reads(page, "notice-title", "live/cam has ended");
  await publisher.publish("live/cam");
  await seesItMove(page);
  await reads(page, "badge", "Live");
});

scene("the live page tells an interruption and goes on when the publisher is back", {}, async (scene) => {
  const { page, base, publisher } = scene;
  const first = await publisher.publish("live/cam");
  await page.goto(`${base}/index.html`);
  await seesItMove(page);
  first.vanish();
  await reads(page, "badge", "Interrupted");
  await publisher.publish("live/cam");
  await seesItMove(page);
  await reads(page, "badge", "Live");
});

scene(
  "after a restart of the server the live page goes on by itself",
  { demo: true },
  async ({ page, base, server }) => {
    await page.goto(`${base}/index.html?stream=live/demo`);
    await seesItMove(page);
    const http = { host: "127.0.0.1", port: server.address("http").port };
    await server.close();
    await reads(page, "streams-note", "The server does not answer");
    await using _again = await createServer({
      plugins: [httpFlv(), wsFlv(), pages(), demo()],
      config: { http },
      log: () => {},
    });
    await seesItMove(page);
    await reads(page, "badge", "Live");
  },
);
