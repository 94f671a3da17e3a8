/// <reference lib="dom" />
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { opusSamples } from "../../media/codec/opus.ts";
import { deciding } from "../support/test_server.ts";
import { reads } from "./browser.ts";
import { collect, countPictures, ivf } from "./push_pictures.ts";
import { assertAccessible, comesBack, type PushScene, pushScene, type Wanted, watch } from "./push_scene.ts";

/** Opens the page with the camera chosen, in a size that is quickly encoded. */
async function open(page: Page, base: string, stream = "live/cam"): Promise<void> {
  await page.goto(`${base}/push.html?stream=${stream}`);
  await page.selectOption("#short-side", "360");
  await page.getByText("Camera", { exact: true }).first().click();
  await page.locator("#video-codec option").first().waitFor({ state: "attached" });
}

async function goLive(page: Page): Promise<void> {
  await page.click("#go-live");
  await reads(page, "badge", "On air");
}

/** Waits until pictures and sound are decoded; gives their codecs. */
async function decoded(scene: PushScene, wanted: Wanted = { video: 11, audio: 41 }): Promise<string[]> {
  return (await watch(scene, "live/cam", wanted)).map(({ codec_name }) => codec_name);
}

pushScene(
  "a camera and a microphone become a stream that others decode, from the page's own server alone",
  {},
  async (scene) => {
    const { page, base, complaints, requests } = scene;
    await open(page, base);
    await goLive(page);
    assertEquals(await decoded(scene), ["h264", "aac"]);
    await reads(page, "facts", "H.264 · AAC");
    await reads(page, "watch-addresses", `${base}/live/cam.flv`);
    await page.click("#go-live");
    await reads(page, "badge", "Not live");
    assertEquals(scene.server.streams.size, 0);
    assertEquals(requests.filter((url) => !url.startsWith(base) && !url.startsWith(`blob:${base}`)), []);
    assertEquals(complaints, []);
  },
);

pushScene(
  "a screen with its sound becomes a stream, and another source takes over without a break",
  {},
  async (scene) => {
    const { page, base } = scene;
    await page.goto(`${base}/push.html`);
    await page.selectOption("#short-side", "360");
    await page.click("text=Show preview");
    await page.waitForFunction(() => document.querySelector("video")!.videoWidth > 0);
    await goLive(page);
    assertEquals(await decoded(scene), ["h264", "aac"]);
    const stream = scene.server.streams.get("live/cam");
    await page.getByText("Camera", { exact: true }).first().click();
    await page.waitForFunction(() => !document.getElementById("camera-field")!.hidden);
    assertEquals(await decoded(scene), ["h264", "aac"]);
    assertEquals(scene.server.streams.get("live/cam"), stream);
  },
);

pushScene("sound alone becomes a stream, and a picture can be added to it", {}, async (scene) => {
  const { page, base } = scene;
  await open(page, base);
  await page.getByText("Sound only").click();
  await goLive(page);
  assertEquals(await decoded(scene, { audio: 41 }), ["aac"]);
  await page.getByText("Camera", { exact: true }).first().click();
  await page.waitForFunction(() => document.querySelector("video")!.videoWidth > 0);
  await reads(page, "facts", "H.264 · AAC");
  assertEquals(await decoded(scene), ["h264", "aac"]);
});

pushScene(
  "a screen on which nothing moves is sent all the same, several times a second",
  {},
  async (scene) => {
    const { page, base } = scene;
    await page.addInitScript(() => {
      navigator.mediaDevices.getDisplayMedia = () => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
        canvas.getContext("2d")!.fillRect(0, 0, 100, 100);
        return Promise.resolve(canvas.captureStream(0));
      };
    });
    await page.goto(`${base}/push.html`);
    await page.locator("#video-codec option").first().waitFor({ state: "attached" });
    await goLive(page);
    const times = (await collect(scene.server, "live/cam", 5)).video.map(({ dts }) => dts);
    assert(times.at(-1)! - times[0] < 4_000_000, `${times}`);
  },
);

pushScene("after a restart of the server the stream goes on by itself", {}, async (scene) => {
  const { page, base } = scene;
  await open(page, base);
  await goLive(page);
  await comesBack(scene, "live/cam");
  await reads(page, "badge", "On air");
  assertEquals(await decoded(scene), ["h264", "aac"]);
});

pushScene("while the server is away the page says so, and that it tries again", {}, async (scene) => {
  const { page, base } = scene;
  await open(page, base);
  await goLive(page);
  await scene.server.close();
  await reads(page, "badge", "Reconnecting");
  await reads(page, "status", "Trying again…");
});

const guarded = () => [deciding((ctx) => {
  ctx.decide("publish", ({ session }) => {
    return session.params.get("key") === "a secret" ? undefined : { deny: "That is not the key of this stream" };
  });
})];

