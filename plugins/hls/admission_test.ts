import { assertEquals, assertMatch } from "@std/assert";
import { definePlugin } from "../../kernel/plugin/plugin.ts";
import { DEFAULT_VHOST } from "../../kernel/names.ts";
import { Refusal } from "../../kernel/reasons.ts";
import { FakeSource } from "../../kernel/testing/fake_source.ts";
import { eventually } from "../../tests/support/eventually.ts";
import { Follower, HlsStage, masterOf } from "./testing_stage.ts";

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

Deno.test("hls: of a stream that has just ended a newcomer gets the rest at once, if it would have been let in", async () => {
  const door = definePlugin({
    name: "door",
    setup: (ctx) => ctx.decide("play", ({ session }) => session.params.has("key") ? undefined : { deny: "no key" }),
  });
  await using stage = await HlsStage.start({ keepSeconds: 20 }, { plugins: [door()] });
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  await publisher.end();
  const { variants } = await masterOf(stage, "cam/index.m3u8?key=a");
  const follower = new Follower(stage, `cam/${variants[0].uri}`);
  const { isEnded, segments } = await follower.load();
  assertEquals([isEnded, (await follower.beside(segments.at(-1)!.uri)).status], [true, 200]);
  const { status, text } = await stage.get("cam/index.m3u8");
  assertEquals([status, JSON.parse(text).detail], [403, "no key"]);
  assertEquals([stage.takeTold(), stage.server.streams.size], [[], 0]);
  await stage.clock.advanceAsync(21_000, 1000);
  assertEquals((await stage.get("cam/index.m3u8?key=a")).status, 404);
});

Deno.test("hls: a stream that others wait for is not waited for here, and one that ended without a segment is not there", async () => {
  await using stage = await HlsStage.start();
  const session = await stage.ctx.open({ protocol: "test", remote: "127.0.0.1:5001" });
  const waiting = stage.ctx.play(session, { vhost: DEFAULT_VHOST, app: "live", name: "cam" });
  await eventually(() => stage.server.streams.get("live/cam")?.state === "waiting", "nobody waits for it");
  assertEquals((await stage.get("cam/index.m3u8")).status, 404);
  const publisher = await stage.publish();
  using _playback = await waiting;
  await publisher.head();
  await publisher.end();
  const { status, text } = await stage.get("cam/index.m3u8");
  assertEquals([status, JSON.parse(text).detail], [404, "live/cam ended before its first HLS segment was complete"]);
});

Deno.test("hls: a stream that is being fetched is waited for, and what is said of it is why it cannot be had", async () => {
  const source = new FakeSource();
  source.isReady = false;
  const edge = definePlugin({ name: "edge", setup: (ctx) => ctx.decide("resolve", () => source) });
  await using stage = await HlsStage.start({}, { plugins: [edge()] });
  const refused = stage.get("cam/index.m3u8");
  await eventually(() => source.runs === 1, "it is not fetched");
  source.fail(new Refusal("unreachable", "its server is down"));
  const { status, text, headers } = await refused;
  assertEquals([status, JSON.parse(text).detail], [502, "Cannot play live/cam: its server is down"]);
  assertEquals([headers.get("cache-control"), headers.get("retry-after")], ["no-store", "5"]);
});
