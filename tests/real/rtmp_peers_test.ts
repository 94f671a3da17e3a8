import { assert, assertEquals, assertGreater } from "@std/assert";
import { createServer } from "../../kernel/server.ts";
import { definePlugin } from "../../kernel/plugin/plugin.ts";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { RtmpClientError, RtmpPlayClient, RtmpPublishClient } from "../../protocols/rtmp/client.ts";
import { rtmp } from "../../protocols/rtmp/plugin.ts";
import { turn } from "../support/eventually.ts";
import { freePort } from "../support/free_port.ts";
import { assertMonotonic, assertSamePackets, frames } from "../support/packets.ts";
import { patiently } from "../support/patience.ts";
import { AAC, ffmpeg, H264, makeClip, packetsOf, type SeenPacket } from "./ffmpeg.ts";
import { freePorts, nginxRtmp } from "./peers.ts";

const CLIP_SECONDS = 2;

/** A clip, as a file and as the packets in it. */
interface Clip {
  readonly file: string;
  readonly packets: readonly MediaPacket[];
}

async function withClip(run: (clip: Clip, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/clip.flv`;
    await makeClip(file, { seconds: CLIP_SECONDS, video: H264, audio: AAC });
    await run({ file, packets: new FlvDemuxer().read(await Deno.readFile(file)) }, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A server, its stream's address, and a promise that a player has asked for it. */
async function startServer() {
  const local = { host: "127.0.0.1", port: 0 };
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const watcher = definePlugin({ name: "watcher", setup: (ctx) => ctx.decide("play", () => resolve()) });
  const server = await createServer({
    plugins: [rtmp(), watcher()],
    config: { http: local, rtmp: local, waitSeconds: 30 },
    log: () => {},
  });
  return { server, url: `rtmp://127.0.0.1:${server.address("rtmp").port}/live/cam`, asked };
}

Deno.test("our player gets from our server what ffmpeg publishes, byte for byte", () =>
  withClip(async ({ file, packets }) => {
    const { server, url, asked } = await startServer();
    await using _server = server;
    const playing = RtmpPlayClient.connect(url, { timeoutMs: 30_000 });
    await asked;
    const publishing = ffmpeg(["-re", "-i", file, "-c", "copy", "-f", "flv", url]);
    const received = await readAll(await playing);
    assert((await publishing).success, (await publishing).log);
    assertMonotonic(received);
    assertSamePackets(frames(received), frames(packets));
  }));

Deno.test("ffmpeg plays from our server what our publisher sends", () =>
  withClip(async ({ file, packets }) => {
    const { server, url, asked } = await startServer();
    await using _server = server;
    const playing = packetsOf(["-i", url]);
    await asked;
    await using publisher = await RtmpPublishClient.connect(url);
    for (const packet of packets) await publisher.write(packet);
    await publisher.close();
    assertSeenAlike(await playing, await packetsOf(["-i", file]));
  }));

/** What servers of ours tell each other, and others take no notice of. */
const HOPS = { hops: ["one", "two"] };

Deno.test("ffmpeg as a server takes what our publisher sends", () =>
  withClip(async ({ file, packets }) => {
    const url = `rtmp://127.0.0.1:${freePort()}/live/cam`;
    const playing = packetsOf(["-listen", "1", "-i", url]);
    await using publisher = await whenListening(() => RtmpPublishClient.connect(url, HOPS));
    for (const packet of packets) await publisher.write(packet);
    await publisher.close();
    assertSeenAlike(await playing, await packetsOf(["-i", file]));
  }));

Deno.test("nginx-rtmp carries our publisher's stream to our player", () =>
  withClip(async ({ packets }, folder) => {
    await using nginx = await nginxRtmp.start(folder, freePorts());
    const [url] = nginx.pull("live/cam");
    await using player = await whenListening(() => RtmpPlayClient.connect(url));
    await using publisher = await RtmpPublishClient.connect(url, HOPS);
    const reading = readAll(player);
    for (const packet of packets) await publisher.write(packet);
    await publisher.close();
    assertSamePackets(frames(await reading), frames(packets));
  }));

Deno.test("our player plays what ffmpeg publishes to nginx-rtmp, and a second publisher hears nginx's words", () =>
  withClip(async ({ file, packets }, folder) => {
    await using nginx = await nginxRtmp.start(folder, freePorts());
    const [url] = nginx.pull("live/cam");
    await using player = await whenListening(() => RtmpPlayClient.connect(url));
    const publishing = ffmpeg(["-re", "-i", file, "-c", "copy", "-f", "flv", url]);
    const iterator = player[Symbol.asyncIterator]();
    const first = await patiently(iterator.next(), () => "nothing came");
    const error = await refusal(RtmpPublishClient.connect(url));
    assertEquals(error.code, "NetStream.Publish.BadName");
    const received = [first.value as MediaPacket, ...await readAll(player)];
    assert((await publishing).success, (await publishing).log);
    assertSamePackets(frames(received), frames(packets));
  }));

async function readAll(player: RtmpPlayClient): Promise<MediaPacket[]> {
  const packets: MediaPacket[] = [];
  for await (const packet of player) packets.push(packet);
  return packets;
}

/** Fails unless both have the same frames, whatever the time of the first. */
function assertSeenAlike(actual: readonly SeenPacket[], expected: readonly SeenPacket[]): void {
  assertGreater(expected.length, 0);
  for (const stream of new Set(expected.map((packet) => packet.stream))) {
    const of = (packets: readonly SeenPacket[]) =>
      packets.filter((packet) => packet.stream === stream).map(({ dts, pts, size, md5 }) => ({ dts, pts, size, md5 }));
    assertEquals(of(actual), of(expected), `stream ${stream}`);
  }
}

async function refusal(connecting: Promise<RtmpPublishClient>): Promise<RtmpClientError> {
  try {
    await (await connecting).close();
  } catch (error) {
    if (error instanceof RtmpClientError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

/** Connects as soon as a program that has just been started listens. */
async function whenListening<T>(connect: () => Promise<T>): Promise<T> {
  const trying = async () => {
    while (true) {
      try {
        return await connect();
      } catch (error) {
        if (!(error instanceof RtmpClientError) || error.code !== "unreachable") throw error;
        await turn();
      }
    }
  };
  return await patiently(trying(), () => "nobody listens");
}
