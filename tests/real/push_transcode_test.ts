/// <reference lib="dom" />
import { assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import type { MediaPacket } from "../../media/packet.ts";
import { eventually } from "../support/eventually.ts";
import { hls } from "../../plugins/hls/plugin.ts";
import { deciding, keepingPackets } from "../support/test_server.ts";
import { reads } from "./browser.ts";
import { assertAccessible, comesBack, pushScene, watch } from "./push_scene.ts";

/** Opens the page with the camera and two small sizes chosen, which are quickly encoded. */
async function open(page: Page, base: string): Promise<void> {
  await page.goto(`${base}/push_transcode.html`);
  for (const name of ["720", "480"]) await page.uncheck(`text=${name}p`);
  for (const name of ["360", "240"]) await page.check(`text=${name}p`);
  await page.getByText("Camera", { exact: true }).first().click();
  await page.locator("#video-codec option").first().waitFor({ state: "attached" });
}

const kept = new Map<string, MediaPacket[]>();

pushScene(
  "one camera becomes several streams whose key frames are at the same times, and which are one in HLS",
  { plugins: () => [keepingPackets(kept), hls({ groups: { "live/cam": ["live/cam_*"] } })] },
  async (scene) => {
    const { page, base, complaints } = scene;
    await open(page, base);
    await page.click("#go-live");
    await reads(page, "rungs", "360p");
    await page.waitForFunction(() => document.getElementById("rungs")!.textContent.match(/sent, /g)?.length === 2);
    assertMatch(await page.textContent("#upload-note") ?? "", /The upload carries about/);
    for (const [name, height] of [["360", 360], ["240", 240]] as const) {
      const [video, audio] = await watch(scene, `live/cam_${name}`, { video: 9, audio: 41 });
      assertEquals([video.codec_name, video.height, audio.codec_name], ["h264", height, "aac"]);
    }
    await eventually(
      async () => heightsIn(await (await fetch(`${base}/hls/live/cam/index.m3u8`)).text()) === "240,360",
      "both are qualities of one HLS stream",
    );
    const common = () => commonKeyTimes([...kept.values()]);
    await eventually(() => common().every(({ length }) => length > 1), () => `too few key frames: ${common()}`);
    const [one, other] = common();
    const count = Math.min(one.length, other.length);
    assertEquals(one.slice(0, count), other.slice(0, count));
    await page.click("#go-live");
    await reads(page, "badge", "Not live");
    assertEquals(complaints, []);
  },
);

/** The heights of the qualities that a playlist of several offers, the smallest first. */
function heightsIn(playlist: string): string {
  return Array.from(playlist.matchAll(/RESOLUTION=\d+x(\d+)/g), ([, height]) => Number(height)).sort().join();
}

/** When streams have key frames after the first, which each has when it begins. */
function commonKeyTimes(streams: readonly (readonly MediaPacket[])[]): number[][] {
  const times = streams.map(keyTimes);
  const begin = Math.max(...times.map(([first]) => first));
  return times.map((each) => each.filter((time) => time > begin));
}

function keyTimes(packets: readonly MediaPacket[]): number[] {
  return packets.filter(({ role }) => role === "key").map(({ dts }) => dts);
}

pushScene(
  "over a slow upload only the smallest stream is published, and the page says why",
  {},
  async (scene) => {
    const { page, base } = scene;
    await page.addInitScript(() => {
      const sent = new WeakMap<WebSocket, { at: number; bytes: number }>();
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (data) {
        const { byteLength } = data as Uint8Array;
        if (byteLength > 60_000) sent.set(this, { at: performance.now(), bytes: byteLength });
        send.call(this, data);
      };
      Object.defineProperty(WebSocket.prototype, "bufferedAmount", {
        get() {
          const last = sent.get(this);
          return last ? Math.max(0, last.bytes - (performance.now() - last.at) * 60) : 0;
        },
      });
    });
    await open(page, base);
    await page.click("#go-live");
    await reads(page, "rungs", "left out: the upload is too slow");
    await reads(page, "upload-note", "kbit/s");
    await reads(page, "badge", "On air");
    const [video] = await watch(scene, "live/cam_240", { video: 1, audio: 1 });
    assertEquals(video.height, 240);
  },
);

const closed =
  () => [deciding((ctx) => ctx.decide("publish", () => ({ deny: "Nothing is published here on Sundays" })))];

pushScene(
  "a refusal is shown in the server's words, and nothing keeps people out",
  { plugins: closed },
  async (scene) => {
    const { page, base } = scene;
    await open(page, base);
    await assertAccessible(page);
    await page.focus("#publish-path");
    await page.keyboard.press("Enter");
    await reads(page, "status", "Nothing is published here on Sundays");
    await assertAccessible(page);
  },
);

pushScene(
  "after a restart of the server all streams go on together",
  { plugins: () => [keepingPackets(kept)] },
  async (scene) => {
    const { page, base } = scene;
    await open(page, base);
    await page.click("#go-live");
    const areSent = () => document.getElementById("rungs")!.textContent.match(/sent, /g)?.length === 2;
    await page.waitForFunction(areSent);
    await comesBack(scene, "live/cam_360", "live/cam_240");
    await page.waitForFunction(areSent);
    for (const name of ["360", "240"]) {
      await watch(scene, `live/cam_${name}`, { video: 5, audio: 21 });
    }
    const streams = [...kept.values()].slice(-2);
    const begin = Math.max(...streams.map((packets) => keyTimes(packets)[0]));
    const next = () => streams.map((packets) => keyTimes(packets).find((time) => time > begin));
    await eventually(() => !next().includes(undefined), "both streams have another key frame");
    assertEquals(next()[0], next()[1]);
  },
);
