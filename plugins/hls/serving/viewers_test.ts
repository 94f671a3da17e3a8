import { assertEquals, assertRejects } from "@std/assert";
import { definePlugin } from "../../../kernel/plugin/plugin.ts";
import { DEFAULT_VHOST } from "../../../kernel/names.ts";
import { Refusal } from "../../../kernel/reasons.ts";
import { Follower, HlsStage, masterOf } from "../testing_stage.ts";
import { HlsViewers } from "./viewers.ts";

const KEY = { vhost: DEFAULT_VHOST, app: "live", name: "cam" };

function request(userAgent: string, remote = "192.0.2.7:5000") {
  return { info: { protocol: "hls", remote, userAgent }, key: KEY, query: "" };
}

Deno.test("viewers: no more than a limit are told apart at one address, and others have room", async () => {
  await using stage = await HlsStage.start();
  await stage.publish();
  const viewers = new HlsViewers(stage.ctx, 2);
  for (const agent of ["a", "b", "a"]) await viewers.admit(request(agent), 10_000, false);
  const refused = await assertRejects(() => viewers.admit(request("c"), 10_000, false), Refusal);
  assertEquals(refused.message, "There are 2 viewers at this address already");
  await viewers.admit(request("c", "192.0.2.8:5000"), 10_000, false);
});

Deno.test("viewers: requests that come together are asked about once, from whatever port", async () => {
  let asked = 0;
  const door = definePlugin({ name: "door", setup: (ctx) => ctx.decide("play", () => void asked++) });
  await using stage = await HlsStage.start({}, { plugins: [door()] });
  await stage.publish();
  const viewers = new HlsViewers(stage.ctx);
  const ports = [1, 2, 3].map((port) => viewers.admit(request("a", `192.0.2.7:${port}`), 10_000, false));
  await Promise.all(ports);
  assertEquals([asked, stage.takeTold()], [1, ["play:start live/cam"]]);
});

Deno.test("viewers: one that was refused is asked about again, and leaves nothing behind", async () => {
  const door = definePlugin({ name: "door", setup: (ctx) => ctx.decide("play", () => ({ deny: "no" })) });
  await using stage = await HlsStage.start({}, { plugins: [door()] });
  await stage.publish();
  const viewers = new HlsViewers(stage.ctx, 1);
  for (const agent of ["a", "b", "c"]) {
    await assertRejects(() => viewers.admit(request(agent), 10_000, false), Refusal, "no");
  }
  assertEquals(stage.server.sessions.size, 1);
});

Deno.test("viewers: who watches when the stream ends sees the rest, and is there again when it is published again", async () => {
  await using stage = await HlsStage.start();
  const first = await stage.publish();
  await first.head();
  await first.gops(6);
  const follower = new Follower(stage);
  await follower.load();
  await first.end();
  assertEquals((await follower.load()).isEnded, true);
  assertEquals(stage.takeTold(), ["play:start live/cam", "play:end live/cam"]);
  const second = await stage.publish();
  await second.head();
  await second.gops(6);
  await new Follower(stage).load();
  assertEquals(stage.takeTold(), ["play:start live/cam"]);
  assertEquals(stage.server.streams.get("live/cam")!.viewers, 1);
});

Deno.test("viewers: one whose key has changed is another", async () => {
  await using stage = await HlsStage.start();
  const publisher = await stage.publish();
  await publisher.head();
  await publisher.gops(6);
  const { variants } = await masterOf(stage, "cam/index.m3u8?key=a");
  await new Follower(stage, `cam/${variants[0].uri}`).load();
  await new Follower(stage, `cam/${variants[0].uri}&_HLS_msn=1`).load();
  assertEquals(stage.server.streams.get("live/cam")!.viewers, 1);
  await masterOf(stage, "cam/index.m3u8?key=b");
  assertEquals(stage.server.streams.get("live/cam")!.viewers, 2);
});
