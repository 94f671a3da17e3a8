import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { concat } from "../../media/bytes.ts";
import { readPackets } from "../../media/ts/testing.ts";
import { turn } from "../../tests/support/eventually.ts";
import { Follower, HlsStage } from "./testing_stage.ts";

Deno.test("hls: the parts of a segment are the segment, and stay when it is complete", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(11);
  const follower = new Follower(stage);
  const { segments } = await follower.load();
  const { uri, parts } = segments.at(-1)!;
  assertEquals(parts!.length, 10);
  const whole = await follower.beside(uri);
  assertEquals(whole.headers.get("content-type"), "video/mp2t");
  assertEquals(whole.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assertEquals(whole.headers.get("access-control-allow-origin"), "*");
  const pieces = await Promise.all(parts!.map(({ uri }) => follower.beside(uri)));
  assertEquals(concat(pieces.map(({ bytes }) => bytes)), whole.bytes);
  assert(readPackets(whole.bytes).length > 0);
});

Deno.test("hls: a request waits for the part that it asks for, and is answered when that is there", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const follower = new Follower(stage);
  const before = await follower.load();
  const msn = before.mediaSequence! + before.segments.length;
  const part = before.pending!.parts!.length;
  let answer: Awaited<ReturnType<typeof follower.load>> | undefined;
  const loading = follower.load(`?_HLS_msn=${msn}&_HLS_part=${part}`).then((playlist) => answer = playlist);
  await publisher.slowly(async () => {
    const has = (await new Follower(stage).load()).pending!.parts!.length > part;
    assertEquals(answer !== undefined, has);
  });
  await loading;
  assertEquals(answer!.pending!.parts!.length, part + 1);
});

Deno.test("hls: a request for a segment waits until the segment is complete", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const follower = new Follower(stage);
  const before = await follower.load();
  const loading = follower.load(`?_HLS_msn=${before.mediaSequence! + before.segments.length}`);
  await publisher.gops(5);
  assertEquals((await loading).segments.length, before.segments.length + 1);
});

Deno.test("hls: a part behind the last one of a segment is the first one of the next", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const follower = new Follower(stage);
  const { mediaSequence } = await follower.load();
  const { pending } = await follower.load(`?_HLS_msn=${mediaSequence}&_HLS_part=99`);
  assert(pending!.parts!.length > 0);
});

const DIRECTIVES = [
  { name: "a part without a segment", query: "?_HLS_part=1", status: 400 },
  { name: "a segment far ahead", query: "?_HLS_msn=999999999999", status: 400 },
  { name: "a segment that is no number", query: "?_HLS_msn=one", status: 400 },
  { name: "a segment long gone", query: "?_HLS_msn=1", status: 200 },
];

for (const { name, query, status } of DIRECTIVES) {
  Deno.test(`hls: asking for ${name} is answered with ${status}`, async () => {
    await using stage = await HlsStage.start();
    const publisher = await stage.publish();
    await publisher.head();
    await publisher.gops(6);
    assertEquals((await stage.get(`cam/media.m3u8${query}`)).status, status);
  });
}

Deno.test("hls: a request that waits for three target durations is answered with an error", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const { mediaSequence, segments } = await new Follower(stage).load();
  const asking = stage.get(`cam/media.m3u8?_HLS_msn=${mediaSequence! + segments.length}`);
  await turn();
  await stage.clock.advanceAsync(6000);
  const { status, text } = await asking;
  assertEquals(status, 503);
  assertStringIncludes(text, "There is still no segment");
});

Deno.test("hls: the part that is hinted at can be asked for before it is there", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const follower = new Follower(stage);
  const { preloadHint } = await follower.load();
  let isAnswered = false;
  const asking = follower.beside(preloadHint!.uri).finally(() => isAnswered = true);
  await turn();
  assert(!isAnswered);
  await publisher.gops(1);
  const { status, bytes } = await asking;
  assertEquals(status, 200);
  assertEquals(bytes, (await follower.beside(preloadHint!.uri)).bytes);
  assert((await follower.load()).pending!.parts!.some(({ uri }) => uri === preloadHint!.uri));
});

Deno.test("hls: every part that is hinted at comes, also at the end of segments and of the stream", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const hints = new Set<string>();
  const follower = new Follower(stage);
  await publisher.gops(12, async () => void hints.add((await follower.load()).preloadHint!.uri));
  await publisher.end();
  const { segments } = await follower.load();
  const names = new Set(segments.flatMap(({ parts = [] }) => parts.map(({ uri }) => uri)));
  const recent = [...hints].slice(-6);
  assertEquals(recent.filter((uri) => !names.has(uri)), []);
});

Deno.test("hls: a delta update leaves out what players have, and they can complete it", async () => {
  await using stage = await HlsStage.start({ windowSegments: 12 });
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(55);
  const follower = new Follower(stage);
  const { serverControl, segments } = await follower.load();
  assertEquals(serverControl!.canSkipUntil, 12);
  const { text } = await stage.get("cam/media.m3u8?_HLS_skip=YES");
  assertMatch(text, /#EXT-X-SKIP:SKIPPED-SEGMENTS=[45]\n/);
  assertEquals((await follower.load("?_HLS_skip=YES")).segments, segments);
});

Deno.test("hls: requests that wait are answered when the stream ends", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const follower = new Follower(stage);
  const { mediaSequence, segments } = await follower.load();
  const loading = follower.load(`?_HLS_msn=${mediaSequence! + segments.length + 1}`);
  await publisher.end();
  assert((await loading).isEnded);
});

Deno.test("hls: who waits for the last part gets it before it hears of the end", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const follower = new Follower(stage);
  const { mediaSequence, segments, pending } = await follower.load();
  const msn = mediaSequence! + segments.length;
  const parts = pending?.parts?.length ?? 0;
  const loading = follower.load(`?_HLS_msn=${msn}&_HLS_part=${parts}`);
  await publisher.end();
  const last = await loading;
  assertEquals([last.isEnded ?? false, last.segments.at(-1)?.parts?.length], [false, parts + 1]);
  const end = await follower.load(`?_HLS_msn=${msn + 1}&_HLS_part=0`);
  assertEquals([end.isEnded, end.segments.at(-1)?.parts?.length], [true, parts + 1]);
  assertEquals((await follower.load(`?_HLS_msn=${msn}`)).isEnded, true);
});

Deno.test("hls: without low latency there are no parts, and a request can wait for segments all the same", async () => {
  await using stage = await HlsStage.start({ lowLatency: false });
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const follower = new Follower(stage);
  const { partTarget, pending, segments, mediaSequence } = await follower.load();
  assertEquals([partTarget, pending, segments[0].parts], [undefined, undefined, undefined]);
  const loading = follower.load(`?_HLS_msn=${mediaSequence! + segments.length}`);
  await publisher.gops(5);
  await loading;
});
