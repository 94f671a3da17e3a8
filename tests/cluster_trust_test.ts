import { assert, assertEquals, assertMatch } from "@std/assert";
import { auth } from "../plugins/auth/plugin.ts";
import { webhooks } from "../plugins/webhooks/plugin.ts";
import { TestCluster } from "./cluster/nodes.ts";
import { Encoder, httpFlv, play, reaches, SECRET, three } from "./cluster/scene.ts";
import { Backend } from "./support/backend.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";

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
