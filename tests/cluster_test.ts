import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { metrics } from "../plugins/metrics/plugin.ts";
import { hls } from "../plugins/hls/plugin.ts";
import { api } from "../plugins/api/plugin.ts";
import { ConfigError } from "../kernel/config/error.ts";
import { definePlugin } from "../kernel/plugin/plugin.ts";
import { cluster } from "../plugins/cluster/plugin.ts";
import { type NodeOptions } from "./cluster/nodes.ts";
import { Encoder, flow, httpFlv, play, reaches, SECRET, three, viewers } from "./cluster/scene.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

for (const transport of TRANSPORTS) {
  Deno.test(`any node can be asked for any stream by ${transport.name}, and one copy for each node crosses the network`, async () => {
    const { cluster, a, b, c } = await three();
    await using _ = cluster;
    await using encoder = await Encoder.start(a);
    const players = await cluster.whilePassing(
      Promise.all([b, b, b, c, c].map((node) => transport.play(node, "live/cam"))),
      "not all are served",
    );
    for (const player of players) await reaches(encoder, player);
    assertEquals([viewers(a), viewers(b), viewers(c)], [2, 3, 2]);
    await encoder.end();
    for (const player of players) await cluster.whilePassing(player.over(), "a player does not hear the end");
    await cluster.until(() => b.server.streams.size + c.server.streams.size === 0, "a copy is left");
  });
}

Deno.test("players that come at one moment: other nodes hear where the copy comes from", async () => {
  const together = Promise.withResolvers<void>();
  let come = 0;
  const gate = definePlugin({
    name: "gate",
    setup: (ctx) =>
      ctx.decide("play", async () => {
        if (++come === 2) together.resolve();
        await together.promise;
        return undefined;
      }),
  });
  const { cluster, a, b } = await three({ b: { plugins: [gate()] } });
  await using _ = cluster;
  await using encoder = await Encoder.start(a);
  const both = Promise.all([httpFlv.play(b, "live/cam"), httpFlv.play(b, "live/cam")]);
  const players = await cluster.whilePassing(both, "not both are served");
  for (const player of players) await reaches(encoder, player);
  const told = () => cluster.store.reports.get("b")?.streams.find(({ stream }) => stream === "live/cam")?.via.join();
  await cluster.until(() => told() === "a", "the copy is told to nobody");
  for (const player of players) await player[Symbol.asyncDispose]();
});

Deno.test("a player says nothing about where a stream is fetched, whatever way it claims to have come", async () => {
  const { cluster, a, b } = await three({}, { settings: { secret: SECRET } });
  await using _ = cluster;
  await using encoder = await Encoder.start(a);
  await using player = await play(cluster, b, { hops: "a,c,elsewhere", wait: "3" });
  await reaches(encoder, player);
});

Deno.test("a player that waits is served when the stream begins, wherever that is", async () => {
  const { cluster, a, b } = await three();
  await using _ = cluster;
  const playing = httpFlv.play(b, "live/cam");
  await b.awaited("live/cam");
  await cluster.pass(3000);
  await using encoder = await Encoder.start(a);
  await using player = await cluster.whilePassing(playing, "the player is not served");
  await reaches(encoder, player);
});

Deno.test("a stream that nobody has: players hear so when they have waited as long as they wanted", async () => {
  const { cluster, b } = await three();
  await using _ = cluster;
  for (const wait of ["0", "3"]) {
    const refused = httpFlv.play(b, "live/none", { wait }).then(() => undefined, (error: Error) => error);
    assertMatch(String(await cluster.whilePassing(refused, "the player is not refused")), /live\/none/);
  }
  await cluster.until(() => b.server.streams.size === 0 && b.server.sessions.size === 0, "something is left");
});

Deno.test("a node that cannot be reached where it says: others say which it is, and why", async () => {
  const { cluster, a, b } = await three({ a: { settings: { address: "http://127.0.0.1:1" } } });
  await using _ = cluster;
  await using _encoder = await Encoder.start(a);
  const refused = httpFlv.play(b, "live/cam", { wait: "3" }).then(() => undefined, (error: Error) => error);
  assertMatch(String(await cluster.whilePassing(refused, "the player is not refused")), /live\/cam/);
  const said = b.logged.filter(({ level }) => level === "warning").map(({ message }) => message.join(""));
  assertEquals(said.length, 1, said.join("\n"));
  assertMatch(
    said[0],
    /^live\/cam cannot be had from the node a: http:\/\/127\.0\.0\.1:1\/live\/cam\.flv: .*ECONNREFUSED/,
  );
});

Deno.test("what is published counts more than what is fetched", async () => {
  const { cluster, a, b } = await three();
  await using _ = cluster;
  await using far = await Encoder.start(a);
  await using player = await play(cluster, b);
  await reaches(far, player);
  await using near = await Encoder.start(b, new StreamMaker({ seed: 3 }));
  await reaches(near, player);
  await cluster.until(() => viewers(a) === 0, "the copy is still fetched");
});

