import { knownClients } from "../../clients/known_clients.ts";
import type { PullClient, PushClient } from "../../kernel/sessions/client.ts";
import { definePlugin, type PluginContext } from "../../kernel/plugin/plugin.ts";
import { createServer, type Server } from "../../kernel/server.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { upstream } from "../../plugins/upstream/plugin.ts";
import { httpFlv } from "../../protocols/http_flv/plugin.ts";
import { rtmp } from "../../protocols/rtmp/plugin.ts";
import { wsFlv } from "../../protocols/ws_flv/plugin.ts";
import { type Held, heldBy } from "./held.ts";
import { patiently } from "./patience.ts";
import { packetsOf, type StreamMaker } from "./stream_maker.ts";
import { WORKER_MODULE } from "./test_server.ts";
import { whereabouts } from "./whereabouts.ts";

/** The schemes of addresses, one for each protocol. */
export const WAYS = ["rtmp", "http", "ws"] as const;

/** More sessions than the newest events are of that a server keeps. */
const SESSIONS_KEPT = 3000;

const clients = knownClients();

/** How a {@linkcode StormStage} is set up. */
export interface StormStageOptions {
  /** Streams that are not here are fetched from there. */
  readonly upstreams?: readonly string[];
  /** How many workers share its ports. */
  readonly workers?: number;
}

/** A server that nobody watches but the test, and that keeps nothing for it. */
export class StormStage implements AsyncDisposable {
  readonly clock = new FakeClock();
  #server?: Server;

  /** Starts it, with the newest events that a server keeps in their place: they take no memory while it is measured. */
  static async start({ upstreams = [], workers = 1 }: StormStageOptions = {}): Promise<StormStage> {
    const stage = new StormStage();
    const local = { host: "127.0.0.1", port: 0 };
    const crowd = definePlugin({ name: "crowd", setup: fillFeed });
    stage.#server = await createServer({
      plugins: [whereabouts(), rtmp(), httpFlv(), wsFlv(), upstream(), crowd()],
      config: {
        workers,
        http: local,
        rtmp: { ...local, idleSeconds: 3600 },
        publishTimeoutSeconds: 3600,
        dataDir: "/nonexistent",
        upstream: { routes: upstreams.length > 0 ? [{ servers: upstreams }] : [] },
      },
      workerModule: WORKER_MODULE,
      clock: stage.clock,
      log: () => {},
    });
    return stage;
  }

  get server(): Server {
    return this.#server!;
  }

  /** The port of every protocol. */
  get port(): number {
    return this.server.address("http").port;
  }

  held(): Held {
    return heldBy(this.server, this.clock);
  }

  push(path: string, way: string): Promise<PushClient> {
    const url = `${way}://127.0.0.1:${this.port}/${path}`;
    return patiently(clients.for(url).push(url), () => `${url} did not accept`);
  }

  pull(path: string, way: string): Promise<PullClient> {
    const url = `${way}://127.0.0.1:${this.port}/${path}${way === "rtmp" ? "" : ".flv"}`;
    return patiently(clients.for(url).pull(url), () => `${url} did not answer`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

/** Publishes what a stream begins with, and a group of pictures. */
export async function write(push: PushClient, maker: StreamMaker): Promise<void> {
  for (const packet of packetsOf([...maker.head(), ...maker.gop()])) await push.write(packet);
}

/** Waits for a viewer's first packet. */
export async function first(pull: PullClient): Promise<void> {
  await patiently(pull[Symbol.asyncIterator]().next(), () => "a viewer got nothing");
}

async function fillFeed(ctx: PluginContext): Promise<void> {
  for (let i = 0; i < SESSIONS_KEPT; i++) {
    const session = await ctx.open({ protocol: "test", remote: "127.0.0.1:50000", params: new URLSearchParams() });
    session.close("left");
  }
}
