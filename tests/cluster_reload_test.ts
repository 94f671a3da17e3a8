import { assert, assertEquals } from "@std/assert";
import { api } from "../plugins/api/plugin.ts";
import { auth } from "../plugins/auth/plugin.ts";
import { TestCluster } from "./cluster/nodes.ts";
import { Encoder, flow, isLive, isPublishedAt, play, reaches, SECRET, three, viewers } from "./cluster/scene.ts";

const NEXT_SECRET = "another secret of the nodes of this test";
const NEXT_STORE = "redis://next";

const TAKEN = {
  redis: NEXT_STORE,
  nodes: ["http://10.0.0.7:8501"],
  prefix: "other:",
  secret: SECRET,
  public: ["https://a.example.com"],
  streams: ["live/*"],
  role: "viewers",
  publishers: "refuse",
  copies: 1,
  beatSeconds: 2,
  staleSeconds: 60,
  mbps: 500,
  connections: 77,
  cores: 2,
} as const;

Deno.test("a node takes all settings while it runs but for its name and address, and tells the others", async () => {
  await using cluster = new TestCluster();
  await cluster.start("a");
  assertEquals(await cluster.reload("a", { settings: TAKEN }), []);
  const told = () => cluster.storeAt(NEXT_STORE).reports.get("a");
  await cluster.until(() => told() !== undefined, "the other store is not told of the node");
  const { role, public: shown, load } = told()!;
  assertEquals([role, shown, load.mostMbps, load.mostConnections], ["viewers", TAKEN.public, 500, 77]);
  assertEquals(cluster.store.reports.size, 0, "it has not taken leave");
  const address = "http://127.0.0.1:1";
  assertEquals(await cluster.reload("a", { settings: { ...TAKEN, id: "z", address } }), [
    "cluster.address",
    "cluster.id",
  ]);
});

Deno.test("nodes that are told of another store one after the other lose nothing that flows, and find each other there", async () => {
  const { cluster, a, b, c } = await three();
  await using _ = cluster;
  await using encoder = await Encoder.start(a);
  await using player = await play(cluster, b);
  await reaches(encoder, player);
  for (const id of ["a", "b", "c"]) {
    await cluster.reload(id, { settings: { redis: NEXT_STORE } });
    await flow(cluster, encoder, 5);
    await reaches(encoder, player);
  }
  assertEquals([cluster.store.reports.size, cluster.storeAt(NEXT_STORE).reports.size], [0, 3]);
  await using late = await play(cluster, c);
  await reaches(encoder, late);
});

Deno.test("a store that does not answer is left for another one, and that for a list of nodes", async () => {
  await using cluster = new TestCluster();
  const nodes = cluster.reserve("a", "b");
  const [a, b] = [await cluster.start("a"), await cluster.start("b")];
  cluster.store.isUp = false;
  await cluster.pass(10_000);
  for (const id of ["a", "b"]) await cluster.reload(id, { settings: { redis: NEXT_STORE } });
  await cluster.until(() => cluster.storeAt(NEXT_STORE).reports.size === 2, "not both have come to the other store");
  for (const id of ["a", "b"]) await cluster.reload(id, { settings: { nodes, secret: SECRET }, isListed: true });
  await cluster.until(() => cluster.storeAt(NEXT_STORE).reports.size === 0, "not both have left the other store");
  await cluster.pass(5000);
  await using encoder = await Encoder.start(a);
  await using player = await play(cluster, b);
  await reaches(encoder, player);
});

Deno.test("a secret is replaced at one node after the other while they let each other in whatever auth asks", async () => {
  const common = { plugins: [auth()], config: { auth: { play: { keys: { "*": "key-of-the-players" } } } } };
  const { cluster, a, b, c } = await three({}, { ...common, settings: { secret: SECRET } });
  await using _ = cluster;
  await using encoder = await Encoder.start(a);
  const key = { key: "key-of-the-players" };
  const served = async () => {
    for (const node of [b, c]) {
      await using player = await play(cluster, node, key);
      await reaches(encoder, player);
    }
    await cluster.until(() => b.server.streams.size + c.server.streams.size === 0, "a copy is left");
  };
  for (const id of ["b", "a", "c"]) {
    assertEquals(await cluster.reload(id, { ...common, settings: { secret: NEXT_SECRET } }), []);
    await served();
  }
  for (const node of [a, b, c]) for (const each of [SECRET, NEXT_SECRET]) node.assertNeverLogged(each);
});

Deno.test("a role that the API has changed is left alone by a reload that does not change it", async () => {
  const { cluster, c } = await three({}, { late: [api({ local: true })] });
  await using _ = cluster;
  const path = `http://127.0.0.1:${c.port}/api/v1/cluster/role`;
  const put = await fetch(path, { method: "PUT", body: '{"role":"viewers"}' });
  await put.body?.cancel();
  const role = () => cluster.store.reports.get("c")?.role;
  await cluster.until(() => role() === "viewers", "the role is told to nobody");
  await cluster.reload("c", { settings: { copies: 1 } });
  await cluster.pass(3000);
  assertEquals(role(), "viewers");
  await cluster.reload("c", { settings: { role: "viewers" } });
  await cluster.reload("c", {});
  await cluster.until(() => role() === "all", "the role is not changed back");
});

Deno.test("what becomes of publishers, and how many copies are kept, is what the settings say at the time", async () => {
  const { cluster, a, b, c } = await three({ c: { settings: { role: "viewers", publishers: "refuse" } } });
  await using _ = cluster;
  const refused = await Encoder.start(c).then(() => undefined, (error) => error);
  assertEquals(refused?.status, "NetStream.Publish.Denied");
  await cluster.reload("c", { settings: { role: "viewers" } });
  await using encoder = await Encoder.start(c);
  await cluster.until(() => isPublishedAt(a) || isPublishedAt(b), "it is not passed on");
  for (const id of ["a", "b"]) await cluster.reload(id, { settings: { copies: 1 } });
  await cluster.until(() => isLive(a) && isLive(b), "no copy is kept");
  for (const id of ["a", "b"]) await cluster.reload(id, {});
  await cluster.until(() => isLive(a) !== isLive(b), "the copy is kept still");
  assertEquals(viewers(a) + viewers(b) <= 1, true);
  assert(encoder);
});
