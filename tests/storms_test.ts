import { assertEquals } from "@std/assert";
import { knownClients } from "../clients/known_clients.ts";
import type { PullClient, PushClient } from "../kernel/client.ts";
import { definePlugin, type PluginContext } from "../kernel/plugin.ts";
import { createServer, type Server } from "../kernel/server.ts";
import { FakeClock } from "../kernel/testing/fake_clock.ts";
import { upstream } from "../plugins/upstream/plugin.ts";
import { httpFlv } from "../protocols/http_flv/plugin.ts";
import { rtmp } from "../protocols/rtmp/plugin.ts";
import { wsFlv } from "../protocols/ws_flv/plugin.ts";
import { eventually } from "./support/eventually.ts";
import { assertHeapKept, assertReleased, heapInUse, type Held, heldBy } from "./support/held.ts";
import { patiently } from "./support/patience.ts";
import { packetsOf, StreamMaker } from "./support/stream_maker.ts";

/** How often a crowd, or a publisher, drops and returns. */
const STORMS = 100;

/** Viewers of each protocol. */
const CROWD = 10;

/** How many names come and go, and how many of them at once. */
const NAMES = 900;
const AT_ONCE = 30;

/** After this part of the rounds caches are full, and code is compiled. */
const WARM_UP = 0.3;

/** More sessions than the newest events are of that a server keeps. */
const SESSIONS_KEPT = 3000;

const clients = knownClients();

/** Addresses of a stream by each protocol. */
const WAYS = ["rtmp", "http", "ws"] as const;

function pushUrl(port: number, path: string, way: string): string {
  return `${way}://127.0.0.1:${port}/${path}`;
}

function pullUrl(port: number, path: string, way: string): string {
  return `${pushUrl(port, path, way)}${way === "rtmp" ? "" : ".flv"}`;
}

/** A server that nobody watches but the test, and that keeps nothing for it. */
class Stage implements AsyncDisposable {
  readonly clock = new FakeClock();
  #server?: Server;

