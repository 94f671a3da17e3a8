/// <reference lib="dom" />
import { assert, assertEquals, assertMatch } from "@std/assert";
import { eventually } from "../support/eventually.ts";
import { reads } from "./browser.ts";
import { encode } from "./encoded.ts";
import { AAC, H264 } from "./ffmpeg.ts";
import { assertAccessible } from "./push_scene.ts";
import { fact, hasFact, seesItMove, tabbedIds, watchScene } from "./watch_scene.ts";

watchScene("the HLS page plays with low latency what is live, from its own server alone", {}, async (scene) => {
  const { page, base, requests, complaints } = scene;
  await using _publisher = await scene.publish("live/cam");
  await page.goto(`${base}/play.html`);
  await seesItMove(page, 3);
  await reads(page, "badge", "Live");
  await hasFact(page, "Frame rate", /^[1-9]\d* fps$/);
  assertMatch(await fact(page, "Latency"), /^\d+\.\d\d s$/);
  assertMatch(await fact(page, "Bit rate"), /bit\/s$/);
  await eventually(() => requests.some((url) => url.includes("_HLS_msn=")), "playlists are not waited for");
  assertEquals(requests.filter((url) => !url.startsWith(base) && !url.startsWith(`blob:${base}`)), []);
  assertEquals(complaints, []);
  assertEquals(await page.isVisible("#quality-field"), false);
  await assertAccessible(page);
});

watchScene(
  "a group of qualities has a menu, and the chosen one is played",
  { config: { hls: { groups: { "live/film": ["live/film_*"] } } } },
  async (scene) => {
    const { page, base, requests } = scene;
    const small = await encode({ seconds: 6, video: [...H264, "-s", "160x90"], audio: AAC, sampleRate: 44_100 });
    await using _low = await scene.publish("live/film_low", small);
    await using _high = await scene.publish("live/film_high");
    await page.goto(`${base}/play.html?stream=live/film`);
    await seesItMove(page);
    const labels = await page.locator("#quality option").allTextContents();
    assertEquals(labels.length, 3);
    assertMatch(labels[0], /^Automatic/);
    assertMatch(labels[1], /^180p, .*bit\/s$/);
    for (const value of ["0", "1"]) {
      const before = requests.length;
      await page.selectOption("#quality", value);
      await page.waitForFunction((value) => {
        const select = document.getElementById("quality") as HTMLSelectElement;
        return select.options[0].textContent!.includes(select.querySelector(`[value="${value}"]`)!.textContent!);
      }, value);
      await seesItMove(page);
      assert(requests.slice(before).some((url) => url.includes("/live/film_")));
    }
    assert((await tabbedIds(page)).includes("quality"));
  },
);

watchScene("the HLS page says that a stream is not live, and plays it when it begins", {}, async (scene) => {
  const { page, base } = scene;
  await page.goto(`${base}/play.html?stream=live/cam`);
  await reads(page, "notice-title", "live/cam is not live");
  const publisher = await scene.publish("live/cam");
  await seesItMove(page);
  await publisher.end();
  await reads(page, "notice-title", "live/cam has ended");
  await using _again = await scene.publish("live/cam");
  await seesItMove(page);
  await reads(page, "badge", "Live");
});
