import { assert, assertEquals, assertGreater, assertMatch, assertNotEquals } from "@std/assert";
import { turn } from "../../tests/support/eventually.ts";
import { StreamMaker } from "../../tests/support/stream_maker.ts";
import { av1, hevc, opus, unknownAudio, unknownVideo } from "../../tests/support/test_bodies.ts";
import { FIRST_SEGMENT_MS } from "./serving/routes.ts";
import { Follower, HlsStage, masterOf } from "./testing_stage.ts";

Deno.test("hls: a stream has a master playlist that says what players have to know", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(12);
  const { variants, independentSegments } = await masterOf(stage);
  assertEquals(variants.length, 1);
  assertEquals(variants[0].uri, "media.m3u8");
  assertEquals(variants[0].codecs, ["avc1.f4000c", "mp4a.40.2"]);
  const { width, height } = stage.server.streams.get("live/cam")!.toJSON().tracks[0];
  assertEquals(variants[0].resolution, { width, height });
  assertEquals(variants[0].frameRate, 25);
  assert(independentSegments);
});

Deno.test("hls: who asks at once for a stream whose picture comes after its sound is told of both", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish("cam", { video: null, metadata: false });
  const asked = masterOf(stage);
  await publisher.head();
  await publisher.gops(1);
  const pictures = new StreamMaker({ audio: null, metadata: false, startMs: 400 });
  await publisher.send([...pictures.head(), ...pictures.gop()]);
  assertEquals((await asked).variants[0].codecs, ["avc1.f4000c", "mp4a.40.2"]);
});

Deno.test("hls: every playlist is valid, and follows from the one before", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const follower = new Follower(stage);
  await publisher.gops(60, async () => void await follower.load());
  const { segments, targetDuration, partTarget, serverControl } = follower.newest!;
  assertEquals(segments.length, 6);
  assertEquals(targetDuration, 2);
  assertEquals(partTarget, 0.22);
  assertEquals(serverControl, { canBlockReload: true, holdBack: 6, partHoldBack: 0.66 });
  assert(segments.every(({ duration }) => duration === 2));
});

Deno.test("hls: a stream of which nothing can be carried is refused in words", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish("cam", { video: unknownVideo, audio: unknownAudio });
  await publisher.head();
  await publisher.gops(2);
  const asking = stage.get("cam/index.m3u8");
  await turn();
  await stage.clock.advanceAsync(FIRST_SEGMENT_MS, 500);
  const { status, text } = await asking;
  assertEquals(status, 404);
  assertMatch(text, /live\/cam has nothing that HLS can carry, only video-4 and audio-11/);
});

Deno.test("hls: codecs that need it are in fragmented MP4, with a map", async () => {
  for (const recipe of [{ video: av1, audio: opus }, { audio: opus }]) {
    await using stage = await HlsStage.start();
    const publisher = await stage.publish("cam", recipe);
    await publisher.head();
    await publisher.gops(12);
    const follower = new Follower(stage);
    const { segments, pending } = await follower.load();
    const map = segments[0].map!;
    assertEquals(pending!.map, map);
    const init = await follower.beside(map.uri);
    assertEquals(init.headers.get("content-type"), "video/mp4");
    assertEquals(new TextDecoder().decode(init.bytes.subarray(4, 8)), "ftyp");
    assertMatch(segments[0].uri, /\.m4s$/);
    const { bytes } = await follower.beside(segments[0].uri);
    assertEquals(new TextDecoder().decode(bytes.subarray(4, 8)), "styp");
  }
});

Deno.test("hls: the log says what is left out", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish("cam", { video: hevc });
  await publisher.head();
  await publisher.gops(1);
  assertEquals(stage.warnings, [
    "live/cam is made into HLS without its video: hevc cannot be carried, or its configuration cannot be read",
  ]);
});

