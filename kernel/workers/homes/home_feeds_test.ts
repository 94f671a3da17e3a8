import { assertEquals } from "@std/assert";
import type { MediaPacket } from "../../../media/packet.ts";
import type { Artifact } from "../../plugin/hooks.ts";
import { Closed } from "../../reasons.ts";
import type { Subscription } from "../../fanout/subscription.ts";
import { keyOf, write } from "../../testing/house.ts";
import { payloads } from "../../testing/packets.ts";
import { all, Stage } from "../testing.ts";

Deno.test("a stream is in its home from its first packet to its last, whether somebody watches it or not", async () => {
  using stage = new Stage();
  stage.beHome();
  const { session, publication } = await stage.publish();
  write(publication, "m0 V0 A0 K0 d40");
  await stage.settle();
  const copy = stage.mainSide.copies.streams.get("live/cam")!;
  const packets = copy.packets({ patient: true });
  write(publication, "K80 d120");
  await stage.settle();
  await stage.pass(5000);
  publication.end();
  await stage.settle();
  assertEquals(payloads(all(packets)), "m V A K0 d40 K80 d120");
  assertEquals(packets.ended?.reason, "stream-ended");
  assertEquals(stage.told.filter(({ name }) => /start|resume|end/.test(name)), [
    { name: "stream:start", stream: "live/cam", session: session.id },
    { name: "stream:end", stream: "live/cam" },
  ]);
  assertEquals(stage.mainSide.copies.streams.size, 0);
});

Deno.test("a sink that opens when it hears of a stream gets all of it, however much was written by then", async () => {
  using stage = new Stage();
  stage.beHome();
  let packets: Subscription<MediaPacket> | undefined;
  stage.hooks.on("stream:start", ({ stream }) => void (packets = stream.packets({ patient: true })), "sink", 0);
  const publication = await stage.house.streams.publish(stage.house.session("rtmp"), keyOf("cam"));
  write(publication, "V0 K0 d40 K80 d120 K160 d200");
  await stage.settle();
  assertEquals(payloads(all(packets!)), "V K0 d40 K80 d120 K160 d200");
  assertEquals(stage.mainSide.copies.streams.get("live/cam")?.toJSON().publisher?.protocol, "rtmp");
});

Deno.test("another publisher is told of with its session, and the stream goes on", async () => {
  using stage = new Stage();
  stage.beHome();
  const { session, publication } = await stage.publish();
  write(publication, "V0 K0");
  await stage.settle();
  const packets = stage.mainSide.copies.streams.get("live/cam")!.packets();
  publication[Symbol.dispose]();
  const next = await stage.publish();
  write(next.publication, "V0 K0 d40");
  await stage.settle();
  assertEquals(payloads(all(packets)), "V K0 V K0 d40");
  assertEquals(stage.told.filter(({ name }) => /start|resume|end/.test(name)), [
    { name: "stream:start", stream: "live/cam", session: session.id },
    { name: "stream:resume", stream: "live/cam", session: next.session.id },
  ]);
});

Deno.test("viewers and sinks of a stream's home read the same copy, which stays when the viewers have left", async () => {
  using stage = new Stage();
  stage.beHome();
  const { publication } = await stage.publish();
  write(publication, "V0 K0");
  await stage.settle();
  const viewer = await stage.play();
  assertEquals(stage.mainSide.copies.streams.get("live/cam"), viewer.playback.stream);
  viewer.session.close("left");
  await stage.pass(10_000);
  assertEquals(stage.mainSide.copies.streams.size, 1);
});

Deno.test("a publisher takes its time as long as only sinks read its stream in its home", async () => {
  using stage = new Stage();
  stage.beHome();
  const { publication } = await stage.publish();
  write(publication, "V0 K0");
  await stage.settle();
  stage.mainSide.copies.streams.get("live/cam")!.packets({ patient: true });
  write(publication, "d40");
  await stage.settle();
  assertEquals([stage.main.isWatched, publication.stream.isWatched], [false, false]);
  const viewer = await stage.play();
  write(publication, "d80");
  await stage.settle();
  assertEquals(stage.main.isWatched, true);
  viewer.session.close("left");
});

