import { assertEquals } from "@std/assert";
import { Closed } from "../reasons.ts";
import { House, keyOf, reader, write } from "../testing/house.ts";
import { payloads } from "../testing/packets.ts";
import { settled } from "../testing/settled.ts";
import { refusalOf } from "../testing/refusal.ts";

Deno.test("a stream begins, is played and ends: each told once, in this order", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 A0 K0 a0");
  const playback = await house.play();
  const read = reader(playback);
  assertEquals(read(), "<V A>K0 a0");
  write(publication, "d40");
  assertEquals(read(), "d40");
  playback[Symbol.dispose]();
  publication.end();
  assertEquals(house.told, [
    "stream:start live/cam",
    "stream:config live/cam",
    "stream:config live/cam",
    "play:start live/cam",
    "play:end live/cam left",
    "stream:end live/cam stream-ended",
  ]);
  assertEquals([house.streams.all.size, house.clock.pending], [0, 0]);
});

Deno.test("a stream that ends ends its players first", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0");
  const playback = await house.play();
  const subscription = playback.packets();
  subscription.onReady = () => {
    if (subscription.ended) playback[Symbol.dispose]();
  };
  while (subscription.next());
  house.takeTold();
  publication.end();
  assertEquals(house.told, ["play:end live/cam stream-ended", "stream:end live/cam stream-ended"]);
});

Deno.test("the figures at the end are those of the stream", async () => {
  const house = new House();
  const ends: unknown[] = [];
  house.hooks.on("stream:end", ({ stream: _, ...figures }) => void ends.push(figures), "test", 1);
  house.hooks.on("play:end", ({ stream: _, session: __, ...figures }) => void ends.push(figures), "test", 1);
  const publication = await house.publish();
  write(publication, "V0 K0 d40");
  house.clock.advance(1000);
  const playback = await house.play();
  playback.bytes += 100;
  house.clock.advance(1500);
  playback[Symbol.dispose]();
  publication.end();
  assertEquals(ends, [
    { skips: 0, reason: "left", detail: "the peer left", seconds: 1.5, bytes: 100 },
    { reason: "stream-ended", detail: "the stream ended", seconds: 2.5, bytes: 6 },
  ]);
});

for (
  const [app, name, words] of [
    ["live", "a b", 'The stream name "a b" contains " "'],
    ["", "cam", 'The app name "" is empty'],
    ["../x", "cam", "The app name"],
    ["live", "x".repeat(129), "is 129 characters long"],
  ]
) {
  Deno.test(`the name ${app}/${name.slice(0, 9)} is refused to publishers and players, before anybody is asked`, async () => {
    const house = new House();
    let asked = 0;
    for (const hook of ["publish", "play", "resolve"] as const) house.hooks.decide(hook, () => void asked++, "auth", 0);
    const key = { ...keyOf(name), app };
    for (const request of [house.streams.publish(house.session(), key), house.streams.play(house.session(), key)]) {
      const refusal = await refusalOf(request);
      assertEquals([refusal.code, refusal.message.includes(words)], ["bad-name", true], refusal.message);
    }
    assertEquals([asked, house.streams.all.size, house.told], [0, 0, []]);
  });
}

Deno.test("who is denied leaves no trace: neither stream nor event", async () => {
  const house = new House();
  house.hooks.decide("publish", () => ({ deny: "wrong key" }), "auth", 0);
  house.hooks.decide("play", () => ({ deny: "no token" }), "auth", 0);
  assertEquals((await refusalOf(house.publish())).message, "wrong key");
  assertEquals((await refusalOf(house.play())).message, "no token");
  assertEquals([house.streams.all.size, house.told, house.clock.pending], [0, [], 0]);
});

Deno.test("a session that ends while it is decided about is refused", async () => {
  const house = new House();
  for (const ask of ["publish", "play"] as const) {
    house.hooks.decide(ask, settled, "auth", 0);
    const session = house.session();
    const asked = house[ask]("cam", session);
    session.close("left");
    assertEquals((await refusalOf(asked)).code, "denied");
  }
  assertEquals([house.streams.all.size, house.told], [0, []]);
});

Deno.test("streams of other vhosts are other streams", async () => {
  const house = new House();
  const [one, other] = await Promise.all([
    house.publish(),
    house.streams.publish(house.session(), { ...keyOf("cam"), vhost: "example.com" }),
  ]);
  assertEquals([...house.streams.all.keys()], ["live/cam", "example.com:live/cam"]);
  assertEquals([one.stream.path, other.stream.path], ["live/cam", "live/cam"]);
  house.streams.close();
});

