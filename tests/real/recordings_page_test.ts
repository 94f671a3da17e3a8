/// <reference lib="dom" />
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import type { MediaPacket } from "../../media/packet.ts";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import { eventually } from "../support/eventually.ts";
import { reads } from "./browser.ts";
import { assertAccessible } from "./push_scene.ts";
import { fact, seesItMove, testClip, watchScene } from "./watch_scene.ts";

const PAGES = [{ kind: "mp4", path: "mp4.html" }, { kind: "flv", path: "video.html" }] as const;

for (const { kind, path } of PAGES) {
  watchScene(
    `${path} lists ${kind} recordings with length and size, plays one, and seeks`,
    {},
    async ({ page, base, record, requests, complaints }) => {
      await record("live/cam");
      await page.goto(`${base}/${path}`);
      await reads(page, "recordings", "0:06 · ");
      assertMatch(await page.textContent("#recordings small") ?? "", /^0:06 · \d+ KB$/);
      await page.getByRole("link", { name: "live/cam" }).click();
      await seesItMove(page);
      await reads(page, "badge", "Recorded");
      assertMatch(await fact(page, "Picture"), /320 × 180/);
      assertEquals(await fact(page, "Length"), "0:06");
      await playsFrom(page, 4.5);
      await playsFrom(page, 0.5);
      assertMatch(page.url(), new RegExp(`\\?file=/${kind}/live/cam/`));
      await assertAccessible(page);
      await page.goBack();
      await reads(page, "notice-title", "Choose a recording");
      assertEquals(await page.isHidden("#file-card"), true);
      await page.goForward();
      await seesItMove(page);
      assertEquals(requests.filter((url) => !url.startsWith(base) && !url.startsWith(`blob:${base}`)), []);
      assertEquals(complaints, []);
    },
  );

  watchScene(`${path} narrows the list to a stream, and can be used by keyboard alone`, {}, async (scene) => {
    const { page, base } = scene;
    await page.goto(`${base}/${path}?stream=live/c`);
    await reads(page, "notice-title", "Nothing of live/c is recorded");
    await page.goto(`${base}/${path}`);
    await reads(page, "notice-title", "Nothing is recorded yet");
    await scene.record("live/a");
    await scene.record("live/b");
    await page.goto(`${base}/${path}`);
    await reads(page, "recordings-note", "2 recordings");
    await page.focus("#filter");
    await page.keyboard.type("live/b");
    await page.keyboard.press("Enter");
    await reads(page, "recordings-note", "1 recording");
    assertEquals(await page.locator("#recordings strong").allTextContents(), ["live/b"]);
    await page.keyboard.press("Tab");
    assertEquals(await page.evaluate(() => document.activeElement?.textContent?.includes("live/b")), true);
    await page.keyboard.press("Enter");
    await seesItMove(page);
    await assertAccessible(page);
  });
}

watchScene(
  "in a long FLV recording one can go to what has not been loaded, without loading all before it",
  {},
  async (scene) => {
    const { page, base } = scene;
    const minutes = repeated(await testClip(), 50);
    await scene.record("live/film", minutes);
    await page.goto(`${base}/video.html`);
    await page.getByRole("link", { name: "live/film" }).click();
    await seesItMove(page, 0.5);
    const asked = page.waitForRequest((request) => /^bytes=[1-9]/.test(request.headers().range ?? ""));
    await playsFrom(page, 290);
    assertMatch((await asked).headers().range, /^bytes=\d{6,}-/);
  },
);

/** Packets over and over, one round behind the other. */
function repeated(packets: readonly MediaPacket[], rounds: number): MediaPacket[] {
  const frames = packets.filter(({ role }) => role !== "config");
  const length = frames.at(-1)!.dts - frames[0].dts + 40_000;
  const moved = (round: number) =>
    frames.map((packet) => ({ ...packet, dts: packet.dts + round * length, pts: packet.pts + round * length }));
  const all = Array.from({ length: rounds }, (_, round) => moved(round)).flat();
  return [...packets.filter(({ role }) => role === "config"), ...all];
}

watchScene("a recording that is gone, and one that is none, are told from each other", {}, async (scene) => {
  const { page, base, folder } = scene;
  await page.goto(`${base}/mp4.html?file=/mp4/live/cam/20260101_000000.mp4`);
  await reads(page, "notice-title", "not there any more");
  await Deno.mkdir(`${folder}/mp4/live/cam`, { recursive: true });
  await Deno.writeTextFile(`${folder}/mp4/live/cam/20260101_000001.mp4`, "no film");
  await page.goto(`${base}/mp4.html?file=/mp4/live/cam/20260101_000001.mp4`);
  await reads(page, "notice-title", "cannot play this recording");
  assert(await page.isVisible("#download"));
});

/** Seeks as a click on the player's time line does, and waits until the picture there has come and moved on for a while. */
async function playsFrom(page: Page, seconds: number): Promise<void> {
  await page.evaluate((seconds) => {
    const video = document.querySelector("video")!;
    video.addEventListener("seeked", () => {
      const isThere = Math.abs(video.currentTime - seconds) < 1.2;
      video.dataset.sought = isThere ? String(seconds) : "elsewhere";
      video.dataset.frames = String(video.getVideoPlaybackQuality().totalVideoFrames);
    });
    video.currentTime = seconds;
  }, seconds);
  await page.waitForFunction((seconds) => {
    const video = document.querySelector("video")!;
    const hasSought = video.dataset.sought === String(seconds) && !video.seeking;
    const { totalVideoFrames } = video.getVideoPlaybackQuality();
    return hasSought && video.currentTime > seconds + 0.5 && totalVideoFrames > Number(video.dataset.frames) + 5;
  }, seconds);
}

watchScene(
  "a recording that is still being written is played as far as it is, and the page says so",
  {},
  async (scene) => {
    const { page, base } = scene;
    await using _publisher = await scene.publish("live/cam");
    await eventually(async () => await recordedSeconds(`${base}/flv/live/cam/index.flv`) > 3, "too little is recorded");
    await page.goto(`${base}/video.html`);
    await reads(page, "recordings", "being recorded");
    await page.getByRole("link", { name: "live/cam" }).click();
    await seesItMove(page, 0.5);
    await reads(page, "badge", "Being recorded");
  },
);

/** How much of a recording has been written, in seconds; 0 while there is none. */
async function recordedSeconds(url: string): Promise<number> {
  const response = await fetch(url);
  const bytes = await response.bytes();
  const last = response.ok ? new FlvDemuxer().read(bytes).at(-1) : undefined;
  return (last?.dts ?? 0) / 1e6;
}
