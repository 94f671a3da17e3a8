import { assert, assertEquals, assertMatch } from "@std/assert";
import { api } from "../plugins/api/plugin.ts";
import { auth } from "../plugins/auth/plugin.ts";
import { doctor } from "../plugins/doctor/plugin.ts";
import { execWith } from "../plugins/exec/plugin.ts";
import { flvRecord } from "../plugins/flv_record/plugin.ts";
import { fmp4 } from "../plugins/fmp4/plugin.ts";
import { forward } from "../plugins/forward/plugin.ts";
import { hls } from "../plugins/hls/plugin.ts";
import { metrics } from "../plugins/metrics/plugin.ts";
import { upstream } from "../plugins/upstream/plugin.ts";
import { webhooks } from "../plugins/webhooks/plugin.ts";
import { Backend } from "./support/backend.ts";
import { httpGet } from "./support/http_get.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { Refused, type TestPublisher } from "./support/transports/transport.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";
import { eventually } from "./support/eventually.ts";

const [, http] = TRANSPORTS;
const ANY_PORT = { host: "127.0.0.1", port: 0 };
const HOOK = "http://127.0.0.1:9/hook";
const KEEP = { keepDays: 3, keepMegabytes: 500, minFreeMegabytes: 7 };
const SINK = { streams: ["live/*"], splitSeconds: 60, splitMegabytes: 9, ...KEEP };

interface Row {
  readonly section: string;
  /** Settings that a running server takes, with other values than they have by default. */
  readonly taken: Readonly<Record<string, unknown>>;
  /** Those that need a new start. */
  readonly restart?: Readonly<Record<string, unknown>>;
}

const ROWS: readonly Row[] = [
  {
    section: "webhooks",
    taken: {
      receivers: [{ url: HOOK }],
      timeoutSeconds: 3,
      giveUpHours: 1,
      decide: { publish: HOOK, secret: "a-secret-of-many-words", timeoutSeconds: 2, cacheSeconds: 1, failOpen: true },
      srs: { onPublish: [HOOK], onDvr: [HOOK] },
    },
  },
  {
    section: "forward",
    taken: { rules: [{ streams: ["live/*"], to: ["rtmp://b/live/{stream}"] }], backendSeconds: 2 },
    restart: { id: "one" },
  },
  { section: "upstream", taken: { routes: [{ servers: ["rtmp://b/{app}/{stream}"] }] }, restart: { id: "edge-1" } },
  { section: "exec", taken: { commands: [{ run: ["true"], on: "stream:start" }], concurrency: 3 } },
  { section: "doctor", taken: { keyFrameSeconds: 5, audioLateSeconds: 2, jitterMs: 900, driftPpm: 500 } },
  { section: "metrics", taken: { perStream: false, open: true } },
  {
    section: "api",
    taken: { token: "write-write-write", readToken: "read-read-read-read", local: false, openRead: true },
    restart: { srsPort: 1985, host: "::1" },
  },
  { section: "flvRecord", taken: SINK, restart: { path: "flv/{app}/{stream}/{date}_{time}_{seq}.flv", sync: false } },
  {
    section: "fmp4",
    taken: { ...SINK, variants: ["merge"], segmentSeconds: 4, fragmentSeconds: 1, sync: false, windowSeconds: 60 },
    restart: { keepSegmentsSeconds: 60 },
  },
  {
    section: "hls",
    taken: {
      streams: ["live/*"],
      segmentSeconds: 4,
      windowSegments: 4,
      container: "fmp4",
      lowLatency: false,
      partMs: 500,
      keepSeconds: 60,
      ...KEEP,
    },
    restart: { onDemand: true, groups: { "live/all": ["live/all_*"] } },
  },
  { section: "auth", taken: { apps: { deny: ["secret"] }, rtmpLogin: ["live"], publish: { keys: { "*": "sesame" } } } },
];

/** A server of one plugin or a few, in a folder of its own, that can be given other settings. */
class Stage implements AsyncDisposable {
  /** What the exec plugin has started. */
  readonly started: string[][] = [];
  readonly #base: Record<string, unknown>;
  server!: TestServer;

  private constructor(readonly dataDir: string) {
    this.#base = { http: ANY_PORT, rtmp: ANY_PORT, log: { level: "debug" }, dataDir, graceSeconds: 0 };
  }

