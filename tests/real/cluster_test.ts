import { assert, assertEquals, assertLess } from "@std/assert";
import { untilHolds } from "../support/until_holds.ts";
import { NodeProgram, RedisProgram } from "./cluster_scene.ts";
import { AAC, H264, makeClip } from "./ffmpeg.ts";
import { Loop, LoopEncoder, Watcher } from "./live_picture.ts";
import { openNetwork } from "./node_network.ts";

const STREAM = "live/cam";

/** A stream that nobody has played before Redis is lost. */
const LATE = "live/late";

/** Longer than the nodes remember what they have sent on, so that nothing that comes again is taken for what has come. */
const CLIP_SECONDS = 16;

/** Longer than anything here may take on the slowest machine; what was measured is printed. */
const LONGEST_MS = 15_000;

/** Three nodes, a Redis and a clip. */
async function scene(network: Awaited<ReturnType<typeof openNetwork>>, folder: string) {
  await makeClip(`${folder}/clip.flv`, { seconds: CLIP_SECONDS, video: H264, audio: AAC });
  const redis = new RedisProgram(await network.add("redis"));
  const node = async (id: string, env?: Record<string, string>) =>
    new NodeProgram(await network.add(id), redis.address, `${folder}/${id}`, env);
  const nodes = { a: await node("a"), b: await node("b"), c: await node("c", { SLUICE_CLUSTER_ROLE: "viewers" }) };
  return { redis, ...nodes, loop: await Loop.read(`${folder}/clip.flv`, CLIP_SECONDS) };
}

Deno.test("three nodes and a Redis: players go on through everything that breaks", async (t) => {
  const folder = await Deno.makeTempDir();
  const network = await openNetwork();
  const { redis, a, b, c, loop } = await scene(network, folder);
  const started: { kill(): Promise<void> }[] = [];
  const measured: string[] = [];
  try {
    await redis.start();
    started.push(redis);
    await Promise.all([a, b, c].map((node) => {
      started.push(node);
      return node.start();
    }));
    const startedAt = performance.now();
    await using first = new LoopEncoder(loop, [a.publishAddress(STREAM)], startedAt);
    await using second = new LoopEncoder(loop, [b.publishAddress(STREAM)], startedAt);
    await untilHolds(
      async () => await a.viaOf(STREAM) !== undefined && await b.viaOf(STREAM) !== undefined,
      "nobody publishes",
    );
    await using _late = new LoopEncoder(loop, [a.publishAddress(LATE)], startedAt);
    await using player = await Watcher.open(c.playAddress(STREAM));
    const parent = async () => {
      await untilHolds(
        async () => (await c.viaOf(STREAM))?.length === 1,
        "the stream does not come straight from a node",
      );
      const [id] = await c.viaOf(STREAM) ?? [];
      return id === "a" ? { node: a, other: b, encoder: first } : { node: b, other: a, encoder: second };
    };
    const comesFrom = (node: NodeProgram) =>
      untilHolds(async () => (await c.viaOf(STREAM))?.[0] === node.id, `the stream does not come from ${node.id}`);
    const flowing = async () => {
      await untilHolds(
        async () => (await a.viaOf(STREAM))?.length === 0 && (await b.viaOf(STREAM))?.length === 0,
        "it is not published to both",
      );
      for (const node of [a, b]) {
        await using watcher = await Watcher.open(node.playAddress(STREAM));
        await watcher.pictures(10);
      }
      await player.pictures(10);
    };
    const allBack = () =>
      untilHolds(async () => {
        const { nodes } = await c.api("/cluster") as { nodes: { heardSeconds: number }[] };
        return nodes.length === 3 && nodes.every(({ heardSeconds }) => heardSeconds < 3);
      }, "not all nodes have come back to Redis");
    const step = (what: string, run: () => Promise<void>, before = flowing) =>
      t.step(what, async () => {
        await before();
        player.mark();
        await run();
        await player.pictures(25);
        measured.push(`${what}: ${player.longestMs} ms without a picture`);
        assertLess(player.longestMs, LONGEST_MS);
      });

    await step("nothing breaks", () => player.pictures(25));

    await step("the link to the origin is cut", async () => {
      const { node, other } = await parent();
      await node.machine.setReachable(false);
      await comesFrom(other);
      await player.pictures(10);
      await node.machine.setReachable(true);
    });

    const { node: killed } = await parent();
    await step("the origin is killed, and another node has the stream", async () => {
      await killed.kill();
      await comesFrom(killed === a ? b : a);
    });
    await killed.start();

    await step("Redis is killed, and comes back empty", async () => {
      await redis.kill();
      await c.program.until(/does not answer/, "err");
      await player.pictures(75);
      await using late = await Watcher.open(c.playAddress(STREAM));
      await late.pictures(10);
      await redis.start();
      await c.program.until(/answers again/, "err");
      await allBack();
    });

    await step("the link to Redis is cut", async () => {
      await redis.machine.setReachable(false);
      await c.program.until(/it has not answered within/, "err");
      await using late = await Watcher.open(c.playAddress(LATE));
      await late.pictures(10);
      await redis.machine.setReachable(true);
      await allBack();
    });

    await step("the origin is emptied", async () => {
      const { node, other, encoder } = await parent();
      encoder.addresses = [other.publishAddress("live/elsewhere")];
      await node.api("/drain", "POST", { seconds: 2 });
      await comesFrom(other);
      const sent = await fetch(node.playAddress(STREAM), { redirect: "manual" });
      await sent.body?.cancel();
      assertEquals(sent.status, 302);
      assert([a, b, c].some((each) => each !== node && sent.headers.get("location") === each.playAddress(STREAM)));
      await player.pictures(25);
      await node.api("/drain", "DELETE");
    });

    await step("the only origin is killed, and its encoder comes to another node", async () => {
      const { node, other, encoder } = await parent();
      encoder.addresses = [other.publishAddress(STREAM)];
      await node.kill();
      await comesFrom(other);
    }, () => player.pictures(10));
  } finally {
    for (const each of started) await each.kill().catch(() => {});
    await network[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
  console.log([`Measured at a player, over ${network.what}:`, ...measured].join("\n  "));
});
