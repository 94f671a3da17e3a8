import { assertEquals, assertMatch } from "@std/assert";
import { definePlugin } from "../../kernel/plugin/plugin.ts";
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
