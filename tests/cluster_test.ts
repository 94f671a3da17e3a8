import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { metrics } from "../plugins/metrics/plugin.ts";
import { type RtmpClientError, RtmpPublishClient } from "../protocols/rtmp/client.ts";
import { hls } from "../plugins/hls/plugin.ts";
import { api } from "../plugins/api/plugin.ts";
import { ConfigError } from "../kernel/config/error.ts";
import { definePlugin } from "../kernel/plugin/plugin.ts";
import { auth } from "../plugins/auth/plugin.ts";
import { cluster } from "../plugins/cluster/plugin.ts";
import { webhooks } from "../plugins/webhooks/plugin.ts";
import { type NodeOptions, TestCluster } from "./cluster/nodes.ts";
import {
  Encoder,
  flow,
  httpFlv,
  isLive,
  isPublishedAt,
  play,
  reaches,
  SECRET,
  three,
  viewers,
} from "./cluster/scene.ts";
import { Backend } from "./support/backend.ts";
import { eventually } from "./support/eventually.ts";
import { assertMonotonic, frames } from "./support/packets.ts";
import { rtmpTransport } from "./support/rtmp_transport.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { TRANSPORTS } from "./support/transports.ts";

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

Deno.test("an origin that dies: players of the others go on with the copy of a node to which the encoder publishes too", async () => {
  const { cluster, a, b, c } = await three();
  await using _ = cluster;
  const first = await Encoder.start(a);
  const second = await Encoder.start(b);
  await using player = await play(cluster, c);
  await reaches(first, player).catch(() => {});
  const [parent, other, encoder] = viewers(a) === 1 ? ["a", b, second] as const : ["b", a, first] as const;
  await cluster.kill(parent);
  await cluster.until(() => viewers(other) === 1, "the copy is not asked for");
  await reaches(encoder, player);
  assertMonotonic(frames(player.packets));
  for (const each of [first, second]) await each[Symbol.asyncDispose]();
});

Deno.test("an origin that dies without another: players go on when the encoder comes to another node", async () => {
  const { cluster, a, b, c } = await three();
  await using _ = cluster;
  const first = await Encoder.start(a);
  await using player = await play(cluster, c);
  await reaches(first, player);
  await first.vanish();
  await cluster.kill("a");
  await cluster.pass(3000);
  await using second = await Encoder.start(b, first.maker);
  await cluster.until(() => viewers(b) === 1, "the other node is not asked");
  await reaches(second, player);
  assertMonotonic(frames(player.packets));
});

