/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { pages } from "../../plugins/pages/pages.ts";
import { reads } from "./browser.ts";
import { assertAccessible } from "./push_scene.ts";
import { watchScene } from "./watch_scene.ts";

/** What of a page is wider than the screen. */
function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const all = Array.from(document.querySelectorAll("main *"));
    return all.filter((each) => each.getBoundingClientRect().right > clientWidth).map(({ outerHTML }) => outerHTML);
  });
}

/** Between the two looks that a page has. */
const TABLET = 1000;

/** The longest name that a stream can have. */
const LONGEST = `${"a".repeat(128)}/${"b".repeat(128)}`;

/** The words in the dashboard's sessions that are broken though they are short. */
function brokenWords(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const short = Array.from(document.querySelectorAll<HTMLElement>('#sessions td:not([data-name="Stream"])'));
    const lines = (cell: HTMLElement) => {
      const range = document.createRange();
      range.selectNodeContents(cell.firstElementChild ?? cell);
      return new Set(Array.from(range.getClientRects(), ({ top }) => Math.round(top))).size;
    };
    return short.filter((cell) => lines(cell) > 1).map((cell) => cell.textContent);
  });
}

watchScene(
  "every page fits a phone, a tablet and a wide screen, and keeps nobody out, light and dark",
  {},
  async (scene) => {
    const { page, base } = scene;
    await scene.record("live/a_recording_with_a_name_so_long_that_it_has_to_be_broken_into_lines");
    await using _publisher = await scene.publish(LONGEST);
    await page.emulateMedia({ reducedMotion: "reduce" });
    for (const { path } of pages) {
      await page.goto(base + path);
      if (path === "/dashboard.html") await reads(page, "sessions", "publishes");
      for (const [width, colorScheme] of [[390, "dark"], [TABLET, "dark"], [1280, "light"]] as const) {
        await page.setViewportSize({ width, height: 844 });
        await page.emulateMedia({ colorScheme });
        assertEquals(await overflowing(page), [], `${path}, ${width} pixels wide`);
        assertEquals(await brokenWords(page), []);
        if (width !== TABLET) await assertAccessible(page);
      }
    }
  },
);

watchScene("on a phone the page that is open is seen among its neighbours", {}, async ({ page, base }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${base}/push_transcode.html`);
  await page.waitForFunction(() => {
    const { left, right } = document.querySelector(".tabs [aria-current]")!.getBoundingClientRect();
    return left >= 0 && right <= innerWidth;
  });
});

watchScene("an address is copied by a press of its button", {}, async ({ page, context, base }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${base}/index.html?stream=live/cam`);
  await page.getByRole("button", { name: "Copy HTTP-FLV" }).click();
  await reads(page, "play-addresses", "Copied");
  assertEquals(await page.evaluate(() => navigator.clipboard.readText()), `${base}/live/cam.flv`);
});
