import { assertEquals, assertMatch } from "@std/assert";
import { Encoder, isLive, isPublishedAt, play, reaches, three, viewers } from "./cluster/scene.ts";

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
