import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { StreamMaker } from "../../tests/support/stream_maker.ts";
import { Follower, HlsStage } from "./testing_stage.ts";

Deno.test("hls: the target duration fits the first group of pictures, and the log says what a long one means", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish("cam", { gopPictures: 200 });
  await publisher.head();
  await publisher.gops(4);
  const { targetDuration, segments } = await new Follower(stage).load();
  assertEquals(targetDuration, 8);
  assertEquals(segments.map(({ duration }) => duration), [8, 8, 8]);
  assertEquals(stage.warnings, [
    "live/cam has a key frame every 8.0 s: HLS segments are that long, and players are at least 24 s behind; " +
    "set the encoder's keyframe interval to 2 s",
  ]);
});

Deno.test("hls: a group of pictures longer than was promised is cut, and the log says so", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish("cam", { gopPictures: 50 });
  await publisher.head();
  await publisher.gops(3);
  const follower = new Follower(stage);
  assert((await follower.load()).independentSegments);
  await publisher.send(new StreamMaker({ startMs: publisher.maker.ms, gopPictures: 250 }).gops(2));
  const { targetDuration, segments, independentSegments, start } = await follower.load();
  assertEquals(targetDuration, 2);
  assert(segments.every(({ duration }) => Math.round(duration) <= 2));
  assert(!independentSegments);
  assertLess(start!, -6);
  assertMatch(
    stage.warnings[0],
    /had no key frame for 2\.5 s, and its playlist has promised segments no longer than that/,
  );
});

Deno.test("hls: the longest group of pictures that there was counts, though it has left the playlist", async () => {
  await using stage = await HlsStage.start({ windowSegments: 3 });
  const publisher = await stage.publish("cam", { gopPictures: 100 });
  await publisher.head();
  await publisher.gops(2);
  const short = new StreamMaker({ startMs: publisher.maker.ms, gopPictures: 50 });
  await publisher.send(short.gops(8));
  const { targetDuration, segments } = await new Follower(stage).load();
  assertEquals([targetDuration, segments.at(-1)!.duration], [4, 2]);
});

Deno.test("hls: who comes in the middle of a long group of pictures is promised no less than it has lasted", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish("cam", { gopPictures: 50 });
  await publisher.head();
  await publisher.gops(3);
  const long = new StreamMaker({ startMs: publisher.maker.ms, gopPictures: 170 });
  await publisher.send(long.gop());
  const follower = new Follower(stage);
  assertEquals((await follower.load()).targetDuration, 7);
  await publisher.send(long.gops(3));
  assert((await follower.load()).independentSegments);
});

Deno.test("hls: parts that last longer than was promised are not listed, and their segment is", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish("cam", { audio: null });
  await publisher.head();
  await publisher.gops(2);
  await stage.clock.advanceAsync(1000);
  await publisher.gops(10);
  const follower = new Follower(stage);
  await follower.load();
  const late = publisher.maker.gop().map((tag, i) => i < 4 ? tag : { ...tag, dts: tag.dts + 600_000 });
  await publisher.send(late.slice(0, 5));
  const { pending, preloadHint } = await follower.load();
  assert(pending!.parts!.every(({ duration }) => duration <= 0.22));
  assertEquals(preloadHint, undefined);
  await publisher.send(late.slice(5));
  publisher.maker.jumpTo(publisher.maker.ms + 600);
  await publisher.gops(12, async () => void await follower.load());
  const [holed] = follower.newest!.segments.filter(({ parts }) => !parts);
  assert(holed);
});
