import { assertEquals, assertMatch } from "@std/assert";
import { auth } from "../plugins/auth/plugin.ts";
import { TestCluster } from "./cluster/nodes.ts";
import { Encoder, play, reaches, three, viewers } from "./cluster/scene.ts";
import { playOver, publishOver } from "./support/transports/http_flv_transport.ts";
import { readAnswer, sendRequest } from "./support/http_exchange.ts";
import { hasBodyOf } from "./support/packets.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import type { TestServer } from "./support/test_server.ts";
import { whereabouts } from "./support/whereabouts.ts";
import { connectTo, type WorkerName } from "./support/workers.ts";

const WORKERS: readonly WorkerName[] = ["worker 1", "worker 2"];

const PLAYER = { key: "key-of-the-players" };

/** Three nodes of which the second has workers, and where players need a key that nodes do not have. */
function withWorkers() {
  const config = { auth: { play: { keys: { "*": PLAYER.key } } } };
  return three({ b: { workers: WORKERS.length, plugins: [auth(), whereabouts()] } }, { plugins: [auth()], config });
}

Deno.test("a node with workers fetches a stream once for the players of all of them", async () => {
  const { cluster, a, b } = await withWorkers();
  await using _ = cluster;
  await using encoder = await Encoder.start(a);
  const players = await cluster.whilePassing(
    Promise.all(WORKERS.map(async (worker) => await playOver(await connectTo(b, worker), "live/cam", PLAYER))),
    "not all are served",
  );
  for (const player of players) await reaches(encoder, player);
  assertEquals([viewers(a), viewers(b)], [1, 2]);
  await encoder.end();
  for (const player of players) {
    await cluster.whilePassing(player.over(), "a player does not hear the end");
    await player[Symbol.asyncDispose]();
  }
});

Deno.test("what comes to a worker of a node plays at another node, and while it is emptied its players are sent there", async () => {
  const { cluster, b, c } = await withWorkers();
  await using _ = cluster;
  const maker = new StreamMaker();
  await using publisher = await publishOver(await connectTo(b, "worker 1"), b, "live/cam");
  const first = [...maker.head(), ...maker.gop()];
  publisher.write(first);
  await b.received("live/cam", first.at(-1)!);
  await using before = await play(cluster, c, PLAYER);
  await before.until(hasBodyOf(first.at(-1)!));
  await before[Symbol.asyncDispose]();
  await cluster.until(() => !c.server.streams.has("live/cam"), "the copy is kept");
  const socket = await connectTo(b, "worker 2");
  b.server.drain();
  await cluster.pass(1000);
  sendRequest(socket, "GET", "/live/cam.flv?key=k");
  const { status, message } = await readAnswer(socket);
  assertEquals(status, "302");
  assertMatch(message, /^http:\/\/127\.0\.0\.1:\d+\/live\/cam\.flv\?key=k$/);
  await socket.cut();
  await using after = await play(cluster, c, PLAYER);
  const last = maker.gop();
  publisher.write(last);
  await after.until(hasBodyOf(last.at(-1)!));
});

Deno.test("a node with workers is as busy as the cores are that they can keep busy, unless the settings say how many", async () => {
  await using cluster = new TestCluster();
  const oneCore = () => (node?.clock.now() ?? 0) / 1000;
  let node: TestServer | undefined = undefined;
  node = await cluster.start("a", { workers: 2, cpuSeconds: oneCore, plugins: [whereabouts()] });
  await cluster.pass(3000);
  const busy = () => cluster.store.reports.get("a")?.load.cpu;
  assertEquals(busy(), 0.5);
  await cluster.reload("a", { settings: { cores: 4 } });
  await cluster.pass(3000);
  assertEquals(busy(), 0.25);
});
