import { assert, assertEquals, assertLess } from "@std/assert";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { Follower, HlsStage } from "./testing_stage.ts";

Deno.test("hls: the playlist ends with the stream, and is kept for a while", async () => {
  await using stage = await HlsStage.start({ keepSeconds: 20 });
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(12);
  const follower = new Follower(stage);
  await follower.load();
  await publisher.end();
  const { isEnded, segments, pending, preloadHint } = await follower.load();
  assert(isEnded);
  assertEquals([pending, preloadHint], [undefined, undefined]);
  assertEquals((await follower.beside(segments.at(-1)!.uri)).status, 200);
  await stage.clock.advanceAsync(25_000);
  assertEquals((await follower.beside(segments.at(-1)!.uri)).status, 404);
});

Deno.test("hls: a publisher that returns in time goes on in the same playlist, behind a discontinuity", async () => {
  await using stage = await HlsStage.start();
  const first = await stage.publish();
  await first.head();
  await first.gops(6);
  const follower = new Follower(stage);
  await follower.load();
  await first.vanish();
  await follower.load();
  const second = await stage.publish("cam", { startMs: 777_000, seed: 1 });
  await second.head();
  await second.gops(12, async () => void await follower.load());
  const { segments } = follower.newest!;
  assertEquals(segments.map(({ discontinuity }) => discontinuity ?? false), [false, false, true, false]);
});

Deno.test("hls: a stream that is published again goes on counting, and uses no name twice", async () => {
  await using stage = await HlsStage.start();
  const first = await stage.publish();
  await first.head();
  await first.gops(12);
  const before = await new Follower(stage).load();
  await first.end();
  const second = await stage.publish();
  await second.head();
  await second.gops(6);
  const follower = new Follower(stage);
  const after = await follower.load();
  assertEquals(after.mediaSequence, before.mediaSequence);
  assertEquals(after.segments.filter(({ discontinuity }) => discontinuity).length, 1);
  assertEquals(new Set(after.segments.map(({ uri }) => uri)).size, after.segments.length);
  await second.gops(60, async () => void await follower.load());
  assertEquals(follower.newest!.discontinuitySequence, before.discontinuitySequence! + 1);
});

Deno.test("hls: after a restart segments have higher numbers, discontinuities others, and no name is used again", async () => {
  const clock = new FakeClock();
  const names: string[] = [];
  const numbers: number[] = [];
  const discontinuities = new Set<number>();
  for (let i = 0; i < 3; i++) {
    await using stage = await HlsStage.start({}, { clock });
    const publisher = await stage.publish();
    await publisher.head();
    await publisher.gops(20);
    const { segments, mediaSequence, discontinuitySequence } = await new Follower(stage).load();
    names.push(...segments.map(({ uri }) => uri));
    numbers.push(mediaSequence!, mediaSequence! + segments.length);
    discontinuities.add(discontinuitySequence ?? 0);
  }
  assertEquals(discontinuities.size, 3);
  assertLess(Math.max(...discontinuities), 1000, "hls.js counts through all of them");
  assertEquals(new Set(names).size, names.length);
  assertEquals(numbers, numbers.toSorted((a, b) => a - b));
});
