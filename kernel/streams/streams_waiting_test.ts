import { assertEquals, assertStrictEquals } from "@std/assert";
import { OpenSession } from "../sessions/session.ts";
import { FakeSource } from "../testing/fake_source.ts";
import { House, reader, write } from "../testing/house.ts";
import { settled } from "../testing/settled.ts";
import { refusalOf } from "../testing/refusal.ts";

Deno.test("a player waits for a stream and plays when it comes", async () => {
  const house = new House();
  const played = house.play();
  await settled();
  assertEquals([house.streams.all.get("live/cam")?.state, house.told], ["waiting", []]);
  house.clock.advance(9000);
  const publication = await house.publish();
  const playback = await played;
  assertStrictEquals(playback.stream, publication.stream);
  assertEquals(house.told, ["stream:start live/cam", "play:start live/cam"]);
  assertEquals(publication.stream.since, new Date("2026-01-01T00:00:09Z"));
  const read = reader(playback);
  write(publication, "V0 K0");
  assertEquals(read(), "<V>K0");
  publication.end();
  assertEquals(house.clock.pending, 0);
});

Deno.test("a player that waited in vain is told so, and the stream is forgotten with it", async () => {
  const house = new House();
  const refused = refusalOf(house.play());
  await settled();
  await house.clock.advanceAsync(10_000);
  const { code, message } = await refused;
  assertEquals([code, message], ["not-live", "Nobody publishes live/cam: waited 10 s"]);
  assertEquals([house.streams.all.size, house.clock.pending, house.told], [0, 0, []]);
});

Deno.test("without a wait a player is refused at once", async () => {
  const house = new House({ waitSeconds: 0 });
  const refused = refusalOf(house.play());
  await settled();
  house.clock.advance(0);
  assertEquals((await refused).code, "not-live");
  assertEquals(house.streams.all.size, 0);
});

Deno.test("a player that leaves while it waits is forgotten at once", async () => {
  const house = new House();
  const session = house.session();
  const refused = refusalOf(house.play("cam", session));
  await settled();
  session.close("left");
  assertEquals((await refused).code, "denied");
  assertEquals([house.streams.all.size, house.clock.pending, house.told], [0, 0, []]);
});

Deno.test("a waiting stream vanishes with the last of those who wait", async () => {
  const house = new House();
  const [one, two] = [house.session(), house.session()];
  const refusals = [refusalOf(house.play("cam", one)), refusalOf(house.play("cam", two))];
  await settled();
  one.close("left");
  await settled();
  assertEquals(house.streams.all.size, 1);
  two.close("left");
  await Promise.all(refusals);
  assertEquals([house.streams.all.size, house.clock.pending], [0, 0]);
});

Deno.test("those who wait longer than others still get the stream", async () => {
  const house = new House();
  const early = refusalOf(house.play());
  await house.clock.advanceAsync(6000);
  const late = house.play();
  await house.clock.advanceAsync(6000);
  assertEquals((await early).code, "not-live");
  const publication = await house.publish();
  assertStrictEquals((await late).stream, publication.stream);
  publication.end();
});

Deno.test("a player of an interrupted stream plays at once, from the newest key", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0 d40");
  publication[Symbol.dispose]();
  const read = reader(await house.play());
  assertEquals(read(), "<V>K0 d40");
  house.streams.close();
});

Deno.test("a player of a stream that has ended waits for the next one of that name", async () => {
  const house = new House();
  const first = await house.publish();
  first.end();
  const played = house.play();
  await settled();
  const second = await house.publish();
  assertStrictEquals((await played).stream, second.stream);
  second.end();
});

Deno.test("a reader of a stream that has ended still gets what is there, and then the end", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0 d40");
  const playback = await house.play();
  publication.end();
  const read = reader(playback);
  assertEquals(read(), "<V>K0 d40");
  assertEquals(playback.packets().ended?.reason, "stream-ended");
  playback[Symbol.dispose]();
});

Deno.test("a player whose protocol does not wait is refused at once, unless it asks for more, or the stream is being fetched", async () => {
  const house = new House();
  const source = new FakeSource();
  source.isReady = false;
  house.hooks.decide("resolve", ({ stream }) => stream === "live/far" ? source : undefined, "edge", 0);
  const play = (name: string, query = "") => {
    const info = { protocol: "hls", remote: "127.0.0.1:1", params: new URLSearchParams(query), waitSeconds: 0 };
    return house.play(name, new OpenSession(info, house.logged.log, house.clock));
  };
  assertEquals((await refusalOf(play("cam"))).message, "Nobody publishes live/cam");
  const patient = refusalOf(play("cam", "wait=3"));
  const fetched = play("far");
  await settled();
  assertEquals(house.streams.all.size, 2);
  house.clock.advance(3000);
  assertEquals((await patient).message, "Nobody publishes live/cam: waited 3 s");
  source.begin();
  assertEquals((await fetched).stream.state, "live");
  house.streams.close();
});

Deno.test("a player may want to wait for less than the server lets it, and for no more", async () => {
  const house = new House();
  const refused = async (wait: string) => {
    const session = new OpenSession(
      { protocol: "http-flv", remote: "127.0.0.1:1", params: new URLSearchParams({ wait }) },
      house.logged.log,
      house.clock,
    );
    return await refusalOf(house.play("cam", session));
  };
  assertEquals((await refused("0")).message, "Nobody publishes live/cam");
  for (const [wait, seconds] of [["2.5", 2.5], ["60", 10], ["-1", 10], ["soon", 10]] as const) {
    const waiting = refused(wait);
    await settled();
    house.clock.advance(seconds * 1000 - 1);
    assertEquals(house.streams.all.size, 1, wait);
    house.clock.advance(1);
    assertEquals((await waiting).message, `Nobody publishes live/cam: waited ${seconds} s`);
  }
});
