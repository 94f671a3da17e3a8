/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import { auth } from "../../plugins/auth/plugin.ts";
import { reads } from "./browser.ts";
import { seesItMove, watchScene } from "./watch_scene.ts";

const KEY = "only-for-those-who-paid";
const GUARDED = { plugins: () => [auth({ play: { keys: { "*": KEY } } })] };

watchScene("what the page is given for the server is sent along by every page that plays", GUARDED, async (scene) => {
  const { page, base, server } = scene;
  await scene.record("live/film");
  await using _publisher = await scene.publish("live/cam");
  const recordings = await (await fetch(`${base}/api/v1/files?stream=live/film`)).json();
  const fileOf = (kind: string) => recordings.recordings.find((each: { kind: string }) => each.kind === kind).path;
  for (
    const target of [
      "index.html?stream=live/cam",
      "play.html?stream=live/cam",
      "play_merge.html?stream=live/film",
      `mp4.html?file=${fileOf("mp4")}`,
      `video.html?file=${fileOf("flv")}`,
    ]
  ) {
    await page.context().clearCookies();
    await page.goto(`${base}/${target}`);
    await reads(page, "notice-title", "The server does not let you play");
    await reads(page, "notice-detail", "key");
    await page.goto(`${base}/${target}&key=${KEY}`);
    await seesItMove(page, 0.5);
  }
  assertEquals(server.streams.get("live/cam")?.state, "live");
});
