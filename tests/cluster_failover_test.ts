import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { Encoder, flow, isLive, play, reaches, three, viewers } from "./cluster/scene.ts";
import { eventually } from "./support/eventually.ts";
import { assertMonotonic, frames } from "./support/packets.ts";
import { packetsOf, StreamMaker } from "./support/stream_maker.ts";

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

Deno.test("an encoder that goes from node to node and back: players get everything once, and nodes do not fetch in a circle", async () => {
  const { cluster, a, b, c } = await three();
  await using _ = cluster;
  let encoder = await Encoder.start(a);
  await using player = await play(cluster, c);
  await reaches(encoder, player);
  for (const [from, to] of [[a, b], [b, a], [a, b]] as const) {
    await encoder.vanish();
    await eventually(() => !isLive(from), "nobody notices");
    await cluster.pass(700);
    encoder = await Encoder.start(to, encoder.maker);
    await flow(cluster, encoder, 3);
    await reaches(encoder, player);
  }
  assertMonotonic(frames(player.packets));
  const bodies = frames(player.packets).map(({ body }) => body.join());
  const group = frames(packetsOf(new StreamMaker().gop())).length;
  // Whoever goes over to another node may get its newest pictures once more; in a circle they come again and again.
  assertLess(bodies.length - new Set(bodies).size, 4 * group, "frames that came again");
  await encoder[Symbol.asyncDispose]();
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

Deno.test("a node that falls silent is left within three seconds for another that has the stream", async () => {
  const { cluster, a, b, c } = await three();
  await using _ = cluster;
  const encoders = [await Encoder.start(a), await Encoder.start(b)];
  await using player = await play(cluster, c);
  await player.until(({ role }) => role === "key");
  const silent = viewers(a) === 1 ? a : b;
  const [other, encoder, last] = silent === a
    ? [b, encoders[1], encoders[0]] as const
    : [a, encoders[0], encoders[1]] as const;
  // Time went by until the player was served: the silence begins with these pictures.
  encoder.gop();
  await reaches(last, player);
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
