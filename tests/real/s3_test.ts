import { assertEquals, assertGreater } from "@std/assert";
import { join, relative } from "@std/path";
import S3rver from "s3rver";
import { turn } from "../support/eventually.ts";
import { patiently } from "../support/patience.ts";
import { bannerPorts, Program } from "../support/program.ts";
import { AAC, ffmpeg, packetsOf } from "./ffmpeg.ts";

const BUCKET = "films";

/** What s3rver takes for good credentials, as programs for such stores have them. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: "S3RVER" };

/** Noise that is not compressed: two parts of a recording take some four seconds. */
const NOISE = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25,noise=alls=100:allf=t"];
const LOSSLESS = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-g", "25", "-pix_fmt", "yuv420p"];
const SECONDS = 8;

const PART = 5 * 2 ** 20;

/** A recording of each kind. */
const NAMES = [
  /flv\/live\/cam\/\d+_\d+\.flv/,
  /mp4\/live\/cam\/\d+_\d+\.mp4/,
  /hls\/live\/cam\/\d+_\d+\/index\.m3u8/,
  /mp4\/live\/cam\/output_merge\/\d+_\d+\/index\.json/,
];

/** The files of which they are made; live segments lie in a folder of their session's own there. */
const RECORDED =
  /^(flv|hls)\/[\w/]+\/(?!index\.flv)[\w.-]+$|^mp4\/live\/cam\/(\d+_\d+\.mp4|output_merge\/(\d+\.m4s|init\.mp4))$/;

interface RunningStore {
  run(): Promise<{ port: number }>;
  close(): Promise<void>;
}

const S3rverClass = S3rver as unknown as new (options: Record<string, unknown>) => RunningStore;

/** A store of another make, in a folder. */
async function startStore(directory: string): Promise<{ store: RunningStore; address: string }> {
  const options = { address: "127.0.0.1", port: 0, silent: true, directory, configureBuckets: [{ name: BUCKET }] };
  const store = new S3rverClass(options);
  const { port } = await store.run();
  return { store, address: `http://127.0.0.1:${port}` };
}

function startServer(folder: string, endpoint: string): Program {
  const ports = ["--http-host=127.0.0.1", "--http-port=0", "--rtmp-host=127.0.0.1", "--rtmp-port=0"];
  const plugins = "--plugins=rtmp,s3,flv-record,fmp4,hls,api,files";
  const settings = [`--s3-bucket=${BUCKET}`, "--s3-part-megabytes=5", "--hls-record"];
  const what = "--s3-what=flv,mp4,hls,segments";
  return Program.server(["start", plugins, `--data-dir=${folder}`, ...ports, ...settings, what], {
    env: { ...CREDENTIALS, AWS_ENDPOINT_URL: endpoint },
  });
}

/** Waits until the store has the second part of something. */
async function secondPart(directory: string): Promise<void> {
  let isOver = false;
  const looking = async () => {
    while (!isOver && !await hasSecondPart(directory)) await turn();
  };
  try {
    await patiently(looking(), () => "no second part came while the recording was made");
  } finally {
    isOver = true;
  }
}

async function hasSecondPart(directory: string): Promise<boolean> {
  try {
    for await (const entry of walk(join(directory, BUCKET))) if (/\/2\.md5$/.test(entry)) return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return false;
}

async function* walk(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* walk(join(folder, name));
    else yield join(folder, name);
  }
}

/** Plays a session from the store while it is made. */
async function playGrowing(playlist: string): Promise<void> {
  let isOver = false;
  const looking = async () => {
    for (let status = 404; !isOver && status !== 200; await turn()) {
      const response = await fetch(playlist);
      await response.body?.cancel();
      status = response.status;
    }
  };
  try {
    await patiently(looking(), () => "no playlist came while the recording was made");
  } finally {
    isOver = true;
  }
  const played = await ffmpeg(["-live_start_index", "0", "-i", playlist, "-t", "1", "-c", "copy", "-f", "null", "-"]);
  assertEquals(played.success, true, played.log);
}

/** Publishes a clip at its own pace, over and over, until the server is gone. */
async function publishUntilKilled(server: Program, clip: string, directory: string, playlist: string): Promise<void> {
  const { rtmp } = await bannerPorts(server);
  const input = ["-re", "-stream_loop", "-1", "-i", clip];
  const encoder = ffmpeg([...input, "-c", "copy", "-f", "flv", `rtmp://127.0.0.1:${rtmp}/live/cam`]);
  await playGrowing(playlist);
  await secondPart(directory);
  server.kill("SIGKILL");
  await server.over();
  await encoder;
}

Deno.test("recordings are in the store to the byte though the server was killed while they were made", async () => {
  const folder = await Deno.makeTempDir();
  const [data, directory, clip] = ["data", "store", "clip.flv"].map((name) => join(folder, name));
  const { store, address } = await startStore(directory);
  const playlist = `${address}/${BUCKET}/hls/live/cam/record.m3u8`;
  try {
    const made = await ffmpeg([
      ...NOISE,
      "-f",
      "lavfi",
      "-i",
      "sine",
      "-t",
      String(SECONDS),
      ...LOSSLESS,
      ...AAC,
      clip,
    ]);
    assertEquals(made, { success: true, log: made.log });
    assertGreater((await Deno.stat(clip)).size, 3 * PART);
    {
      await using server = startServer(data, address);
      await publishUntilKilled(server, clip, directory, playlist);
    }
    await using server = startServer(data, address);
    for (const name of NAMES) await server.until(new RegExp(`${name.source} is in the store`), "err");
    const sent = await assertSame(data, address);
    for (const end of [".flv", ".mp4", ".m3u8", ".ts", ".m4s"]) {
      assertGreater(sent.filter((name) => name.endsWith(end)).length, 0, `no ${end} was sent`);
    }
    const recorded = sent.find((name) => name.endsWith("/index.m3u8"))!;
    assertEquals((await read(await signedUrl(server, "flv"))).length, await sizeOf(data, sent, ".flv"));
    const played = await packetsOf(["-i", playlist]);
    assertEquals(played, await packetsOf(["-i", join(data, recorded)]));
    assertGreater(played.length, 25);
  } finally {
    await store.close();
    await Deno.remove(folder, { recursive: true });
  }
});

/** Where the API says that a recording is in the store, for those who have the address. */
async function signedUrl(server: Program, kind: string): Promise<string> {
  const { http } = await bannerPorts(server);
  const { items } = await (await fetch(`http://127.0.0.1:${http}/api/v1/recordings?kind=${kind}`)).json();
  return items[0].storeUrl;
}

async function read(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  assertEquals(response.status, 200);
  return await response.bytes();
}

async function sizeOf(data: string, names: readonly string[], end: string): Promise<number> {
  return (await Deno.stat(join(data, names.find((name) => name.endsWith(end))!))).size;
}

/** Fails unless every recording of the data folder is in the store, as it is; gives their names. */
async function assertSame(data: string, address: string): Promise<string[]> {
  const sent: string[] = [];
  const { session } = JSON.parse(await Deno.readTextFile(join(data, "mp4/live/cam/output_merge/index.json")));
  for await (const path of walk(data)) {
    const name = relative(data, path);
    if (!RECORDED.test(name)) continue;
    const object = await read(`${address}/${BUCKET}/${name.replace("output_merge/", `output_merge/${session}/`)}`);
    const file = await Deno.readFile(path);
    assertEquals([name, object.length], [name, file.length]);
    assertEquals([name, object.findIndex((byte, i) => byte !== file[i])], [name, -1]);
    sent.push(name);
  }
  return sent;
}