Deno.test("hls: sound alone, and pictures alone", async () => {
  for (const recipe of [{ video: null }, { audio: null }]) {
    await using stage = await HlsStage.start();
    const publisher = await stage.publish("cam", recipe);
    await publisher.head();
    await publisher.gops(3);
    await stage.clock.advanceAsync(1000);
    await publisher.gops(12);
    const { segments } = await new Follower(stage).load();
    assertGreater(segments.length, 0);
    assertEquals((await masterOf(stage)).variants[0].codecs!.length, 1);
  }
});

Deno.test("hls: the time of day of each segment is told", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(12);
  const { segments } = await new Follower(stage).load();
  const times = segments.map(({ programDateTime }) => programDateTime! - Date.UTC(2026, 0, 1));
  assertEquals(times, [0, 2000].map((ms) => ms + times[0]));
  assert(Math.abs(times[0]) <= 400, `${times[0]} ms`);
});

Deno.test("hls: the first request waits for the first segment, and not for ever", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(1);
  const first = stage.get("cam/index.m3u8");
  await publisher.gops(5);
  assertEquals((await first).status, 200);
  const other = await stage.publish("other");
  await other.head();
  await other.gops(1);
  const late = stage.get("other/index.m3u8");
  await turn();
  await stage.clock.advanceAsync(FIRST_SEGMENT_MS, 500);
  assertEquals((await late).status, 503);
});

Deno.test("hls: what is not there is said in words", async () => {
  await using stage = await HlsStage.start({ streams: ["*", "!live/secret"] });
  const { status, text } = await stage.get("nothing/index.m3u8");
  assertEquals([status, JSON.parse(text).detail], [404, "Nobody publishes live/nothing"]);
  const secret = await stage.publish("secret");
  await secret.head();
  await secret.gops(6);
  assertEquals((await stage.get("secret/index.m3u8")).status, 404);
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  assertEquals((await stage.get("cam/nothing.ts")).status, 404);
  assertEquals((await stage.get("cam/media-3.m3u8")).status, 404);
  assertEquals((await stage.get("c.m/index.m3u8")).status, 400);
});

Deno.test("hls: on demand, a stream is made into HLS from the first request on, until nobody asks any more", async () => {
  await using stage = await HlsStage.start({ onDemand: true, keepSeconds: 10 });
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const isWritten = () => [...stage.ctx.sinks].flatMap(({ runs }) => runs).length;
  assertEquals(isWritten(), 0);
  const first = stage.get("cam/media.m3u8");
  await turn();
  assertEquals(isWritten(), 1);
  await publisher.gops(6);
  assertEquals((await first).status, 200);
  await publisher.gops(40);
  assertEquals(isWritten(), 0);
  const again = stage.get("cam/media.m3u8");
  await turn();
  await publisher.gops(6);
  const { status, text } = await again;
  assertEquals(status, 200);
  assertNotEquals(/MEDIA-SEQUENCE:(\d+)/.exec(text)![1], /MEDIA-SEQUENCE:(\d+)/.exec((await first).text)![1]);
});

Deno.test("hls: memory is bounded by the window, and what has left the playlist can be loaded for as long as that lasts", async () => {
  await using stage = await HlsStage.start({ windowSegments: 3 });
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(21);
  const follower = new Follower(stage);
  const [oldest] = (await follower.load()).segments;
  await publisher.gops(19);
  assertEquals((await follower.beside(oldest.uri)).status, 200);
  await publisher.gops(8);
  assertEquals((await follower.beside(oldest.uri)).status, 404);
});

Deno.test("hls: two streams side by side have nothing to do with each other", async () => {
  await using stage = await HlsStage.start();
  for (const name of ["one", "two"]) {
    const publisher = await stage.publish(name);
    await publisher.head();
    await publisher.gops(6);
  }
  const one = await new Follower(stage, "one/media.m3u8").load();
  assertEquals((await stage.get(`two/${one.segments[0].uri}`)).status, 404);
});