Deno.test("a publisher that vanishes at one node: its players go on with the copy of the other", async () => {
  const { cluster, a, b } = await three();
  await using _ = cluster;
  const first = await Encoder.start(a);
  await using second = await Encoder.start(b);
  await using player = await play(cluster, a);
  await first.vanish();
  await a.event("stream:interrupt");
  await cluster.until(() => isLive(a), "the copy is not fetched");
  await reaches(second, player);
  await using again = await Encoder.start(a, new StreamMaker({ seed: 5 }));
  await reaches(again, player);
  await cluster.until(() => viewers(b) === 0, "the copy is still fetched");
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

Deno.test("a node that falls silent is left within three seconds for another that has the stream", async () => {
  const { cluster, a, b, c } = await three();
  await using _ = cluster;
  const encoders = [await Encoder.start(a), await Encoder.start(b)];
  await using player = await play(cluster, c);
  await player.until(({ role }) => role === "key");
  const silent = viewers(a) === 1 ? a : b;
  const [other, encoder] = silent === a ? [b, encoders[1]] as const : [a, encoders[0]] as const;
  await cluster.pass(1900);
  assertEquals([viewers(silent), viewers(other)], [1, 0]);
  await cluster.pass(400);
  await eventually(() => viewers(other) === 1, "the other is not asked");
  await reaches(encoder, player);
  for (const each of encoders) await each[Symbol.asyncDispose]();
});

Deno.test("a copy is kept at another node although nobody plays it there, and no longer than it is wanted", async () => {
  const { cluster, a, b, c } = await three({}, { settings: { copies: 1 } });
  await using _ = cluster;
  const encoder = await Encoder.start(a);
  await cluster.until(() => isLive(b) || isLive(c), "nobody keeps a copy");
  await cluster.pass(60_000);
  assertEquals([isLive(a), Number(isLive(b)) + Number(isLive(c))], [true, 1]);
  await encoder.end();
  await cluster.until(() => [a, b, c].every(({ server }) => server.streams.size === 0), "a copy is left");
  await encoder[Symbol.asyncDispose]();
});

Deno.test("losing the store harms nothing that flows, and new players find what was known; it is said once", async () => {
  const { cluster, a, b, c } = await three();
  await using _ = cluster;
  await using encoder = await Encoder.start(a);
  await using player = await play(cluster, b);
  await reaches(encoder, player);
  await cluster.pass(1000);
  cluster.store.isUp = false;
  await flow(cluster, encoder, 60);
  await reaches(encoder, player);
  await using late = await play(cluster, c);
  await reaches(encoder, late);
  cluster.store.clear();
  cluster.store.isUp = true;
  await cluster.until(() => cluster.store.reports.size === 3, "not all have come back");
  assertEquals(cluster.store.reports.get("a")?.streams.map(({ stream }) => stream), ["live/cam"]);
  await flow(cluster, encoder, 20);
  await reaches(encoder, player);
  const said = b.logged.filter(({ level }) => level === "warning" || level === "info")
    .map(({ message }) => message.join("")).filter((line) => line.includes("The test's store"));
  assertEquals(said.length, 2, said.join("\n"));
  assertMatch(said[0], /does not answer: connection refused/);
  assertMatch(said[1], /answers again/);
});

Deno.test("a node that is being emptied is chosen by nobody, and its copies move to another that has the stream", async () => {
  const { cluster, a, b, c } = await three();
  await using _ = cluster;
  const encoders = { a: await Encoder.start(a), b: await Encoder.start(b) };
  await using player = await play(cluster, c);
  await player.until(({ role }) => role === "key");
  const [leaving, other, encoder] = viewers(a) === 1 ? [a, b, encoders.b] as const : [b, a, encoders.a] as const;
  leaving.server.drain();
  await cluster.until(() => viewers(other) === 1, "the copy has not moved");
  await reaches(encoder, player);
  assertEquals(viewers(leaving), 0);
  for (const each of Object.values(encoders)) await each[Symbol.asyncDispose]();
});

Deno.test("while a node is being emptied its players are sent to others, and others still get what only it has", async () => {
  const { cluster, a, b } = await three();
  await using _ = cluster;
  await using encoder = await Encoder.start(a);
  a.server.drain();
  await cluster.pass(1000);
  const sent = await fetch(`http://127.0.0.1:${a.port}/live/cam.flv?x=1`, { redirect: "manual" });
  await sent.body?.cancel();
  assertEquals(sent.status, 302);
  assertMatch(sent.headers.get("location")!, /^http:\/\/127\.0\.0\.1:\d+\/live\/cam\.flv\?x=1$/);
  await using player = await play(cluster, b);
  await reaches(encoder, player);
});

Deno.test("a publisher at a node that takes viewers alone is passed on, to another node when that one dies", async () => {
  const { cluster, a, b, c } = await three({ c: { settings: { role: "viewers" } } });
  await using _ = cluster;
  await using encoder = await Encoder.start(c);
  await cluster.until(() => isLive(a) || isLive(b), "nobody takes the stream");
  const [taker, other, id] = isLive(a) ? [a, b, "a"] as const : [b, a, "b"] as const;
  await using player = await play(cluster, other);
  await reaches(encoder, player);
  assertEquals([viewers(taker), viewers(c)], [1, 0], "it is fetched from where it is taken");
  await cluster.kill(id);
  await cluster.until(() => isPublishedAt(other), "the other does not take it");
  await reaches(encoder, player);
});

Deno.test("a publisher at a node that takes viewers alone is refused in words, where the settings say so", async () => {
  const { cluster, c } = await three({ c: { settings: { role: "viewers", publishers: "refuse" } } });
  await using _ = cluster;
  const refused = await rtmpTransport.publish(c, "live/cam").then(() => undefined, (error) => error);
  assertEquals(refused?.status, "NetStream.Publish.Denied");
  assertMatch(refused.message, /this node takes viewers alone; publish to rtmp:\/\/127\.0\.0\.1:\d+/);
});

Deno.test("a publisher at a node that takes viewers alone is sent to another one, where the settings say so", async () => {
  const { cluster, a, b, c } = await three({ c: { settings: { role: "viewers", publishers: "redirect" } } });
  await using _ = cluster;
  const address = `rtmp://127.0.0.1:${c.server.address("rtmp").port}/live/cam?key=k`;
  const refused = await RtmpPublishClient.connect(address).then(() => undefined, (error: RtmpClientError) => error);
  const taker = [a, b].find(({ port }) => refused?.redirect === `rtmp://127.0.0.1:${port}/live/cam?key=k`);
  assert(taker, `sent to ${refused?.redirect}`);
  const posted = await fetch(`http://127.0.0.1:${c.port}/live/cam?key=k`, { method: "POST", redirect: "manual" });
  await posted.body?.cancel();
  assertEquals([posted.status, posted.headers.get("location")], [302, `http://127.0.0.1:${taker.port}/live/cam?key=k`]);
});

Deno.test("what is passed on to a node that is being emptied goes to another one, and nobody's players notice", async () => {
  const { cluster, a, b, c } = await three({ c: { settings: { role: "viewers" } } });
  await using _ = cluster;
  await using encoder = await Encoder.start(c);
  await cluster.until(() => isLive(a) || isLive(b), "nobody takes the stream");
  const [taker, other] = isLive(a) ? [a, b] : [b, a];
  await using near = await play(cluster, c);
  await using far = await play(cluster, taker);
  for (const player of [near, far]) await reaches(encoder, player);
  taker.server.drain();
  await cluster.until(() => isPublishedAt(other), "the other does not take it");
  await cluster.until(() => viewers(other) === 1, "the first does not fetch it from there");
  for (const player of [near, far]) await reaches(encoder, player);
});

Deno.test("a node that takes viewers alone, and no other: publishers hear so", async () => {
  await using cluster = new TestCluster();
  const node = await cluster.start("a", { settings: { role: "viewers" } });
  const refused = await rtmpTransport.publish(node, "live/cam").then(() => undefined, (error) => error);
  assertMatch(String(refused), /none that takes publishers is known/);
});

Deno.test("a node that is stopped in order: players of another go on when the encoder comes to a third", async () => {
  const { cluster, a, b, c } = await three();
  await using _ = cluster;
  await using first = await Encoder.start(a);
  await using player = await play(cluster, c);
  await reaches(first, player);
  await cluster.stop("a");
  await cluster.pass(3000);
  await using second = await Encoder.start(b, first.maker);
  await cluster.until(() => viewers(b) === 1, "the other node is not asked");
  await reaches(second, player);
});

Deno.test("an encoder that falls silent for longer than its node bears: players of another go on when it is back", async () => {
  const { cluster, a, c } = await three({}, { config: { publishTimeoutSeconds: 10 } });
  await using _ = cluster;
  const encoder = await Encoder.start(a);
  await using player = await play(cluster, c);
  await reaches(encoder, player);
  await cluster.pass(12_000);
  await using again = await Encoder.start(a, encoder.maker);
  await cluster.until(() => viewers(a) === 1 && isLive(c), "it is not fetched again");
  await reaches(again, player);
  await encoder[Symbol.asyncDispose]();
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

Deno.test("nodes let each other in by their secret, which nobody is shown; a wrong one is told in words", async () => {
  const rules = {
    auth: { play: { keys: { "*": "key-of-the-players" } }, publish: { keys: { "*": "key-of-the-encoder" } } },
  };
  const all = { settings: { secret: SECRET }, plugins: [auth()], config: rules };
  const { cluster, a, b, c } = await three({ c: { settings: { secret: "another secret of one node" } } }, all);
  await using _ = cluster;
  await using encoder = await Encoder.start(a, undefined, { key: "key-of-the-encoder" });
  const key = { key: "key-of-the-players" };
  await using player = await play(cluster, b, key);
  await reaches(encoder, player);
  const refused = await play(cluster, b).then(() => undefined, (error) => error);
  assertEquals(refused?.status, "401");
  const asked = httpFlv.play(c, "live/cam", { ...key, wait: "1" }).then(() => undefined, (error: Error) => error);
  assertMatch(String(await cluster.whilePassing(asked, "no answer")), /No node of the cluster has live\/cam|waited/);
  assert(c.logged.some(({ message }) => message.join("").includes("secrets or clocks differ")));
  for (const node of [a, b, c]) node.assertNeverLogged(SECRET);
});

for (
  const { what, secret } of [{ what: "without a secret", secret: undefined }, { what: "with one", secret: SECRET }]
) {
  Deno.test(`who names a node ${what} is none: the role counts for it, and it is sent away while the node is emptied`, async () => {
    const { cluster, a, c } = await three({ c: { settings: { role: "viewers", publishers: "refuse" } } }, {
      settings: { secret },
    });
    await using _ = cluster;
    const named = { hops: "a" };
    const refused = await rtmpTransport.publish(c, "live/cam", named).then(() => undefined, (error) => error);
    assertEquals(refused?.status, "NetStream.Publish.Denied");
    await using encoder = await Encoder.start(a);
    await using player = await play(cluster, c);
    await reaches(encoder, player);
    a.server.drain();
    const sent = await fetch(`http://127.0.0.1:${a.port}/live/cam.flv?hops=b&wait=0`, { redirect: "manual" });
    await sent.body?.cancel();
    assertEquals(sent.status, 302);
  });
}

Deno.test("nodes without a secret let each other in whatever auth asks of others, by what they have agreed on", async () => {
  const rules = {
    auth: { play: { keys: { "*": "key-of-the-players" } }, publish: { keys: { "*": "key-of-the-encoder" } } },
  };
  const { cluster, a, b } = await three({}, { plugins: [auth()], config: rules });
  await using _ = cluster;
  await using encoder = await Encoder.start(a, undefined, { key: "key-of-the-encoder" });
  await using player = await play(cluster, b, { key: "key-of-the-players" });
  await reaches(encoder, player);
  for (const node of [a, b]) node.assertNeverLogged(cluster.store.secret!);
});

Deno.test("a backend is asked about players and publishers, not about nodes, which it knows nothing of", async () => {
  await using backend = await Backend.start();
  backend.answer = ({ body }) => {
    const key = body.session?.params.key ?? new URLSearchParams(body.param?.slice(1)).get("key");
    return { status: key === "known" ? 200 : 403, text: "0" };
  };
  const [own, srs] = [backend.url("/own"), [backend.url("/srs")]];
  const dataDir = await Deno.makeTempDir();
  const hooks = { decide: { publish: own, play: own }, srs: { onPublish: srs, onUnpublish: srs, onPlay: srs } };
  const asking = (id: string) => ({
    plugins: [webhooks()],
    config: { dataDir: `${dataDir}/${id}`, webhooks: hooks },
  });
  const { cluster, a, b } = await three({ a: asking("a"), b: asking("b") }, { settings: { secret: SECRET } });
  const encoder = await Encoder.start(a, undefined, { key: "known" });
  const player = await play(cluster, b, { key: "known" });
  await reaches(encoder, player);
  const refused = await play(cluster, a).then(() => undefined, (error) => error);
  assertEquals(refused?.status, "403");
  await encoder.end();
  await cluster.whilePassing(player.over(), "the player does not hear the end");
  for (const each of [player, encoder, cluster]) await each[Symbol.asyncDispose]();
  await Deno.remove(dataDir, { recursive: true });
  const told = (action: string) => backend.posts.filter(({ body }) => body.action === action).length;
  assertEquals([told("on_publish"), told("on_unpublish")], [1, 1], "of a copy nobody was asked");
});

Deno.test("nodes of a list know each other without a store, as long as they have the same secret", async () => {
  await using cluster = new TestCluster();
  const addresses = cluster.reserve("a", "b", "c");
  const list = { settings: { nodes: addresses, secret: SECRET }, isListed: true };
  const a = await cluster.start("a", list);
  const b = await cluster.start("b", list);
  await cluster.start("c", { ...list, settings: { ...list.settings, secret: "another secret of one node" } });
  await using encoder = await Encoder.start(a);
  await using player = await play(cluster, b);
  await reaches(encoder, player);
  const asked = async (headers: Record<string, string>) => {
    const answer = await fetch(`http://127.0.0.1:${a.port}/api/v1/cluster/report`, { headers });
    await answer.body?.cancel();
    return answer.status;
  };
  assertEquals([await asked({}), await asked({ authorization: `SluiceNode ${SECRET}` })], [401, 401]);
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

Deno.test("a node that passes a stream on and is stopped does not end it where it goes", async () => {
  const { cluster, a, b, c } = await three({ c: { settings: { role: "viewers" } } });
  await using _ = cluster;
  await using first = await Encoder.start(c);
  await cluster.until(() => isLive(a) || isLive(b), "nobody takes the stream");
  const taker = isLive(a) ? a : b;
  await using player = await play(cluster, taker);
  await reaches(first, player);
  await cluster.stop("c");
  await cluster.until(() => taker.server.streams.get("live/cam")?.state === "interrupted", "it is not waited for");
  await using second = await Encoder.start(taker, first.maker);
  await reaches(second, player);
});

for (
  const { what, settings, words } of [
    { what: "without its address", settings: { redis: "redis://127.0.0.1:1" }, words: /cluster\.address is missing/ },
    {
      what: "of a list without a secret",
      settings: { nodes: ["http://10.0.0.1:8501"], address: "http://10.0.0.2:8501" },
      words: /cluster\.secret is missing/,
    },
  ]
) {
  Deno.test(`a node ${what} does not start, and says why`, async () => {
    const error = await assertRejects(() => TestServer.start({ plugins: [cluster(settings)] }), ConfigError);
    assertMatch(error.message, words);
  });
}

Deno.test("a server that is in no cluster has nothing of one", async () => {
  await using server = await TestServer.start({ plugins: [cluster()] });
  const answer = await server.server.request("/api/v1/cluster");
  assertEquals(answer.status, 404);
});
