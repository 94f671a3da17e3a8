/// <reference lib="dom" />
import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { deciding } from "../support/test_server.ts";
import { reads } from "./browser.ts";
import { ffmpeg } from "./ffmpeg.ts";
import { assertAccessible, comesBack, pushScene, watch } from "./push_scene.ts";

async function open(page: Page, base: string): Promise<void> {
  await page.goto(`${base}/push_merge.html`);
  await page.selectOption("#short-side", "360");
  await page.locator("#video-codec option").first().waitFor({ state: "attached" });
}

/** How many sources the list shows. */
async function hasParts(page: Page, count: number): Promise<void> {
  await page.waitForFunction((count) => document.querySelectorAll("#parts > li").length === count, count);
}

/** Where a source's frame stands, in parts of the picture. */
async function boxOf(page: Page, name: RegExp): Promise<{ x: number; y: number; width: number; height: number }> {
  const board = (await page.locator("#board").boundingBox())!;
  const frame = (await page.locator(".frame").and(page.getByRole("button", { name })).boundingBox())!;
  return {
    x: (frame.x - board.x) / board.width,
    y: (frame.y - board.y) / board.height,
    width: frame.width / board.width,
    height: frame.height / board.height,
  };
}

/** Waits until a point of the picture that is sent, its place in parts of the picture, is mostly of one colour. */
async function isColored(page: Page, x: number, y: number, color: "red" | "green" | "blue"): Promise<void> {
  const channel = { red: 0, green: 1, blue: 2 }[color];
  await page.waitForFunction(([x, y, channel]) => {
    const canvas = document.getElementById("canvas") as HTMLCanvasElement;
    const copy = document.createElement("canvas");
    copy.width = copy.height = 1;
    const context = copy.getContext("2d")!;
    context.drawImage(canvas, x * canvas.width, y * canvas.height, 1, 1, 0, 0, 1, 1);
    const channels = Array.from(context.getImageData(0, 0, 1, 1).data.slice(0, 3));
    return channels.every((value, i) => i === channel ? value > 100 : value < 100);
  }, [x, y, channel]);
}

/** A picture of one colour, or a second of a film with a tone. */
async function makeFiles(folder: string): Promise<void> {
  const picture = ["-f", "lavfi", "-i", "color=red:size=320x180", "-frames:v", "1", `${folder}/red.png`];
  const sources = ["-f", "lavfi", "-i", "color=blue:size=320x180:rate=25", "-f", "lavfi", "-i", "sine=frequency=440"];
  const codecs = ["-t", "1", "-c:v", "libvpx", "-c:a", "libopus", `${folder}/blue.webm`];
  for (const args of [picture, [...sources, ...codecs]]) {
    const { success, log } = await ffmpeg(["-y", ...args]);
    if (!success) throw new Error(`ffmpeg could not make a file: ${log}`);
  }
}

