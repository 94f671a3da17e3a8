import { createServer, type Server } from "../../kernel/server.ts";
import { audioConfigBody, audioFrameBody, videoConfigBody, videoFrameBody } from "../../media/flv/body_writer.ts";
import { ByteWriter } from "../../media/bytes.ts";
import { flvHeader } from "../../media/flv/header.ts";
import { tagTypeOf, writeFlvTag } from "../../media/flv/tag.ts";
import { ffmpeg } from "./ffmpeg.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { hls } from "../../plugins/hls/plugin.ts";
import { RtmpPublishClient } from "../../protocols/rtmp/client.ts";
import { rtmp } from "../../protocols/rtmp/plugin.ts";
import { HlsMirror, type MirrorFile } from "./hls_mirror.ts";

/** Stamps of RTMP have 32 bits, in milliseconds. */
const STAMP_WRAP = 2 ** 32;

/** A server that makes HLS, and a mirror before it through which players come. */
export interface HlsScene extends AsyncDisposable {
  readonly server: Server;
  readonly mirror: HlsMirror;
  /** Where to publish. */
  readonly rtmp: string;
  /** What players open. */
  readonly index: string;
}

/** What a scene is set with. */
export interface SceneOptions {
  readonly settings: Parameters<typeof hls>[0];
  readonly files?: Readonly<Record<string, MirrorFile>>;
  readonly graceSeconds?: number;
  /** Where recordings go. */
  readonly dataDir?: string;
}

/** Sets the scene for `live/cam`. */
export async function openScene(
  { settings, files, graceSeconds = 0, dataDir = "/nonexistent" }: SceneOptions,
): Promise<HlsScene> {
  const local = { host: "127.0.0.1", port: 0 };
  const server = await createServer({
    plugins: [rtmp(), hls(settings)],
    config: { http: local, rtmp: local, graceSeconds, waitSeconds: 60, dataDir },
    log: () => {},
  });
  const mirror = new HlsMirror(server.address("http").url, files);
  return {
    server,
    mirror,
    rtmp: `rtmp://127.0.0.1:${server.address("rtmp").port}/live/cam`,
    index: `${mirror.url}/hls/live/cam/index.m3u8`,
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]();
      await server.close();
    },
  };
}

/** Publishes packets as fast as the server takes them, the first at this stamp, in milliseconds, and ends the stream. */
export async function publishAll(address: string, packets: readonly MediaPacket[], start = 0): Promise<void> {
  await using publisher = await RtmpPublishClient.connect(address);
  const base = Math.min(...packets.filter(({ role }) => role !== "config").map(({ dts }) => dts));
  for (const packet of packets) {
    const body = bodyOf(packet);
    const ms = Math.max(0, Math.round((packet.dts - base) / 1000)) + start;
    if (body) await publisher.write({ ...packet, body, dts: (ms % STAMP_WRAP) * 1000 });
  }
}

/** A publisher that sends at the speed of its stamps. */
export class PacedPublisher implements AsyncDisposable {
  /** When each picture was sent, in milliseconds since 1970. */
  readonly sentAt: number[] = [];
  readonly #client: RtmpPublishClient;
  readonly #stopping = new AbortController();
  #sending: Promise<void> = Promise.resolve();
  /** Set when it shall stop. */
  #multiple: number | undefined;

  private constructor(client: RtmpPublishClient) {
    this.#client = client;
  }

  /** Begins to send packets, over and over, so many milliseconds of them at once; each round goes on where the one before ended. */
  static async start(address: string, packets: readonly MediaPacket[], ahead = 0): Promise<PacedPublisher> {
    const publisher = new PacedPublisher(await RtmpPublishClient.connect(address));
    publisher.#sending = publisher.#send(packets, ahead);
    // Whoever ends it hears what went wrong.
    publisher.#sending.catch(() => {});
    return publisher;
  }

  /** Sends no more, and stays connected; before that it sends until the number of pictures is a multiple of this one. */
  async stop(multiple = 1): Promise<void> {
    this.#multiple = multiple;
    if (multiple === 1) this.#stopping.abort();
    await this.#sending;
  }

  /** Says that the stream is complete. */
  async end(): Promise<void> {
    await this.stop();
    await this.#client.close();
  }

  /** Cuts the connection without a word. */
  async vanish(): Promise<void> {
    await this.stop();
    this.#client.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }

  async #send(packets: readonly MediaPacket[], ahead: number): Promise<void> {
    const frames = packets.filter(({ role }) => role !== "config");
    const base = frames[0].dts;
    const length = frames.at(-1)!.dts - base + 40_000;
    const begun = performance.now() - ahead;
    for (const packet of packets) if (packet.role === "config") await this.#write(packet, 0);
    for (let round = 0; !this.#stopping.signal.aborted; round++) {
      for (const packet of frames) {
        const time = Math.max(0, packet.dts - base) + round * length;
        await pause(begun + time / 1000 - performance.now(), this.#stopping.signal);
        if (this.#stopping.signal.aborted) return;
        if (packet.kind === "video" && this.#hasSentEnough()) return;
        if (packet.kind === "video") this.sentAt.push(Date.now());
        await this.#write(packet, time);
      }
    }
  }

  #hasSentEnough(): boolean {
    return this.#multiple !== undefined && this.sentAt.length % this.#multiple === 0;
  }

  async #write(packet: MediaPacket, dts: number): Promise<void> {
    const body = bodyOf(packet);
    if (body) await this.#client.write({ ...packet, body, dts });
  }
}

/** Waits so many milliseconds, or until it is over. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}

/** Publishes packets at the speed of their stamps, and ends the stream. */
export async function publishLive(address: string, packets: readonly MediaPacket[]): Promise<void> {
  const path = await Deno.makeTempFile({ suffix: ".flv" });
  try {
    await Deno.writeFile(path, flvFile(packets));
    const { success, log } = await ffmpeg(["-re", "-i", path, "-c", "copy", "-f", "flv", address]);
    if (!success) throw new Error(`ffmpeg could not publish: ${log}`);
  } finally {
    await Deno.remove(path);
  }
}

function flvFile(packets: readonly MediaPacket[]): Uint8Array {
  const out = new ByteWriter();
  out.raw(flvHeader({ hasAudio: true, hasVideo: true }));
  for (const packet of packets) {
    const body = bodyOf(packet);
    if (body) writeFlvTag(out, tagTypeOf(packet.kind), Math.round(packet.dts / 1000), body);
  }
  return out.view();
}

/** As FLV has it; delays are told so that showing times are rounded to milliseconds once. */
function bodyOf({ kind, role, codec, dts, pts, data }: MediaPacket): Uint8Array | undefined {
  if (kind === "audio") return role === "config" ? audioConfigBody(codec, data) : audioFrameBody(codec, data);
  if (role === "config") return videoConfigBody(codec, data);
  const delay = Math.round(pts / 1000) - Math.round(dts / 1000);
  return videoFrameBody(codec, role === "key", delay * 1000, data);
}