Deno.test("video before a key is left out and counted, track by track; sound passes", async () => {
  const house = new House();
  const publication = await house.publish();
  const sink = publication.stream.packets({ from: "live" });
  write(publication, "V0 d0 a0 e0 d40 K80 d120 e120 L160 e200");
  const heard = [];
  for (let packet = sink.next(); packet; packet = sink.next()) heard.push(packet);
  assertEquals(payloads(heard), "V a0 K80 d120 L160 e200");
  assertEquals(publication.skippedBeforeKey, 4);
  publication.end();
});

Deno.test("what is written after the end is ignored", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0");
  const { stream } = publication;
  publication.end();
  write(publication, "d40");
  publication.end();
  publication[Symbol.dispose]();
  assertEquals(stream.toJSON().packets, 2);
  assertEquals(house.told.filter((event) => event.startsWith("stream:end")).length, 1);
});

Deno.test("viewers are counted in and out, each once", async () => {
  const house = new House();
  const publication = await house.publish();
  const { stream } = publication;
  const [one, two] = await Promise.all([house.play(), house.play()]);
  assertEquals([stream.viewers, stream.toJSON().viewers], [2, 2]);
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  assertEquals(stream.viewers, 1);
  two.session[Symbol.dispose]();
  assertEquals(stream.viewers, 0);
  publication.end();
});

Deno.test("a player's end says why its session ended", async () => {
  const house = new House();
  const publication = await house.publish();
  const session = house.session();
  const playback = await house.play("cam", session);
  session.close("too-slow");
  playback[Symbol.dispose]();
  assertEquals(house.told.filter((event) => event.startsWith("play")), [
    "play:start live/cam",
    "play:end live/cam too-slow",
  ]);
  publication.end();
});

Deno.test("a player's skips are told at its end", async () => {
  const house = new House();
  const skips: number[] = [];
  house.hooks.on("play:end", (event) => void skips.push(event.skips), "test", 1);
  const publication = await house.publish();
  write(publication, "V0 K0");
  const playback = await house.play();
  const read = reader(playback);
  read();
  for (let i = 1; i <= 8; i++) {
    house.clock.advance(2000);
    write(publication, `K${i * 2000}`);
  }
  assertEquals(read(), "<V>K16000");
  playback[Symbol.dispose]();
  assertEquals(skips, [1]);
  publication.end();
});

Deno.test("disposing a playback ends what reads it", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0");
  const session = house.session();
  const playback = await house.play("cam", session);
  const done = (async () => {
    for await (const _ of playback.packets());
    return "over";
  })();
  await settled();
  session.close("kicked");
  assertEquals(await done, "over");
  publication.end();
});

Deno.test("a session that plays and publishes again and again keeps nothing of what is over", async () => {
  const house = new House();
  const publication = await house.publish();
  const session = house.session();
  let listeners = 0;
  const { signal } = session;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
  for (let i = 0; i < 5; i++) {
    (await house.play("cam", session))[Symbol.dispose]();
    (await house.publish("other", session)).end();
  }
  assertEquals(listeners, 0);
  publication.end();
});

Deno.test("closing ends publishers, players, those who wait and all streams, once, and takes nobody in any more", async () => {
  const house = new House();
  const live = await house.publish("live");
  write(live, "V0 K0");
  const playback = await house.play("live");
  const gone = await house.publish("gone");
  gone[Symbol.dispose]();
  const waiting = refusalOf(house.play("later"));
  await settled();
  house.takeTold();
  house.streams.close();
  house.streams.close();
  assertEquals(Closed.of(live.signal).reason, "shutdown");
  assertEquals((await waiting).code, "shutdown");
  assertEquals(playback.packets().ended?.reason, "shutdown");
  playback[Symbol.dispose]();
  assertEquals(house.told, [
    "stream:end live/live shutdown",
    "stream:end live/gone shutdown",
    "play:end live/live shutdown",
  ]);
  for (const refused of [house.publish(), house.play()]) assertEquals((await refusalOf(refused)).code, "shutdown");
  assertEquals([house.streams.all.size, house.clock.pending], [0, 0]);
});

Deno.test("a stream's JSON says what it is and who publishes it, and no key", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0");
  const json = publication.stream.toJSON();
  assertEquals(
    [json.stream, json.vhost, json.app, json.name, json.state, json.since, json.viewers, json.publisher?.protocol],
    ["live/cam", "_", "live", "cam", "live", "2026-01-01T00:00:00.000Z", 0, "rtmp"],
  );
  publication.end();
  assertEquals(publication.stream.toJSON().state, "ended");
});
