import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { createDecipheriv } from "node:crypto";
import { definePlugin } from "../../kernel/plugin/plugin.ts";
import { sequenceIv } from "../../media/hls/segment_cipher.ts";
import { readPackets } from "../../media/ts/testing.ts";
import { opus } from "../../tests/support/test_bodies.ts";
import { Follower, HlsStage } from "./testing_stage.ts";

const ENCRYPTED = { encryption: { enabled: true, segmentsPerKey: 2 } };

Deno.test("encryption: with the key of its playlist every segment can be read", async () => {
  await using stage = await HlsStage.start(ENCRYPTED);
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(26);
  const follower = new Follower(stage);
  const { segments, mediaSequence, partTarget, pending } = await follower.load();
  assertEquals([partTarget, pending], [undefined, undefined]);
  assertEquals(segments.length, 5);
  for (const [i, { uri, key }] of segments.entries()) {
    const secret = await follower.beside(key!.uri);
    assertEquals([secret.status, secret.bytes.length], [200, 16]);
    assertEquals(secret.headers.get("cache-control"), "no-store");
    const { bytes } = await follower.beside(uri);
    const cipher = createDecipheriv("aes-128-cbc", secret.bytes, sequenceIv(mediaSequence! + i));
    const plain = new Uint8Array([...cipher.update(bytes), ...cipher.final()]);
    assert(readPackets(plain).length > 0);
  }
});

Deno.test("encryption: keys change every few segments", async () => {
  await using stage = await HlsStage.start(ENCRYPTED);
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(26);
  const { segments } = await new Follower(stage).load();
  const [a, b, c, d, e] = segments.map(({ key }) => key!.uri);
  assertEquals([a, c, e], [b, d, e]);
  assertEquals(new Set([a, c, e]).size, 3);
});

Deno.test("encryption: init segments are not encrypted, and say so", async () => {
  await using stage = await HlsStage.start(ENCRYPTED);
  const publisher = await stage.publish("cam", { audio: opus });
  await publisher.head();
  await publisher.gops(12);
  const follower = new Follower(stage);
  const { segments } = await follower.load();
  assertEquals(segments[0].map!.key, undefined);
  const { bytes } = await follower.beside(segments[0].map!.uri);
  assertEquals(new TextDecoder().decode(bytes.subarray(4, 8)), "ftyp");
  const segment = await follower.beside(segments[0].uri);
  assertNotEquals(new TextDecoder().decode(segment.bytes.subarray(4, 8)), "styp");
});

Deno.test("encryption: keys are for those who may play", async () => {
  const door = definePlugin({
    name: "door",
    setup: (ctx) =>
      ctx.decide("play", ({ session }) => session.params.has("key") ? undefined : { deny: "Playing needs a key" }),
  });
  await using stage = await HlsStage.start(ENCRYPTED, { plugins: [door()] });
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(12);
  const guest = { "user-agent": "guest" };
  const { segments } = await new Follower(stage, "cam/media.m3u8?key=k", guest).load();
  const { uri } = segments[0].key!;
  assertEquals((await stage.get(`cam/${uri}`, guest)).status, 200);
  assertEquals((await stage.get(`cam/${uri}`, { "user-agent": "thief" })).status, 403);
  assertEquals((await stage.get(`cam/${uri}?key=k`, { "user-agent": "friend" })).status, 200);
});

Deno.test("encryption: the log says that there is no low latency with it", async () => {
  await using stage = await HlsStage.start(ENCRYPTED);
  assertEquals(stage.logged.lines().filter((line) => line.includes("Encrypted segments have no parts")).length, 1);
});