Deno.test("any node makes HLS of any stream", async () => {
  const dataDir = await Deno.makeTempDir();
  const { cluster, a, b } = await three({ b: { late: [hls({ segmentSeconds: 1 })], config: { dataDir } } });
  await using _ = cluster;
  await using encoder = await Encoder.start(a);
  const asked = fetch(`http://127.0.0.1:${b.port}/hls/live/cam/index.m3u8`);
  await flow(cluster, encoder, 6);
  const answer = await cluster.whilePassing(asked, "no answer");
  assertEquals(answer.status, 200);
  assertMatch(await answer.text(), /^#EXTM3U/);
  await cluster[Symbol.asyncDispose]();
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("HLS is recorded where a stream is published, not where it is played too", async () => {
  const dataDir = await Deno.makeTempDir();
  const recording = (id: string): NodeOptions => ({
    late: [hls({ segmentSeconds: 1, record: true })],
    config: { dataDir: `${dataDir}/${id}` },
  });
  const { cluster, a, b } = await three({ a: recording("a"), b: recording("b") });
  const encoder = await Encoder.start(a);
  const player = await play(cluster, b);
  await flow(cluster, encoder, 6);
  await encoder.end();
  await cluster.whilePassing(player.over(), "the player does not hear the end");
  for (const each of [player, encoder, cluster]) await each[Symbol.asyncDispose]();
  const recorded = ({ told }: TestServer) => told.filter(({ name }) => name === "artifact:complete").length;
  assertEquals([recorded(a), recorded(b)], [1, 0]);
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("the API shows nodes and streams, and changes the role while the node runs", async () => {
  const { cluster, a, b, c } = await three({}, { late: [api({ local: true }), metrics({ open: true })] });
  await using _ = cluster;
  await using encoder = await Encoder.start(a);
  await using player = await play(cluster, b);
  await reaches(encoder, player);
  await cluster.pass(1000);
  const ask = async (node: TestServer, path: string, init?: RequestInit) => {
    const answer = await fetch(`http://127.0.0.1:${node.port}/api/v1/cluster${path}`, init);
    return { status: answer.status, body: await answer.json() };
  };
  const { body } = await ask(c, "");
  assertEquals([body.self, body.store.isAnswering], ["c", true]);
  assertEquals(body.nodes.map(({ id, role, streams }: Record<string, unknown>) => [id, role, streams]), [
    ["c", "all", 0],
    ["a", "all", 1],
    ["b", "all", 1],
  ]);
  assertEquals((await ask(c, "/streams")).body.items, [{
    stream: "live/cam",
    nodes: [
      { node: "a", kind: "origin", state: "live", via: [] },
      { node: "b", kind: "copy", state: "live", via: ["a"] },
    ],
  }]);
  assertEquals((await ask(c, "/streams?offset=1&limit=5")).body, { items: [], total: 1, offset: 1, limit: 5 });
  const figures = await (await fetch(`http://127.0.0.1:${c.port}/metrics`)).text();
  assertMatch(figures, /^sluice_cluster_nodes(\{\})? 3$/m);
  assertMatch(figures, /^sluice_cluster_store_up(\{\})? 1$/m);
  const put = (text: string) => ask(c, "/role", { method: "PUT", body: text });
  assertEquals((await put('{"role":"king"}')).status, 400);
  assertEquals((await put('{"role":"viewers"}')).body, { role: "viewers" });
  await cluster.pass(1000);
  const changed = (await ask(a, "")).body.nodes.find(({ id }: { id: string }) => id === "c");
  assertEquals(changed.role, "viewers");
  await using second = await rtmpTransport.publish(c, "live/second");
  second.write([...new StreamMaker().head(), ...new StreamMaker().gop()]);
  await cluster.until(
    () => a.server.streams.has("live/second") || b.server.streams.has("live/second"),
    "it is not passed on",
  );
});

for (
  const { what, settings, words } of [
    { what: "without its address", settings: { redis: "redis://127.0.0.1:1" }, words: /cluster\.address is missing/ },
    {
      what: "with an address of Redis that is none",
      settings: { redis: "redis://:sesame@a:6379,b:6379", address: "http://10.0.0.2:8501" },
      words: /cluster\.redis.* it is no address such as redis:/,
    },
    {
      what: "of a list without a secret",
      settings: { nodes: ["http://10.0.0.1:8501"], address: "http://10.0.0.2:8501" },
      words: /cluster\.secret is missing/,
    },
  ]
) {
  Deno.test(`a node ${what} does not start, and says why`, async () => {
    const start = () => TestServer.start({ plugins: [cluster()], config: { cluster: settings } });
    const error = await assertRejects(start, ConfigError);
    assertMatch(error.message, words);
    assertEquals(error.message.includes("sesame"), false);
  });
}

Deno.test("a server that is in no cluster has nothing of one", async () => {
  await using server = await TestServer.start({ plugins: [cluster()] });
  const answer = await server.server.request("/api/v1/cluster");
  assertEquals(answer.status, 404);
});