  static async start(config: Record<string, unknown> = {}): Promise<Stage> {
    const stage = new Stage(await Deno.makeTempDir());
    const programs = {
      start: (run: readonly string[]) => {
        stage.started.push([...run]);
        return { ended: Promise.resolve(0), kill: () => {} };
      },
    };
    const sinks = [flvRecord(), fmp4(), hls()];
    const late = [webhooks(), forward(), upstream(), execWith(programs)(), metrics(), doctor(), api(), ...sinks];
    stage.server = await TestServer.start({ plugins: [auth()], late, config: { ...stage.#base, ...config } });
    return stage;
  }

  reload(config: Record<string, unknown>) {
    return this.server.server.reload({ ...this.#base, ...config });
  }

  /** Publishes a stream and waits until it is there. */
  async publish(path: string): Promise<TestPublisher> {
    const publisher = await http.publish(this.server, path);
    const maker = new StreamMaker();
    publisher.write([...maker.head(), ...maker.gops(2)]);
    await this.server.event("stream:start", ({ stream }) => stream.id === path);
    return publisher;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.dataDir, { recursive: true });
  }
}

Deno.test("of each plugin's settings the reload says which it has taken and which need a new start", async () => {
  await using stage = await Stage.start();
  for (const { section, taken, restart = {} } of ROWS) {
    const { changed, restart: named } = await stage.reload({ [section]: { ...taken, ...restart } });
    const firsts = (paths: readonly string[]) => [...new Set(paths.map((path) => path.split(".")[1]))].sort();
    assertEquals([firsts(changed), firsts(named)], [Object.keys(taken).sort(), Object.keys(restart).sort()], section);
    assertEquals((await stage.reload({})).restart, [], `${section} goes back`);
  }
});

Deno.test("receivers, questions and SRS's hooks are taken, changed and left while the server runs", async () => {
  await using backend = await Backend.start();
  await using stage = await Stage.start();
  const told = (path: string) => backend.posts.filter((post) => post.path === path).length;
  await using _first = await stage.publish("live/a");
  assertEquals(backend.posts, []);

  const receivers = [{ url: backend.url("/one"), events: ["stream:start"] }];
  const srs = { onPublish: [backend.url("/srs")], onUnpublish: [backend.url("/srs-end")] };
  await stage.reload({ webhooks: { receivers, srs, decide: { publish: backend.url("/decide") } } });
  const second = await stage.publish("live/b");
  await backend.got(({ path, body }) => path === "/one" && body.stream === "live/b", "the start of live/b");
  assertEquals([told("/decide"), told("/srs")], [1, 1]);

  await stage.reload({ webhooks: { receivers: [{ url: backend.url("/two"), events: ["stream:start"] }], srs } });
  await using _third = await stage.publish("live/c");
  await backend.got(({ path, body }) => path === "/two" && body.stream === "live/c", "the start of live/c");
  assertEquals([told("/one"), told("/decide"), told("/srs")], [1, 1, 2]);
  await second.end();
  await backend.got(({ path }) => path === "/srs-end", "the end of what began before the reload");
  await second[Symbol.asyncDispose]();

  await stage.reload({});
  await using _fourth = await stage.publish("live/d");
  await stage.server.settled();
  assertEquals([told("/one"), told("/two"), told("/srs")], [1, 1, 2]);
  const { text } = await httpGet(stage.server.port, "/api/v1/webhooks/dead", { headers: { Host: "localhost" } });
  assertEquals(JSON.parse(text).total, 0);
});

Deno.test("a message that waits for a receiver is signed and sent by the newest settings", async () => {
  await using backend = await Backend.start();
  const receivers = [{ url: backend.url(), events: ["stream:start"] }];
  await using stage = await Stage.start({ webhooks: { receivers } });
  backend.answer = () => ({ status: 500 });
  await using _publisher = await stage.publish("live/a");
  await backend.got(() => true, "the start of live/a");
  backend.answer = () => ({ status: 200 });
  await stage.reload({ webhooks: { receivers: [{ ...receivers[0], secret: "a-secret-of-many-words" }] } });
  await eventually(() => {
    stage.server.clock.advance(100);
    return backend.posts.some(({ headers }) => headers["x-sluice-signature"] !== undefined);
  }, "no signed message came");
});

Deno.test("what is to be forwarded and run is what the settings say when a stream begins", async () => {
  await using stage = await Stage.start();
  const targets = async () => {
    const { text } = await httpGet(stage.server.port, "/api/v1/forwards", { headers: { Host: "localhost" } });
    return JSON.parse(text).items.map(({ stream, address }: { stream: string; address: string }) => [stream, address]);
  };
  await using _before = await stage.publish("live/a");
  const rules = [{ streams: ["live/*"], to: ["rtmp://127.0.0.1:9/x/{stream}"] }];
  const commands = [
    { run: ["tell", "{stream}"], on: "stream:start" },
    { run: ["watch", "{stream}"], while: "stream" },
  ];
  await stage.reload({ forward: { rules }, exec: { commands } });
  await using _after = await stage.publish("live/b");
  assertEquals(await targets(), [["live/b", "rtmp://127.0.0.1:9/x/b"]]);
  assert(stage.started.some((run) => run.join(" ") === "tell live/b"));
  assert(stage.started.some((run) => run.join(" ") === "watch live/b"));
  await stage.reload({});
  const before = stage.started.filter(([program]) => program === "tell").length;
  await using _last = await stage.publish("live/c");
  assertEquals([(await targets()).length, stage.started.filter(([program]) => program === "tell").length], [1, before]);
});

Deno.test("a server becomes an edge while it runs, and is none again", async () => {
  await using origin = await TestServer.start();
  await using publisher = await http.publish(origin, "live/cam");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gops(2)]);
  await origin.event("stream:start");
  await using stage = await Stage.start();
  const servers = [`http://127.0.0.1:${origin.port}/{app}/{stream}.flv`];
  assertEquals((await stage.reload({ upstream: { routes: [{ servers }] } })).changed, ["upstream.routes"]);
  await using player = await http.play(stage.server, "live/cam");
  await player.until(({ role }) => role === "key");
  await stage.reload({ waitSeconds: 0 });
  const refused = await http.play(stage.server, "live/other").catch((error) => error);
  assert(refused instanceof Refused, "a stream was had from nowhere");
});

Deno.test("who may look changes with the tokens, and what is shown with the figures' settings", async () => {
  const tokens = { token: "write-write-write", readToken: "read-read-read-read", local: false };
  await using stage = await Stage.start({ api: tokens });
  const ask = async (path: string, token?: string) => {
    const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
    const { status, text } = await httpGet(stage.server.port, path, { headers: { Host: "localhost", ...headers } });
    return { status, text };
  };
  await using _publisher = await stage.publish("live/a");
  const shown = await ask("/metrics", tokens.token);
  assertEquals([shown.status, (await ask("/metrics")).status], [200, 401]);
  assertMatch(shown.text, /sluice_stream_viewers\{stream="live\/a"\}/);
  const other = "another-word-that-opens";
  await stage.reload({ api: { ...tokens, token: other }, metrics: { open: true, perStream: false } });
  const open = await ask("/metrics");
  assertEquals([open.status, open.text.includes('{stream="live/a"')], [200, false]);
  const asked = [await ask("/api/v1/server", tokens.token), await ask("/api/v1/server", other)];
  assertEquals(asked.map(({ status }) => status), [401, 200]);
});

Deno.test("what is written down and made into HLS is what the settings say when a stream begins", async () => {
  await using stage = await Stage.start({
    flvRecord: { streams: ["none/*"] },
    fmp4: { streams: ["none/*"] },
    hls: { streams: ["none/*"] },
  });
  const isOffered = async (stream: string) => {
    const target = `/hls/${stream}/index.m3u8`;
    return (await httpGet(stage.server.port, target, { headers: { Host: "localhost" } })).status !== 404;
  };
  const writers = async (stream: string): Promise<string[]> => {
    const { text } = await httpGet(stage.server.port, `/api/v1/streams/${stream}`, { headers: { Host: "localhost" } });
    return JSON.parse(text).sinks.map(({ sink }: { sink: string }) => sink).sort();
  };
  await using before = await stage.publish("live/a");
  assertEquals(await isOffered("live/a"), false);
  await stage.reload({});
  await using _after = await stage.publish("live/b");
  assertEquals(await writers("live/b"), ["flv-record", "fmp4", "hls"]);
  assertEquals(await writers("live/a"), []);
  await before.end();
});

Deno.test("recordings that are there already go when the settings come to say so", async () => {
  await using stage = await Stage.start();
  const path = "flv/live/cam/20250101_000000.flv";
  await Deno.mkdir(`${stage.dataDir}/flv/live/cam`, { recursive: true });
  await Deno.writeTextFile(`${stage.dataDir}/${path}`, "FLV");
  const old = new Date("2025-01-01T00:00:00Z");
  await Deno.utime(`${stage.dataDir}/${path}`, old, old);
  await stage.reload({ flvRecord: { keepDays: 1 } });
  await eventually(() => {
    stage.server.clock.advance(60_000);
    return stage.server.told.some((told) => told.name === "artifact:remove" && told.event.path === path);
  }, "it was not removed");
});
