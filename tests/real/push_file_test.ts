/// <reference lib="dom" />
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { inFolder } from "../../kernel/testing/in_folder.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { deciding, keepingPackets } from "../support/test_server.ts";
import { reads } from "./browser.ts";
import { ffmpeg } from "./ffmpeg.ts";
import { assertAccessible, comesBack, pushScene, watch } from "./push_scene.ts";

const H264 = "-c:v libx264 -preset veryfast -g 25 -bf 2 -pix_fmt yuv420p";
const HEVC = "-c:v libx265 -preset ultrafast -x265-params log-level=error:keyint=25:bframes=2";
const VP9 = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 25";
const AAC = "-c:a aac";

/** One second of them. */
const PICTURES = 25;

/** What is published of each kind of file: the codecs by the server's names. */
const FILES = [
  { name: "film.mp4", encode: `${H264} ${AAC}`, carried: ["avc", "aac"] },
  { name: "film.mkv", encode: `${H264} -c:a libmp3lame`, carried: ["avc", "mp3"] },
  { name: "film.ts", encode: `${H264} ${AAC}`, carried: ["avc", "aac"] },
  { name: "film.flv", encode: `${H264} ${AAC}`, carried: ["avc", "aac"] },
  { name: "hevc.mp4", encode: `${HEVC} -tag:v hvc1 ${AAC}`, carried: ["hevc", "aac"] },
  { name: "hevc.ts", encode: `${HEVC} ${AAC}`, carried: ["hevc", "aac"] },
  { name: "film.webm", encode: `${VP9} -c:a libopus`, carried: ["vp9", "opus"] },
];

/** Encodes a second of a test picture and a tone. */
async function makeFile(path: string, encode: string): Promise<void> {
  const inputs = "-f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440:sample_rate=48000 -t 1";
  const { success, log } = await ffmpeg(["-y", ...inputs.split(" "), ...encode.split(" "), path]);
  if (!success) throw new Error(`ffmpeg could not make ${path}: ${log}`);
}

async function choose(page: Page, path: string): Promise<void> {
  await page.setInputFiles("#file", path);
  await page.waitForFunction(() => !(document.getElementById("go-live") as HTMLButtonElement).disabled);
}

const kept = new Map<string, MediaPacket[]>();

/** The newest stream's packets that were kept. */
function lastKept(): MediaPacket[] {
  return [...kept.values()].at(-1)!;
}

pushScene(
  "films of all formats are published once, unchanged and complete, at their own pace",
  { plugins: () => [keepingPackets(kept)] },
  (scene) =>
    inFolder(async (folder) => {
      const { page, base, complaints, requests } = scene;
      await page.goto(`${base}/flv_push.html`);
      await page.uncheck("#loop");
      for (const { name, encode, carried } of FILES) {
        await makeFile(`${folder}/${name}`, encode);
        await choose(page, `${folder}/${name}`);
        const began = performance.now();
        await page.click("#go-live");
        await page.waitForFunction(() => document.getElementById("go-live")!.textContent === "End stream");
        await page.waitForFunction(() => document.getElementById("go-live")!.textContent === "Go live");
        const took = performance.now() - began;
        const frames = lastKept().filter(({ role }) => role !== "config" && role !== "metadata");
        const pictures = frames.filter(({ kind }) => kind === "video");
        const sounds = frames.filter(({ kind }) => kind === "audio");
        assertEquals([pictures[0].codec, sounds[0].codec], carried, name);
        assertEquals(pictures.length, PICTURES, name);
        assert(sounds.length > 35, `${name}: ${sounds.length} frames of sound`);
        assert(took > 800, `${name} took ${took} ms`);
        assertEquals(pictures.filter(({ dts, pts }) => dts > pts + 1000), [], name);
        const shown = pictures.map(({ pts }) => pts).sort((a, b) => a - b);
        assert(shown.slice(1).every((pts, i) => Math.abs(pts - shown[i] - 40_000) <= 1500), `${name}: ${shown}`);
      }
      assertEquals(requests.filter((url) => !url.startsWith(base) && !url.startsWith(`blob:${base}`)), []);
      assertEquals(complaints.filter((each) => !/decode|demux|media resource/i.test(each)), []);
    }),
);

pushScene(
  "a film goes round and round without a break, and others decode it",
  { plugins: () => [keepingPackets(kept)] },
  (scene) =>
    inFolder(async (folder) => {
      const { page, base } = scene;
      await makeFile(`${folder}/film.mp4`, `${H264} ${AAC}`);
      await page.goto(`${base}/flv_push.html`);
      await choose(page, `${folder}/film.mp4`);
      await page.click("#go-live");
      await reads(page, "badge", "On air");
      await reads(page, "position", "round 2");
      const [video, audio] = await watch(scene, "live/film", { video: 31, audio: 61 });
      assertEquals([video.codec_name, audio.codec_name], ["h264", "aac"]);
      for (const kind of ["video", "audio"]) {
        const times = lastKept().filter((packet) => packet.kind === kind && packet.role !== "config").map(({ dts }) =>
          dts
        );
        const steps = times.slice(1).map((time, i) => time - times[i]);
        assert(steps.every((step) => step > 0 && step < 65_000), `${kind}: ${Math.max(...steps)} µs at most`);
      }
    }),
);

pushScene("a film goes on after a restart of the server", {}, (scene) =>
  inFolder(async (folder) => {
    const { page, base } = scene;
    await makeFile(`${folder}/film.flv`, `${H264} ${AAC}`);
    await page.goto(`${base}/flv_push.html`);
    await choose(page, `${folder}/film.flv`);
    await page.click("#go-live");
    await reads(page, "badge", "On air");
    await comesBack(scene, "live/film");
    await reads(page, "badge", "On air");
    await watch(scene, "live/film", { video: 21, audio: 41 });
  }));

pushScene("what FLV cannot carry is named, and the rest is published", {}, (scene) =>
  inFolder(async (folder) => {
    const { page, base } = scene;
    await makeFile(`${folder}/film.mkv`, `${H264} -c:a libvorbis`);
    await makeFile(`${folder}/old.mp4`, "-c:v mpeg4 -an");
    await page.goto(`${base}/flv_push.html`);
    await choose(page, `${folder}/film.mkv`);
    await reads(page, "file-faults", "The sound is vorbis, which FLV cannot carry; the rest is published");
    await page.setInputFiles("#file", `${folder}/old.mp4`);
    await reads(page, "file-faults", 'The picture is "mp4v", which FLV cannot carry');
    assert(await page.isDisabled("#go-live"));
    await Deno.writeTextFile(`${folder}/notes.mp4`, "no film at all");
    await page.setInputFiles("#file", `${folder}/notes.mp4`);
    await reads(page, "file-faults", "notes.mp4 cannot be read");
  }));

const closed =
  () => [deciding((ctx) => ctx.decide("publish", () => ({ deny: "Nothing is published here on Sundays" })))];

pushScene(
  "a refusal is shown in the server's words, and nothing keeps people out",
  { plugins: closed },
  (scene) =>
    inFolder(async (folder) => {
      const { page, base } = scene;
      await makeFile(`${folder}/film.flv`, `${H264} ${AAC}`);
      await page.goto(`${base}/flv_push.html`);
      await assertAccessible(page);
      await choose(page, `${folder}/film.flv`);
      await page.focus("#publish-path");
      await page.keyboard.press("Enter");
      await reads(page, "status", "Nothing is published here on Sundays");
      await assertAccessible(page);
    }),
);