  /** Streams that are not here are fetched from `upstreams`. */
  static async start(upstreams: readonly string[] = []): Promise<Stage> {
    const stage = new Stage();
    const local = { host: "127.0.0.1", port: 0 };
    const crowd = definePlugin({ name: "crowd", setup: fillFeed });
    stage.#server = await createServer({
      plugins: [rtmp(), httpFlv(), wsFlv(), upstream(), crowd()],
      config: {
        http: local,
        rtmp: { ...local, idleSeconds: 3600 },
        publishTimeoutSeconds: 3600,
        dataDir: "/nonexistent",
        upstream: { routes: upstreams.length > 0 ? [{ servers: upstreams }] : [] },
      },
      clock: stage.clock,
      log: () => {},
    });
    return stage;
  }

  get server(): Server {
    return this.#server!;
  }

  get port(): number {
    return this.server.address("http").port;
  }

  held(): Held {
    return heldBy(this.server, this.clock);
  }

  push(path: string, way: string): Promise<PushClient> {
    const url = pushUrl(this.port, path, way);
    return patiently(clients.for(url).push(url), () => `${url} did not accept`);
  }

  pull(path: string, way: string): Promise<PullClient> {
    const url = pullUrl(this.port, path, way);
    return patiently(clients.for(url).pull(url), () => `${url} did not answer`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

/** The newest events that a server keeps take their memory now, not while it is measured. */
async function fillFeed(ctx: PluginContext): Promise<void> {
  for (let i = 0; i < SESSIONS_KEPT; i++) {
    const session = await ctx.open({ protocol: "test", remote: "127.0.0.1:50000", params: new URLSearchParams() });
    session.close("left");
  }
}

async function write(push: PushClient, maker: StreamMaker): Promise<void> {
  for (const packet of packetsOf([...maker.head(), ...maker.gop()])) await push.write(packet);
}

/** Waits for a viewer's first packet. */
async function first(pull: PullClient): Promise<void> {
  await patiently(pull[Symbol.asyncIterator]().next(), () => "a viewer got nothing");
}

Deno.test("a crowd that drops and returns at once, a hundred times, leaves nothing behind", async () => {
  await using stage = await Stage.start();
  const push = await stage.push("live/cam", "rtmp");
  await write(push, new StreamMaker());
  await eventually(() => stage.server.streams.size === 1, "nothing is published");
  const storm = async (isKicked: boolean) => {
    const pulls = WAYS.flatMap((way) => Array.from({ length: CROWD }, () => stage.pull("live/cam", way)));
    const crowd = await Promise.all(pulls);
    await Promise.all(crowd.map(first));
    if (isKicked) {
      for (const session of [...stage.server.sessions]) if (session.protocol !== "rtmp") session.close("kicked");
    }
    for (const viewer of crowd) viewer.destroy();
    await eventually(() => stage.server.streams.get("live/cam")?.viewers === 0, "viewers stay");
  };
  await storm(false);
  await eventually(() => stage.server.sessions.size === 1, "sessions stay");
  const before = stage.held();
  let heap = 0;
  for (let i = 0; i < STORMS; i++) {
    if (i === STORMS * WARM_UP) heap = heapInUse();
    await storm(i % 3 === 2);
  }
  await assertReleased(() => stage.held(), before);
  assertHeapKept(heap, STORMS * (1 - WARM_UP) * CROWD * WAYS.length, 500);
  await push.close();
});

/** A viewer that keeps nothing but what is wrong. */
class Watcher {
  keys = 0;
  readonly faults: string[] = [];
  readonly done: Promise<void>;
  readonly #times = { video: 0, audio: 0, data: 0 };
  readonly #viewer: PullClient;

  constructor(viewer: PullClient) {
    this.#viewer = viewer;
    this.done = this.#watch();
  }

  async leave(): Promise<void> {
    this.#viewer.destroy();
    await this.done;
  }

  async #watch(): Promise<void> {
    for await (const { kind, role, dts } of this.#viewer) {
      if (role === "key") this.keys++;
      if (kind === "data" || role === "config") continue;
      if (dts < this.#times[kind]) this.faults.push(`${kind} of ${dts} after ${this.#times[kind]}`);
      this.#times[kind] = dts;
    }
  }
}

Deno.test("a publisher that drops and returns at once, a hundred times: viewers stay, and nothing is left behind", async () => {
  await using stage = await Stage.start();
  let push = await stage.push("live/cam", "rtmp");
  await write(push, new StreamMaker());
  const viewers = await Promise.all(WAYS.map(async (way) => new Watcher(await stage.pull("live/cam", way))));
  const seen = (keys: number) =>
    eventually(() => viewers.every((viewer) => viewer.keys >= keys), "a picture is missing");
  const storm = async (i: number) => {
    const keys = Math.max(...viewers.map((viewer) => viewer.keys));
    push.destroy();
    const stream = stage.server.streams.get("live/cam");
    await eventually(() => stream?.state === "interrupted", "the loss is not noticed");
    push = await stage.push("live/cam", WAYS[i % WAYS.length]);
    await write(push, new StreamMaker({ seed: i + 1 }));
    await seen(keys + 1);
  };
  await seen(1);
  for (let i = 0; i < WAYS.length; i++) await storm(i);
  const before = stage.held();
  let heap = 0;
  for (let i = 0; i < STORMS; i++) {
    if (i === STORMS * WARM_UP) heap = heapInUse();
    await storm(i);
  }
  await assertReleased(() => stage.held(), before);
  assertHeapKept(heap, STORMS * (1 - WARM_UP), 4000);
  assertEquals(viewers.map(({ faults }) => faults), [[], [], []]);
  for (const viewer of viewers) await viewer.leave();
  await push.close();
});

/** Publishes under a name, plays it, and leaves it in one way or another. */
async function live(number: number, origin: Stage, edgePort: number): Promise<void> {
  const path = `live/name-${number}`;
  const way = WAYS[number % WAYS.length];
  const push = await origin.push(path, way);
  await write(push, new StreamMaker({ gopPictures: 3 }));
  await eventually(() => origin.server.streams.get(path)?.hasVideo === true, `${path} is not published`);
  const from = WAYS[(number >> 1) % WAYS.length];
  const port = number % 3 === 0 ? edgePort : origin.port;
  const url = pullUrl(port, path, from);
  const pull = await patiently(clients.for(url).pull(url), () => `${url} did not answer`);
  await first(pull);
  if (number % 2 === 0) pull.destroy();
  if (number % 5 === 0) push.destroy();
  else await push.close();
  pull.destroy();
}

Deno.test("hundreds of names come and go, through an edge too, and nothing of them is left", async () => {
  await using origin = await Stage.start();
  await using edge = await Stage.start([`rtmp://127.0.0.1:${origin.port}/{app}/{stream}`]);
  const held = () => [origin.held(), edge.held()];
  const round = async (number: number) => {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => live(number + i, origin, edge.port)));
    // Publishers that vanished are waited for, and an edge keeps what was watched a while.
    for (const { clock } of [origin, edge]) await clock.advanceAsync(60_000, 1000);
    await eventually(() => held().every(({ streams }) => streams === 0), "a stream is left");
  };
  await round(0);
  const before = held();
  let heap = 0;
  for (let number = AT_ONCE; number < NAMES; number += AT_ONCE) {
    if (number === NAMES * WARM_UP) heap = heapInUse();
    await round(number);
  }
  for (const i of before.keys()) await assertReleased(() => held()[i], before[i]);
  assertHeapKept(heap, NAMES * (1 - WARM_UP), 1500);
});
