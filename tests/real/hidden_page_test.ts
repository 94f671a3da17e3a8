/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { createServer, type Server } from "../../kernel/server.ts";
import { demo } from "../../plugins/demo/plugin.ts";
import { pages } from "../../plugins/pages/plugin.ts";
import { httpFlv } from "../../protocols/http_flv/plugin.ts";
import { wsFlv } from "../../protocols/ws_flv/plugin.ts";
import { eventually } from "../support/eventually.ts";
import { CHROMIUM, reads } from "./browser.ts";
import { type Tabs, withTabs } from "./tabs_scene.ts";
import { seesItMove } from "./watch_scene.ts";

/** Nearer to the live edge than this, in seconds, is where the page keeps pictures, on a machine busy with other things too. */
const NEAR = 2.5;

/** A test with a stream on the live page, in a tab that can be hidden. */
function tabsScene(name: string, play: (tabs: Tabs, server: Server) => Promise<void>): void {
  Deno.test({ name, ignore: !CHROMIUM, fn });

  async function fn(): Promise<void> {
    const plugins = [httpFlv(), wsFlv(), pages(), demo()];
    const config = { http: { host: "127.0.0.1", port: 0 } };
    await using server = await createServer({ plugins, config, log: () => {} });
    await withTabs(async (tabs) => {
      await tabs.page.goto(`${server.address("http").url}/index.html`);
      await seesItMove(tabs.page);
      await play(tabs, server);
    });
  }
}

/** What the page holds of the stream, and how far behind its end the picture is, in seconds. */
function held(page: Page): Promise<{ length: number; behind: number }> {
  return page.evaluate(() => {
    const { buffered, currentTime } = document.querySelector("video")!;
    if (buffered.length === 0) return { length: 0, behind: 0 };
    const end = buffered.end(buffered.length - 1);
    return { length: end - buffered.start(0), behind: end - currentTime };
  });
}

/** Waits until the stream has gone on by so many seconds beyond what the page held. */
async function arrives(page: Page, seconds: number): Promise<void> {
  const { length } = await held(page);
  await page.waitForFunction(
    (length) => {
      const { buffered } = document.querySelector("video")!;
      return buffered.end(buffered.length - 1) - buffered.start(0) > length;
    },
    length + seconds,
    { polling: 200 },
  );
}

/** Waits until the picture is so many seconds behind the end of what the page holds. */
async function fallsBehind(page: Page, seconds: number): Promise<void> {
  await page.waitForFunction(
    (seconds) => {
      const { buffered, currentTime } = document.querySelector("video")!;
      return buffered.length > 0 && buffered.end(buffered.length - 1) - currentTime > seconds;
    },
    seconds,
    { polling: 200 },
  );
}

async function isNear(page: Page): Promise<void> {
  await page.waitForFunction(
    (near) => {
      const { buffered, currentTime, seeking } = document.querySelector("video")!;
      return !seeking && buffered.length > 0 && buffered.end(buffered.length - 1) - currentTime < near;
    },
    NEAR,
    { polling: 100 },
  );
  await seesItMove(page);
}

tabsScene(
  "a silent picture that nobody saw for a while is back at the live edge as soon as it is seen",
  async (tabs) => {
    const { page } = tabs;
    await tabs.hide();
    // Browsers pause what can be neither seen nor heard.
    await fallsBehind(page, 4);
    await tabs.show();
    await isNear(page);
    await reads(page, "badge", "Live");
  },
);

tabsScene("what nobody sees for long is not even loaded, and plays again when somebody looks", async (tabs, server) => {
  const { page } = tabs;
  await tabs.hide();
  const isPaused = () => document.getElementById("badge")!.textContent === "Paused";
  await page.waitForFunction(isPaused, undefined, { polling: 200, timeout: 60_000 });
  await eventually(() => server.streams.get("live/demo")?.viewers === 0, "the page still loads the stream");
  assertEquals((await held(page)).length, 0);
  await tabs.show();
  await isNear(page);
  await reads(page, "badge", "Live");
});

tabsScene("a stream that is heard goes on near the live edge while it is not seen", async (tabs) => {
  const { page } = tabs;
  await page.evaluate(() => document.querySelector("video")!.muted = false);
  await tabs.hide();
  await arrives(page, 5);
  assertEquals(await page.evaluate(() => document.querySelector("video")!.paused), false);
  await tabs.show();
  await isNear(page);
});
