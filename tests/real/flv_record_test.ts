import { assert, assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { createServer, definePlugin, flvRecord, rtmp, type Server } from "../../mod.ts";
import { AAC, ffmpeg, H264, makeClip, packetsOf, type SeenPacket } from "./ffmpeg.ts";
import { complaints, ffprobe } from "./ffprobe.ts";

const CLIP_SECONDS = 5;

const CLIPS = [
  { name: "H.264 with B-frames and AAC", video: H264, audio: AAC },
  { name: "sound alone", audio: AAC },
  { name: "pictures alone", video: H264 },
  { name: "MP3", video: H264, audio: ["-c:a", "libmp3lame", "-ar", "44100"] },
];

/** A server that records, and the paths of the recordings that it will complete, one after another. */
async function startServer(dataDir: string): Promise<{ server: Server; completed: () => Promise<string> }> {
  const paths: string[] = [];
  let news = Promise.withResolvers<void>();
  const witness = definePlugin({
    name: "witness",
    setup: (ctx) =>
      ctx.on("artifact:complete", ({ path }) => {
        paths.push(path);
        news.resolve();
      }),
  });
  const server = await createServer({
    log: () => {},
    plugins: [rtmp(), flvRecord({ minFreeMegabytes: 0 }), witness()],
    config: { http: { host: "127.0.0.1", port: 0 }, rtmp: { host: "127.0.0.1", port: 0 }, dataDir },
  });
  const completed = async () => {
    while (paths.length === 0) {
      await news.promise;
      news = Promise.withResolvers();
    }
    return `${dataDir}/${paths.shift()}`;
  };
  return { server, completed };
}

async function publish(server: Server, clip: string): Promise<void> {
  const address = `rtmp://127.0.0.1:${server.address("rtmp").port}/live/cam`;
  const result = await ffmpeg(["-i", clip, "-c", "copy", "-f", "flv", address]);
  assert(result.success, result.log);
}

/** Packets with times that begin at 0. */
function fromZero(packets: readonly SeenPacket[]): SeenPacket[] {
  const start = Math.min(...packets.map(({ dts }) => dts));
  return packets.map((packet) => ({ ...packet, dts: packet.dts - start, pts: packet.pts - start }));
}

for (const { name, video, audio } of CLIPS) {
  Deno.test(`ffmpeg reads from a recording, without complaint, what ffmpeg published: ${name}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const clip = `${folder}/clip.flv`;
      await makeClip(clip, { seconds: CLIP_SECONDS, video, audio });
      const sent = fromZero(await packetsOf(["-i", clip]));
      const { server, completed } = await startServer(folder);
      await using _ = server;
      await publish(server, clip);
      const path = await completed();
      assertEquals(fromZero(await packetsOf(["-i", path])), sent);
      assertEquals(await complaints(path), "");
      const decoded = await ffmpeg(["-i", path, "-f", "null", "-"]);
      assertEquals([decoded.success, decoded.log], [true, ""]);
      const probed = await ffprobe(["-show_format", "-show_streams", path]);
      const { duration, size } = probed.format as { duration: string; size: string };
      assertAlmostEquals(Number(duration), CLIP_SECONDS, 0.15);
      assertStrictEquals(Number(size), (await Deno.stat(path)).size);
      const kinds = (probed.streams as { codec_type: string }[]).map(({ codec_type }) => codec_type).sort();
      assertEquals(kinds, [...(audio ? ["audio"] : []), ...(video ? ["video"] : [])]);
      await assertSeeks(path, video !== undefined);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** Fails unless players find the key before a place by the index: at most a second before it, not at the beginning. */
async function assertSeeks(path: string, hasVideo: boolean): Promise<void> {
  const [first] = await packetsOf(["-ss", "3.5", "-i", path, "-map", hasVideo ? "0:v" : "0:a"]);
  const all = await packetsOf(["-i", path, "-map", hasVideo ? "0:v" : "0:a"]);
  const found = all.find(({ md5, dts }) => md5 === first.md5 && dts === first.dts);
  assert(found && found.pts >= 2400 && found.pts <= 3500, `begins at ${found?.pts}`);
}
