import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { definePlugin } from "../../kernel/plugin.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { concat } from "../../media/bytes.ts";
import { readPackets } from "../../media/ts/testing.ts";
import { turn } from "../../tests/support/eventually.ts";
import { av1, hevc, opus, unknownAudio, unknownVideo } from "../../tests/support/test_bodies.ts";
import { StreamMaker } from "../../tests/support/stream_maker.ts";
import { FIRST_SEGMENT_MS } from "./routes.ts";
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
  const asking = stage.get("nothing/index.m3u8");
  await turn();
  await stage.clock.advanceAsync(3000, 500);
  const { status, text } = await asking;
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

Deno.test("hls: a viewer is counted once, however often it asks, and leaves when it asks no more", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const phone = { "user-agent": "phone" };
  await stage.get("cam/index.m3u8", phone);
  const follower = new Follower(stage, "cam/media.m3u8", phone);
  await publisher.gops(30, async () => void await follower.load());
  await new Follower(stage, "cam/media.m3u8", { "user-agent": "television" }).load();
  assertEquals(stage.takeTold(), ["play:start live/cam", "play:start live/cam"]);
  assertEquals(stage.server.streams.get("live/cam")!.viewers, 2);
  await publisher.gops(30, async () => void await follower.load());
  assertEquals(stage.takeTold(), ["play:end live/cam"]);
  await publisher.gops(30);
  assertEquals(stage.takeTold(), ["play:end live/cam"]);
  assertEquals(stage.server.sessions.size, 1);
});

Deno.test("hls: what was sent to a viewer is counted", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const follower = new Follower(stage);
  const { segments } = await follower.load();
  const { bytes } = await follower.beside(segments[0].uri);
  const session = [...stage.server.sessions].find(({ protocol }) => protocol === "hls")!;
  assertEquals(session.bytesOut, bytes.length);
});

Deno.test("hls: whether somebody may watch is decided as for any other player", async () => {
  const asked: string[] = [];
  const door = definePlugin({
    name: "door",
    setup(ctx) {
      ctx.decide("play", ({ session, stream }) => {
        asked.push(`${stream} ${session.params}`);
        return session.params.get("key") === "right" ? undefined : { deny: "The key is wrong" };
      });
    },
  });
  await using stage = await HlsStage.start({}, { plugins: [door()] });
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const { status, text } = await stage.get("cam/index.m3u8?key=wrong");
  assertEquals([status, JSON.parse(text).detail], [403, "The key is wrong"]);
  const { variants } = await masterOf(stage, "cam/index.m3u8?key=right");
  assertMatch(variants[0].uri, /^media\.m3u8\?key=right&viewerToken=[\w.-]+$/);
  await new Follower(stage, `cam/${variants[0].uri}`).load();
  assertEquals((await stage.get("cam/media.m3u8")).status, 403);
  assertEquals(asked, ["live/cam key=wrong", "live/cam key=right", "live/cam "]);
  assertEquals(stage.server.streams.get("live/cam")!.viewers, 1);
});

Deno.test("hls: a viewer who is sent away stays away for a while", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  await new Follower(stage).load();
  const session = [...stage.server.sessions].find(({ protocol }) => protocol === "hls")!;
  session.close("kicked");
  assertEquals((await stage.get("cam/media.m3u8")).status, 403);
  await publisher.gops(30);
  assertEquals((await stage.get("cam/media.m3u8")).status, 200);
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