async function withFiles(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await makeFiles(folder);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

pushScene(
  "a camera, a film, a picture, a text and a microphone become one stream",
  {},
  (scene) =>
    withFiles(async (folder) => {
      const { page, base, complaints, requests } = scene;
      await open(page, base);
      await page.click("#add-camera");
      await hasParts(page, 1);
      await page.setInputFiles("#file", [`${folder}/red.png`, `${folder}/blue.webm`]);
      await hasParts(page, 3);
      await page.click("#add-text");
      await page.click("#add-microphone");
      await hasParts(page, 5);
      await page.click("#layout-grid");
      await isColored(page, 0.25, 0.25, "green");
      await isColored(page, 0.75, 0.25, "red");
      await isColored(page, 0.5, 0.6, "blue");
      await page.click("#go-live");
      await reads(page, "badge", "On air");
      const [video, audio] = await watch(scene, "live/show", { video: 9, audio: 41 });
      assertEquals([video.codec_name, video.width, video.height, audio.codec_name], ["h264", 640, 360, "aac"]);
      assertEquals(requests.filter((url) => !url.startsWith(base) && !url.startsWith(`blob:${base}`)), []);
      assertEquals(complaints, []);
    }),
);

pushScene("sources are dragged, resized and put in order with the pointer", {}, (scene) =>
  withFiles(async (folder) => {
    const { page, base } = scene;
    await open(page, base);
    await page.setInputFiles("#file", [`${folder}/red.png`]);
    await page.click("#add-text");
    await hasParts(page, 2);
    await page.click("#layout-picture-in-picture");
    await page.getByRole("button", { name: /^red.png: 100 %/ }).click();
    await page.mouse.move(...await pointOf(page, 0.99, 0.985));
    await page.mouse.down();
    await page.mouse.move(...await pointOf(page, 0.49, 0.485), { steps: 4 });
    await page.mouse.up();
    const small = await boxOf(page, /^red.png/);
    assertAlmostEquals(small.width, 0.5, 0.02);
    assertAlmostEquals(small.height, 0.5, 0.02);
    await page.mouse.move(...await pointOf(page, 0.2, 0.2));
    await page.mouse.down();
    await page.mouse.move(...await pointOf(page, 0.5, 0.6), { steps: 4 });
    await page.mouse.up();
    const moved = await boxOf(page, /^red.png/);
    assertAlmostEquals(moved.x, 0.3, 0.02);
    assertAlmostEquals(moved.y, 0.4, 0.02);
    assertAlmostEquals(moved.width, small.width, 0.01);
  }));

/** A point of the picture, in the window's pixels. */
async function pointOf(page: Page, x: number, y: number): Promise<[number, number]> {
  const board = (await page.locator("#board").boundingBox())!;
  return [board.x + board.width * x, board.y + board.height * y];
}

pushScene(
  "all of it can be done by keyboard, and nothing keeps people out",
  {},
  (scene) =>
    withFiles(async (folder) => {
      const { page, base } = scene;
      await open(page, base);
      await assertAccessible(page);
      await page.setInputFiles("#file", [`${folder}/red.png`, `${folder}/blue.webm`]);
      await hasParts(page, 2);
      await page.focus("#add-text");
      await page.keyboard.press("Enter");
      await hasParts(page, 3);
      await page.getByRole("button", { name: /^blue.webm: / }).focus();
      const before = await boxOf(page, /^blue.webm/);
      for (const key of ["ArrowLeft", "ArrowUp", "Shift+ArrowRight"]) await page.keyboard.press(key);
      const after = await boxOf(page, /^blue.webm/);
      assertAlmostEquals(after.x, before.x - 0.02, 0.004);
      assertAlmostEquals(after.y, before.y - 0.02, 0.004);
      assertAlmostEquals(after.width, before.width + 0.02, 0.004);
      await page.keyboard.press("PageDown");
      assertEquals(await page.locator(".part-name").allTextContents(), ["Live from here", "red.png", "blue.webm"]);
      await page.keyboard.press("Delete");
      await hasParts(page, 2);
      await assertAccessible(page);
      await page.focus("#publish-path");
      await page.keyboard.press("Enter");
      await reads(page, "badge", "On air");
    }),
);

const closed =
  () => [deciding((ctx) => ctx.decide("publish", () => ({ deny: "Nothing is published here on Sundays" })))];

pushScene("a refusal is shown in the server's words", { plugins: closed }, async ({ page, base }) => {
  await open(page, base);
  await page.click("#add-text");
  await page.click("#go-live");
  await reads(page, "status", "Nothing is published here on Sundays");
});

pushScene("after a restart of the server the scene goes on", {}, async (scene) => {
  const { page, base } = scene;
  await open(page, base);
  await page.click("#add-camera");
  await hasParts(page, 1);
  await page.click("#go-live");
  await reads(page, "badge", "On air");
  await comesBack(scene, "live/show");
  await reads(page, "badge", "On air");
  await watch(scene, "live/show", { video: 5, audio: 21 });
});

pushScene("what cannot be opened is named, and the rest stays", {}, (scene) =>
  withFiles(async (folder) => {
    const { page, base } = scene;
    await open(page, base);
    await Deno.writeTextFile(`${folder}/notes.mp4`, "no film at all");
    await page.setInputFiles("#file", [`${folder}/notes.mp4`]);
    await reads(page, "source-fault", "This browser cannot play notes.mp4");
    await page.setInputFiles("#file", [`${folder}/red.png`]);
    await hasParts(page, 1);
  }));