pushScene(
  "a refusal is shown in the server's words, and the right key is kept for the next time",
  { plugins: guarded },
  async (scene) => {
    const { page, base, complaints } = scene;
    await open(page, base);
    await page.fill("#publish-key", "a guess");
    await page.click("#go-live");
    await reads(page, "status", "That is not the key of this stream");
    assertEquals(await page.textContent("#badge"), "Refused");
    await page.fill("#publish-key", "a secret");
    await goLive(page);
    assertEquals(page.url(), `${base}/push.html?stream=live/cam`);
    await page.reload();
    assertEquals(await page.inputValue("#publish-key"), "a secret");
    assertEquals(await page.getAttribute("#publish-key", "type"), "password");
    assertEquals(complaints, []);
  },
);

pushScene("a name that cannot be one is refused before anything is captured", {}, async ({ page, base }) => {
  await open(page, base, "cam");
  await page.click("#go-live");
  await reads(page, "publish-fault", "two parts");
  assertEquals(await page.evaluate(() => document.activeElement?.id), "publish-path");
});

pushScene("a browser that hands out no frames is watched frame by frame", {}, async (scene) => {
  const { page, base } = scene;
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "MediaStreamTrackProcessor"));
  await open(page, base);
  assert(await page.isVisible("#background-note"));
  await goLive(page);
  assertEquals(await decoded(scene), ["h264", "aac"]);
});

pushScene("an encoder that the browser takes away is opened anew", {}, async (scene) => {
  const { page, base } = scene;
  await page.addInitScript(() => {
    const Encoder = VideoEncoder;
    const taken: (() => void)[] = [];
    class TakenEncoder extends Encoder {
      constructor(init: VideoEncoderInit) {
        super(init);
        taken.push(() => init.error(new DOMException("Codec reclaimed", "QuotaExceededError")));
      }
    }
    Object.assign(globalThis, {
      VideoEncoder: TakenEncoder,
      takeEncoders: () => taken.splice(0).forEach((take) => take()),
    });
  });
  await open(page, base);
  await goLive(page);
  await page.evaluate(() => (globalThis as unknown as { takeEncoders(): void }).takeEncoders());
  assertEquals(await decoded(scene), ["h264", "aac"]);
  assertEquals(await page.textContent("#badge"), "On air");
});

for (const [codec, fourCc] of [["vp9", "VP90"], ["av1", "AV01"]]) {
  pushScene(`${codec} and Opus are published as enhanced FLV, and the pictures are decoded`, {}, async (scene) => {
    const { page, base } = scene;
    await open(page, base);
    await page.selectOption("#video-codec", codec);
    await page.selectOption("#sound-codec", "opus");
    await goLive(page);
    const { video, audio } = await collect(scene.server, "live/cam", 30);
    assertEquals(video.map((packet) => packet.codec), new Array(30).fill(codec));
    assertEquals(await countPictures(ivf(fourCc, video)), 30);
    assert(audio.length > 20 && audio.every((packet) => packet.codec === "opus" && opusSamples(packet.data) === 960));
    const { tracks } = scene.server.streams.get("live/cam")!.toJSON();
    assertMatch(tracks.find(({ kind }) => kind === "video")?.codecString ?? "", /^(vp09|av01)\./);
  });
}

pushScene(
  "when the connection is too slow the bit rate goes down and frames are left out",
  {},
  async ({ page, base }) => {
    await page.addInitScript(() => {
      Object.defineProperty(WebSocket.prototype, "bufferedAmount", { get: () => 1_000_000 });
    });
    await open(page, base);
    await page.click("#go-live");
    await page.waitForFunction(() => {
      const value = (label: string) => {
        const entry = Array.from(document.querySelectorAll("#facts > div")).find((each) =>
          each.firstChild!.textContent === label
        );
        return entry?.lastChild?.textContent ?? "";
      };
      return parseInt(value("Dropped frames")) > 20 && parseInt(value("Encoder's target")) < 400;
    });
  },
);

pushScene(
  "the page can be used by keyboard alone, and has no fault for assistive technology",
  {},
  async ({ page, base }) => {
    await open(page, base);
    await assertAccessible(page);
    await page.focus("#publish-path");
    await page.keyboard.press("Enter");
    await reads(page, "badge", "On air");
    await assertAccessible(page);
    await page.focus("#go-live");
    await page.keyboard.press("Space");
    await reads(page, "badge", "Not live");
    const reached = await tabbedIds(page);
    for (const id of ["go-live", "with-microphone", "microphone-volume", "publish-path", "publish-key", "short-side"]) {
      assert(reached.includes(id), `${id} is reached by the Tab key, as are ${reached}`);
    }
  },
);

/** The ids of what the Tab key reaches, from the page's beginning to its end. */
async function tabbedIds(page: Page): Promise<string[]> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const ids: string[] = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    ids.push(await page.evaluate(() => document.activeElement?.id ?? ""));
  }
  return ids;
}

pushScene(
  "a page that did not come over HTTPS says why it cannot publish",
  { host: "plain.test" },
  async ({ page, base }) => {
    await page.goto(`${base}/push.html`);
    await reads(page, "notice-title", "needs HTTPS");
    assert(await page.isDisabled("#go-live"));
    assertMatch(await page.textContent("#notice-detail") ?? "", /localhost/);
  },
);
