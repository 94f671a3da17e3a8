import { assert, assertEquals } from "@std/assert";
import { createServer, definePlugin, httpFlv, rtmp, type Server, startPush } from "../../mod.ts";
import { eventually } from "../support/eventually.ts";
import { AAC, ffmpeg, H264, makeClip, packetsOf, type SeenPacket } from "./ffmpeg.ts";
import { ffprobe } from "./ffprobe.ts";

const CLIP_SECONDS = 3;

const CLIPS = [
  { name: "H.264 with B-frames and AAC", video: H264, audio: AAC },
  { name: "sound alone", audio: AAC },
  { name: "pictures alone", video: H264 },
  { name: "MP3", video: H264, audio: ["-c:a", "libmp3lame", "-ar", "44100"] },
];

interface Transport {
  readonly name: string;
  publishUrl(server: Server, path: string): readonly string[];
  playUrl(server: Server, path: string): string;
}

const TRANSPORTS: readonly Transport[] = [
  {
    name: "RTMP",
    publishUrl: (server, path) => ["-f", "flv", rtmpUrl(server, path)],
    playUrl: rtmpUrl,
  },
  {
    name: "HTTP-FLV",
    publishUrl: (server, path) => ["-f", "flv", "-method", "POST", http(server, path)],
    playUrl: (server, path) => `${http(server, path)}.flv`,
  },
];

function rtmpUrl(server: Server, path: string): string {
  return `rtmp://127.0.0.1:${server.address("rtmp").port}/${path}`;
}

function http(server: Server, path: string): string {
  return `http://127.0.0.1:${server.address("http").port}/${path}`;
}

/** A server, and a promise that so many players have asked for their stream. */
async function startServer(players: number): Promise<{ server: Server; asked: Promise<void> }> {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  let left = players;
  const counter = definePlugin({
    name: "counter",
    setup: (ctx) => ctx.decide("play", () => --left === 0 ? resolve() : undefined),
  });
  const server = await createServer({
    log: () => {},
    plugins: [rtmp(), httpFlv(), counter()],
    config: { http: { host: "127.0.0.1", port: 0 }, rtmp: { host: "127.0.0.1", port: 0 }, waitSeconds: 30 },
  });
  return { server, asked };
}

for (const clip of CLIPS) {
  Deno.test(`ffmpeg plays over RTMP and HTTP-FLV what ffmpeg publishes over each: ${clip.name}`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const file = `${folder}/clip.flv`;
      await makeClip(file, { seconds: CLIP_SECONDS, ...clip });
      const sent = await packetsOf(["-i", file]);
      const started = await startServer(TRANSPORTS.length ** 2);
      await using server = started.server;
      await Promise.all(TRANSPORTS.map((from) => publishAndPlay(server, started.asked, from, file, sent)));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("ffmpeg that comes later finds picture and sound, and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/clip.flv`;
    await makeClip(file, { seconds: CLIP_SECONDS, ...CLIPS[0] });
    await using server = (await startServer(0)).server;
    const enough = new AbortController();
    const url = rtmpUrl(server, "live/cam");
    const push = startPush(file, url, { speed: 2, loop: true, signal: enough.signal });
    await eventually(() => push.figures.seconds > CLIP_SECONDS, "the stream does not get on");
    for (const to of TRANSPORTS) {
      const { streams } = await ffprobe(["-show_entries", "stream=codec_type", to.playUrl(server, "live/cam")]);
      const kinds = (streams as { codec_type: string }[]).map(({ codec_type }) => codec_type);
      assertEquals(kinds.sort(), ["audio", "video"], to.name);
    }
    enough.abort();
    await push.done;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Players that are there before the publisher see every packet. */
async function publishAndPlay(
  server: Server,
  asked: Promise<void>,
  from: Transport,
  file: string,
  sent: SeenPacket[],
): Promise<void> {
  const path = `live/${from.name}`;
  const players = TRANSPORTS.map((to) => packetsOf(["-i", to.playUrl(server, path)]));
  await asked;
  const published = await ffmpeg(["-re", "-i", file, "-c", "copy", ...from.publishUrl(server, path)]);
  assert(published.success, published.log);
  for (const [index, received] of (await Promise.all(players)).entries()) {
    const way = `${from.name} to ${TRANSPORTS[index].name}`;
    for (const stream of new Set(sent.map((packet) => packet.stream))) {
      assertEquals(content(received, stream), content(sent, stream), `${way}, stream ${stream}`);
    }
  }
}

function content(packets: readonly SeenPacket[], stream: string) {
  const own = packets.filter((packet) => packet.stream === stream);
  return own.map(({ dts, pts, size, md5 }) => ({ dts, pts, size, md5 }));
}
