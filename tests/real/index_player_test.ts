/// <reference lib="dom" />
import { assert, assertEquals, assertMatch } from "@std/assert";
import { reads } from "./browser.ts";
import { encode, HEVC } from "./encoded.ts";
import { assertAccessible } from "./push_scene.ts";
import { fact, seesItMove, tabbedIds, watchScene } from "./watch_scene.ts";

watchScene(
  "the live page shows latency, buffer and bit rate, and is whole for keyboards and screen readers",
  {},
  async (scene) => {
    const { page, base } = scene;
    await using _publisher = await scene.publish("live/cam");
    await page.goto(`${base}/index.html`);
    await seesItMove(page, 3);
    for (const label of ["Latency", "Buffer"]) assertMatch(await fact(page, label), /^\d+\.\d\d s$/);
    assertMatch(await fact(page, "Bit rate"), /bit\/s$/);
    console.log(`the live page, key frames every second: "Latency" says ${await fact(page, "Latency")}`);
    await assertAccessible(page);
    const reached = await tabbedIds(page);
    assert(reached.includes("unmute") && reached.includes("video"), `the Tab key reaches ${reached}`);
    await page.focus("#unmute");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => !document.querySelector("video")!.muted);
  },
);

watchScene("a picture that has fallen far behind comes back to the live edge by itself", {}, async (scene) => {
  const { page, base } = scene;
  await using _publisher = await scene.publish("live/cam");
  await page.goto(`${base}/index.html`);
  await seesItMove(page, 5);
  await page.evaluate(() => {
    const video = document.querySelector("video")!;
    video.currentTime = video.buffered.start(0);
  });
  await page.waitForFunction(() => {
    const { buffered, currentTime, seeking } = document.querySelector("video")!;
    return !seeking && buffered.end(buffered.length - 1) - currentTime < 2.5;
  });
  await seesItMove(page);
});

watchScene("another site shows the player in a frame, without navigation", {}, async (scene) => {
  const { page, base } = scene;
  await using _publisher = await scene.publish("live/cam");
  const frame =
    `<iframe src="${base}/index.html?embed&stream=live/cam" width="640" height="360" title="live"></iframe>`;
  const answer = () => new Response(frame, { headers: { "content-type": "text/html" } });
  await using site = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  await page.goto(`http://elsewhere.test:${site.addr.port}/`);
  const inner = page.frames()[1];
  await inner.waitForFunction(() => (document.querySelector("video")?.currentTime ?? 0) > 1);
  assertEquals(await inner.locator("header, nav, .side:visible").count(), 0);
  const { width, height } = await inner.evaluate(() => document.querySelector("video")!.getBoundingClientRect());
  assertEquals([width, height], [640, 360]);
});

watchScene("a device without media sources plays HLS by itself, and is offered no transport", {}, async (scene) => {
  const { page, base, requests } = scene;
  await using _publisher = await scene.publish("live/cam");
  const isNative = await page.evaluate(() =>
    document.createElement("video").canPlayType("application/vnd.apple.mpegurl")
  );
  await page.addInitScript(() => {
    Reflect.deleteProperty(globalThis, "MediaSource");
    const play = HTMLMediaElement.prototype.canPlayType;
    HTMLMediaElement.prototype.canPlayType = function (type) {
      return type.includes("mpegurl") ? "maybe" : play.call(this, type);
    };
  });
  await page.goto(`${base}/index.html`);
  await page.waitForFunction(() => document.querySelector("video")!.src.endsWith("/hls/live/cam/index.m3u8"));
  // Browsers of computers have it since late 2025.
  if (isNative) await seesItMove(page);
  assertEquals(await page.isHidden("#transport"), true);
  assertEquals(requests.filter((url) => url.endsWith(".flv")), []);
});

watchScene("a codec that the browser lacks is named, and the stream is not even asked for", {}, async (scene) => {
  const { page, base, requests } = scene;
  await using _publisher = await scene.publish("live/cam", await encode({ seconds: 2, video: HEVC }));
  await page.goto(`${base}/index.html?stream=live/cam`);
  await reads(page, "notice-title", "This browser cannot play H.265");
  await reads(page, "notice-detail", "VLC, mpv and ffplay play the addresses below");
  await assertAccessible(page);
  assertEquals(requests.filter((url) => url.endsWith(".flv")).length <= 1, true);
});
