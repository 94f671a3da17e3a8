import { assertEquals, assertThrows } from "@std/assert";
import { House, write } from "../testing/house.ts";
import { settled } from "../testing/settled.ts";

Deno.test("an operator stops a stream: players hear the end, and the publisher's session is closed", async () => {
  const house = new House();
  const session = house.session("rtmp");
  const publication = await house.publish("cam", session);
  write(publication, "V0 K0");
  const playback = await house.play();
  playback.stream.signal.addEventListener("abort", () => playback[Symbol.dispose]());
  house.takeTold();
  house.streams.stop("live/cam", "the show is over");
  assertEquals(house.takeTold(), ["play:end live/cam kicked", "stream:end live/cam kicked"]);
  assertEquals([session.closed?.reason, session.closed?.message], ["kicked", "the show is over"]);
  assertEquals([house.streams.all.size, house.clock.pending], [0, 0]);
});

Deno.test("an operator stops a stream whose publisher has vanished", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0");
  publication[Symbol.dispose]();
  house.takeTold();
  house.streams.stop("live/cam");
  assertEquals(house.takeTold(), ["stream:end live/cam kicked"]);
  assertEquals(house.clock.pending, 0);
});

Deno.test("what is not published cannot be stopped, and those who wait for it go on waiting", async () => {
  const house = new House();
  assertThrows(() => house.streams.stop("live/cam"), RangeError, "there is no such stream");
  const session = house.session("http-flv");
  const waiting = house.play("cam", session).catch((error) => error.message);
  await settled();
  assertThrows(() => house.streams.stop("live/cam"), RangeError, "there is no such stream");
  house.clock.advance(10_000);
  assertEquals(await waiting, "Nobody publishes live/cam: waited 10 s");
});
