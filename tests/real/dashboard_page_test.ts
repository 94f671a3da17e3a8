/// <reference lib="dom" />
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { eventually } from "../support/eventually.ts";
import { reads } from "./browser.ts";
import { assertAccessible } from "./push_scene.ts";
import { tabbedIds, watchScene } from "./watch_scene.ts";

const TOKENS = { token: "a-token-that-may-write", readToken: "a-token-that-may-read" };

/** Not the machine itself: what is asked for by this name needs a token. */
const ELSEWHERE = { host: "tv.test", config: { api: TOKENS } };

watchScene(
  "the dashboard shows streams, sessions, figures with charts, and events as they happen",
  {},
  async (scene) => {
    const { page, base, complaints, requests } = scene;
    await page.goto(`${base}/dashboard.html`);
    await reads(page, "badge", "Connected");
    await reads(page, "streams-note", "No stream is there");
    const publisher = await scene.publish("live/cam");
    await reads(page, "board-streams", "H.264 320 × 180, 25 fps, a key frame every 1.0 s · AAC");
    await reads(page, "events", "live/cam is live, from 127.0.0.1");
    await reads(page, "sessions", "publishes");
    for (
      const label of ["Received", "Viewers", "Answer time", "Loop lag", "CPU, of one core", "Memory", "Disk, free"]
    ) {
      await page.waitForFunction((label) => {
        const tiles = Array.from(document.querySelectorAll("#tiles .tile"));
        return /\d/.test(
          tiles.find((each) => each.querySelector("dt")?.textContent === label)!.children[1].textContent!,
        );
      }, label);
    }
    assertEquals(await page.locator("#tiles canvas").count(), 8);
    await assertAccessible(page);
    await publisher.end();
    await reads(page, "events", "live/cam has ended");
    await reads(page, "recordings", "MP4 · ");
    assertEquals(requests.filter((url) => !url.startsWith(base)), []);
    assertEquals(complaints, []);
  },
);

watchScene(
  "a player is kicked and a stream is stopped, by keyboard alone, each with a second press",
  {},
  async (scene) => {
    const { page, base, server } = scene;
    const publisher = await scene.publish("live/cam");
    const viewer = await fetch(`${base}/live/cam.flv`);
    const watched = viewer.body!.pipeTo(new WritableStream()).catch(() => {});
    await page.goto(`${base}/dashboard.html`);
    await reads(page, "sessions", "watches");
    const kick = page.locator("#sessions tr", { hasText: "watches" }).getByRole("button");
    await pressTwice(page, () => kick.focus());
    await watched;
    await eventually(() => server.streams.get("live/cam")?.viewers === 0, "the player is still there");
    assertEquals(server.streams.get("live/cam")?.state, "live");
    await pressTwice(page, () => page.getByRole("button", { name: "Stop live/cam" }).focus());
    await eventually(() => server.streams.get("live/cam") === undefined, "the stream is still there");
    // Its connection has been closed: it may have heard that, or be about to.
    await publisher.end().catch(() => {});
    await reads(page, "streams-note", "No stream is there");
  },
);

watchScene("a recording is stopped and started, and the files on the disk show it", {}, async (scene) => {
  const { page, base, folder } = scene;
  await using _publisher = await scene.publish("live/cam");
  await page.goto(`${base}/dashboard.html`);
  const toggle = page.getByRole("button", { name: "flv-record" });
  await page.waitForSelector('button[aria-pressed="true"]:text("flv-record")');
  const files = () => Array.from(Deno.readDirSync(`${folder}/flv/live/cam`)).filter(({ name }) => /^\d/.test(name));
  await eventually(() => files().length === 1, "nothing is recorded");
  await toggle.click();
  await page.waitForSelector('button[aria-pressed="false"]:text("flv-record")');
  await reads(page, "events", "flv-record has written flv/live/cam/");
  await toggle.click();
  await page.waitForSelector('button[aria-pressed="true"]:text("flv-record")');
  await eventually(() => files().length === 2, "there is no second recording");
});

watchScene(
  "from elsewhere the dashboard asks for the token, keeps it, and never shows it",
  ELSEWHERE,
  async (scene) => {
    const { page, base } = scene;
    await page.goto(`${base}/dashboard.html`);
    await reads(page, "lock-title", "This server wants a token");
    await page.waitForSelector("#lock:not([hidden])");
    assertEquals(await page.getAttribute("#token", "type"), "password");
    await assertAccessible(page);
    await page.keyboard.type("not-the-token");
    await page.keyboard.press("Enter");
    await reads(page, "lock-fault", "The token is not one of this server's");
    // It stays until another one is tried, though the page goes on asking: what the first answer does is done at the second.
    for (let answers = 0; answers < 2; answers++) await page.waitForResponse(`${base}/api/v1/server`);
    assertEquals(await page.isVisible("#lock-fault"), true);
    await page.keyboard.type(TOKENS.token);
    await page.keyboard.press("Enter");
    await reads(page, "badge", "Connected");
    await page.reload();
    await reads(page, "badge", "Connected");
    assert(!(await page.content()).includes(TOKENS.token));
    await page.click("#forget");
    await page.waitForSelector("#lock:not([hidden])");
    await page.reload();
    await page.waitForSelector("#lock:not([hidden])");
  },
);

watchScene("with a token that may only look, buttons say so and nothing can be changed", ELSEWHERE, async (scene) => {
  const { page, base } = scene;
  await using _publisher = await scene.publish("live/cam");
  await page.goto(`${base}/dashboard.html`);
  await page.waitForSelector("#lock:not([hidden])");
  await page.keyboard.type(TOKENS.readToken);
  await page.keyboard.press("Enter");
  await assertReadOnly(page);
  await reads(page, "events", "live/cam is live");
});

watchScene(
  "where everybody may look, the dashboard is open without a token, and read-only",
  { host: "tv.test", config: { api: { ...TOKENS, openRead: true, local: false } } },
  async (scene) => {
    const { page, base } = scene;
    await using _publisher = await scene.publish("live/cam");
    await page.goto(`${base}/dashboard.html`);
    await assertReadOnly(page);
    assert(await page.isHidden("#lock"));
    await assertAccessible(page);
    assert((await tabbedIds(page, 8)).includes("events"));
  },
);

async function assertReadOnly(page: Page): Promise<void> {
  await reads(page, "badge", "May only look");
  await reads(page, "board-streams", "live/cam");
  await reads(page, "sessions", "publishes");
  for (const name of ["Stop live/cam", "flv-record", /^Kick/]) {
    const button = page.getByRole("button", { name }).first();
    assert(await button.isDisabled());
    assertMatch(await button.getAttribute("title") ?? "", /Needs a token that may change things/);
  }
}

/** Presses what has the focus, and once more. */
async function pressTwice(page: Page, focus: () => Promise<void>): Promise<void> {
  await focus();
  await page.keyboard.press("Enter");
  assertEquals(await page.evaluate(() => document.activeElement?.textContent), "Really?");
  await page.keyboard.press("Enter");
}
