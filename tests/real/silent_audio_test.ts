import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { startForward } from "../../clients/forward_stream.ts";
import { startPush } from "../../clients/push_file.ts";
import { freePort } from "../support/free_port.ts";
import { listenersOn } from "../support/listeners_on.ts";
import { patiently } from "../support/patience.ts";
import { TestServer } from "../support/test_server.ts";
import { untilHolds } from "../support/until_holds.ts";
import { ffmpeg, H264, makeClip } from "./ffmpeg.ts";
import { complaints, ffprobe } from "./ffprobe.ts";

/** Seconds that ffmpeg takes of what it is sent. */
const TAKEN = 3;

/** How long a frame of the silence is, in seconds. */
const FRAME = 1024 / 44_100;

/** ffmpeg as the server that a stream is sent to, when it listens; `taken` settles when it has written enough of it. */
async function listeningFfmpeg(path: string): Promise<{ url: string; taken: Promise<void> }> {
  const port = freePort();
  const url = `rtmp://127.0.0.1:${port}/live/cam`;
  const run = ffmpeg(["-listen", "1", "-f", "flv", "-i", url, "-t", `${TAKEN}`, "-c", "copy", path]);
  await untilHolds(async () => await listenersOn(port) > 0, "ffmpeg does not listen");
  return { url, taken: run.then(({ success, log }) => assert(success, log)) };
}

interface Seen {
  readonly codec_type: string;
  readonly pts_time: string;
}

/** Fails unless ffmpeg finds pictures and, all along, AAC that decodes to silence without a complaint. */
async function assertSilent(path: string): Promise<void> {
  assertEquals(await complaints(path), "");
  const entries = "stream=codec_name,profile,sample_rate,channels:packet=codec_type,pts_time";
  const { streams, packets } = await ffprobe(["-show_entries", entries, path]) as {
    streams: Record<string, unknown>[];
    packets: Seen[];
  };
  const sound = streams.find(({ codec_name }) => codec_name === "aac");
  assertEquals(sound, { codec_name: "aac", profile: "LC", sample_rate: "44100", channels: 2 });
  assert(streams.some(({ codec_name }) => codec_name === "h264"));
  const times = packets.filter(({ codec_type }) => codec_type === "audio").map(({ pts_time }) => Number(pts_time));
  for (let i = 1; i < times.length; i++) assertLess(times[i] - times[i - 1], FRAME + 0.002, `after ${times[i - 1]}`);
  assertAlmostEquals(times.at(-1)! - times[0], TAKEN, 0.2);
  const raw = `${path}.raw`;
  const { success, log } = await ffmpeg(["-xerror", "-i", path, "-map", "0:a", "-f", "s16le", "-y", raw]);
  assertEquals([success, log], [true, ""]);
  const samples = await Deno.readFile(raw);
  assert(samples.length > (TAKEN - 0.2) * 44_100 * 4 && samples.every((byte) => byte === 0), `${samples.length} bytes`);
}

async function withClip(use: (clip: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const clip = `${folder}/clip.flv`;
    await makeClip(clip, { seconds: 2, video: H264 });
    await use(clip, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("push with silent audio: ffmpeg as the target finds sound, which is silence from beginning to end", () =>
  withClip(async (clip, folder) => {
    const path = `${folder}/pushed.flv`;
    const { url, taken } = await listeningFfmpeg(path);
    const stop = new AbortController();
    const push = startPush(clip, url, { silentAudio: true, loop: true, speed: 2, signal: stop.signal });
    await patiently(taken, () => "ffmpeg did not get enough");
    stop.abort();
    await push.done;
    await assertSilent(path);
  }));

Deno.test("forward with silent audio: ffmpeg as the target finds sound, which is silence from beginning to end", () =>
  withClip(async (clip, folder) => {
    await using server = await TestServer.start({ config: { publishTimeoutSeconds: 3600 } });
    const source = `rtmp://127.0.0.1:${server.port}/live/cam`;
    const stop = new AbortController();
    const push = startPush(clip, source, { loop: true, signal: stop.signal });
    const path = `${folder}/forwarded.flv`;
    const { url, taken } = await listeningFfmpeg(path);
    const forward = startForward(source, [url], { silentAudio: true, signal: stop.signal });
    await patiently(taken, () => "ffmpeg did not get enough");
    stop.abort();
    await Promise.all([forward.done, push.done]);
    await assertSilent(path);
  }));
