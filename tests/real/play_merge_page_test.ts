/// <reference lib="dom" />
import { assert, assertEquals, assertMatch } from "@std/assert";
import { reads } from "./browser.ts";
import { assertAccessible } from "./push_scene.ts";
import { fact, seesItMove, tabbedIds, watchScene } from "./watch_scene.ts";

/** The names of segments that were asked for. */
function segments(requests: readonly string[], folder: string): string[] {
  return requests.filter((url) => url.includes(folder) && url.endsWith(".m4s")).map((url) => url.split("/").at(-1)!);
}

for (const variant of ["merge", "separate"] as const) {
  const folder = `/output_${variant}/`;

  watchScene(`a recorded session is played from the start to its end, ${variant}, and sought in`, {}, async (scene) => {
    const { page, base, requests, complaints } = scene;
    await scene.record("live/cam");
    await page.goto(`${base}/play_merge.html?stream=live/cam&variant=${variant}`);
    await seesItMove(page);
    await reads(page, "facts", variant === "merge" ? "merged" : "video, audio");
    assertEquals(await fact(page, "Length"), "0:06");
    await page.waitForFunction(() => document.querySelector("video")!.ended);
    await reads(page, "badge", "Ended");
    assertEquals(new Set(segments(requests, folder)).size, segments(requests, folder).length);
    await page.evaluate(() => {
      const video = document.querySelector("video")!;
      video.currentTime = 2;
      return video.play();
    });
    await seesItMove(page, 1);
    assertEquals(requests.filter((url) => !url.startsWith(base) && !url.startsWith(`blob:${base}`)), []);
    assertEquals(complaints, []);
    await assertAccessible(page);
  });

  watchScene(`a live stream is played near its edge and from its start, ${variant}`, {}, async (scene) => {
    const { page, base, requests } = scene;
    await using _publisher = await scene.publish("live/cam");
    await page.goto(`${base}/play_merge.html?stream=live/cam&variant=${variant}`);
    await seesItMove(page, 2);
    const first = segments(requests, folder)[0];
    await page.getByText("Live", { exact: true }).last().click();
    await seesItMove(page, 2);
    await reads(page, "badge", "Live");
    assertMatch(await fact(page, "Behind the live edge"), /^\d+\.\d s$/);
    const again = page.waitForRequest((request) => request.url().endsWith(folder + first));
    await page.getByText("From the start").click();
    await again;
    await seesItMove(page, 1);
  });
}

watchScene("the page of segments says what is missing, and offers what is there", {}, async (scene) => {
  const { page, base } = scene;
  await page.goto(`${base}/play_merge.html`);
  await reads(page, "notice-title", "There are no segments yet");
  await page.goto(`${base}/play_merge.html?stream=live/cam`);
  await reads(page, "notice-title", "There are no such segments of live/cam");
  await scene.record("live/cam");
  await page.click("#notice-action");
  await seesItMove(page);
  await page.goto(`${base}/play_merge.html`);
  await reads(page, "ended", "live/cam");
  await seesItMove(page);
  const reached = await page.evaluate(() => document.querySelectorAll("a[data-path]").length);
  assert(reached > 0 && (await tabbedIds(page, 20)).includes("video"));
});