Deno.test("a worker that begins later is sent what is live, from the newest entry on, once", async () => {
  using stage = new Stage();
  const { publication } = await stage.publish();
  write(publication, "V0 K0 d40 K80");
  await stage.settle();
  stage.feeds.began(stage.main, stage.house.session("rtmp"));
  stage.feeds.begun(0);
  stage.feeds.begun(0);
  await stage.settle();
  const packets = stage.mainSide.copies.streams.get("live/cam")!.packets();
  write(publication, "d120");
  await stage.settle();
  assertEquals(payloads(all(packets)), "V K80 d120");
  assertEquals(stage.told.filter(({ name }) => name === "stream:start").length, 1);
});

Deno.test("a worker that replaces one goes on with the pictures that it may not have written, and with what came meanwhile", async () => {
  using stage = new Stage();
  stage.beHome();
  const publication = await stage.house.streams.publish(stage.house.session("rtmp"), keyOf("cam"));
  write(publication, "V0 K0 d40 K80");
  await stage.settle();
  stage.link.close(new Closed("error"));
  stage.mainSide.close();
  stage.feeds.lost(0);
  write(publication, "d120 K160 d200");
  publication.end();
  await stage.settle();
  let packets: Subscription<MediaPacket> | undefined;
  stage.hooks.on("stream:start", ({ stream }) => void (packets = stream.packets({ patient: true })), "sink", 0);
  stage.feeds.begun(0);
  await stage.settle();
  assertEquals(payloads(all(packets!)), "V K80 d120 K160 d200");
  assertEquals(packets?.ended?.reason, "stream-ended");
  stage.feeds.begun(0);
  await stage.settle();
  assertEquals(stage.told.filter(({ name }) => name === "stream:start").length, 2);
});

Deno.test("what is kept for a worker that fails before it begins is kept for the next", async () => {
  using stage = new Stage();
  stage.beHome();
  const publication = await stage.house.streams.publish(stage.house.session("rtmp"), keyOf("cam"));
  write(publication, "V0 K0 d40 K80");
  await stage.settle();
  stage.link.close(new Closed("error"));
  stage.mainSide.close();
  stage.feeds.lost(0);
  write(publication, "d120 K160 d200");
  stage.feeds.lost(0);
  let packets: Subscription<MediaPacket> | undefined;
  stage.hooks.on("stream:start", ({ stream }) => void (packets = stream.packets({ patient: true })), "sink", 0);
  stage.feeds.begun(0);
  await stage.settle();
  assertEquals(payloads(all(packets!)), "V K80 d120 K160 d200");
});

Deno.test("what becomes of files is told in the main isolate, and what that tells is heard in the worker", async () => {
  using stage = new Stage();
  const event: Artifact = { stream: "live/cam", by: "flv-record", path: "flv/live/cam/1.flv" };
  stage.hooks.tell("artifact:complete", event);
  await stage.settle();
  assertEquals(stage.files, [{ type: "artifact", name: "artifact:complete", event }]);
  assertEquals(stage.told, []);
  stage.mainSide.receive({ type: "artifact", name: "artifact:remove", event });
  assertEquals(stage.told, [{ name: "artifact:remove", stream: "live/cam" }]);
});

Deno.test("the main isolate is told what sinks do when that changes", async () => {
  using stage = new Stage();
  const run = { stream: "live/cam", state: "writing" as const, since: new Date(0) };
  const runs = [run];
  stage.mainSide.sinks.sinks.add({ name: "fmp4", runs, start: () => {}, stop: () => Promise.resolve() });
  await stage.pass(1000);
  await stage.pass(1000);
  runs.pop();
  await stage.pass(1000);
  assertEquals(stage.runs.map((each) => each.get("fmp4")?.length), [1, 0]);
});
