import { assert, assertEquals, assertMatch } from "@std/assert";
import { type RtmpClientError, RtmpPublishClient } from "../protocols/rtmp/client.ts";
import { TestCluster } from "./cluster/nodes.ts";
import { Encoder, isLive, isPublishedAt, play, reaches, three, viewers } from "./cluster/scene.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";

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

Deno.test("a node that takes viewers alone, and no other: publishers hear so", async () => {
  await using cluster = new TestCluster();
  const node = await cluster.start("a", { settings: { role: "viewers" } });
  const refused = rtmpTransport.publish(node, "live/cam").then(() => undefined, (error) => error);
  assertMatch(String(await cluster.whilePassing(refused, "no answer")), /none that takes publishers is known/);
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
