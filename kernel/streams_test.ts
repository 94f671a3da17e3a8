import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import type { Format } from "../media/format.ts";
import type { Publication } from "./publication.ts";
import { Closed, Refusal } from "./reasons.ts";
import { LINGER_MS } from "./rendition.ts";
import { OpenSession } from "./session.ts";
import { House, keyOf, reader, write } from "./testing/house.ts";
import { payloads } from "./testing/packets.ts";
import { readText, textFormat } from "./testing/text_format.ts";
import { settled } from "./testing/settled.ts";

async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const error = await promise.then(() => undefined, (error) => error);
  assertInstanceOf(error, Refusal);
  return error;
}

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

// Interruptions

Deno.test("a publisher that vanishes and returns: the stream goes on for those who stayed", async () => {
  const house = new House();
  const first = await house.publish();
  write(first, "V0 A0 K0 d40");
  const read = reader(await house.play());
  read();
  house.takeTold();
  first[Symbol.dispose]();
  assertEquals(first.stream.state, "interrupted");
  house.clock.advance(4999);
  const second = await house.publish();
  assertStrictEquals(second.stream, first.stream);
  write(second, "V0 A0 d0 K40 a40");
  assertEquals([second.stream.state, read()], ["live", "V A K40 a40"]);
  house.clock.advance(60_000);
  second.end();
  assertEquals(house.told.filter((event) => !event.includes("config")), [
    "stream:interrupt live/cam left",
    "stream:resume live/cam",
    "stream:interrupt live/cam idle",
    "stream:end live/cam stream-ended",
  ]);
});

Deno.test("a publisher that returns begins anew: its tracks, its key, its clock", async () => {
  const house = new House();
  const first = await house.publish();
  const { stream } = first;
  write(first, "V0 A0 K0 a0 d40");
  first[Symbol.dispose]();
  const second = await house.publish();
  assertEquals([stream.hasVideo, stream.hasAudio, stream.tracks.length], [false, false, 0]);
  const sink = stream.packets();
  const read = reader(await house.play());
  write(second, "V80 K80 d120");
  assertEquals(read(), "<V>K80 d120");
  assertEquals([stream.hasVideo, stream.hasAudio], [true, false]);
  const heard = [];
  for (let packet = sink.next(); packet; packet = sink.next()) heard.push(packet);
  assertEquals(payloads(heard), "V K80 d120");
  assertEquals(heard.map(({ discontinuity }) => discontinuity === true), [false, true, false]);
  second.end();
});

Deno.test("a publisher that does not return within the grace time ends the stream", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0");
  const { stream } = publication;
  publication[Symbol.dispose]();
  house.clock.advance(4999);
  assertEquals([stream.state, stream.signal.aborted], ["interrupted", false]);
  house.clock.advance(1);
  assertEquals([stream.state, Closed.of(stream.signal).reason], ["ended", "stream-ended"]);
  assertEquals(house.told.slice(-2), ["stream:interrupt live/cam left", "stream:end live/cam stream-ended"]);
  assertEquals([house.streams.all.size, house.clock.pending], [0, 0]);
});

Deno.test("the end of a publisher's session is why its stream is interrupted", async () => {
  const house = new House();
  const session = house.session();
  const publication = await house.publish("cam", session);
  session.close("kicked");
  assertEquals(Closed.of(publication.signal).reason, "kicked");
  assertEquals(house.told.at(-1), "stream:interrupt live/cam kicked");
  house.streams.close();
});

Deno.test("a publisher that finished is not interrupted when its session ends", async () => {
  const house = new House();
  const session = house.session();
  const publication = await house.publish("cam", session);
  publication.end();
  session.close("left");
  assertEquals(house.told, ["stream:start live/cam", "stream:end live/cam stream-ended"]);
});

Deno.test("a publisher that sends nothing is taken for gone, and hears it", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0");
  house.clock.advance(9000);
  write(publication, "d40");
  house.clock.advance(9000);
  assertEquals(publication.signal.aborted, false);
  house.clock.advance(1000);
  const { reason, message } = Closed.of(publication.signal);
  assertEquals([reason, message], ["idle", "the publisher sent nothing for 10 s"]);
  assertEquals(house.told.at(-1), "stream:interrupt live/cam idle");
  house.clock.advance(5000);
  assertEquals([house.told.at(-1), house.clock.pending], ["stream:end live/cam stream-ended", 0]);
});

Deno.test("without grace a publisher that vanishes ends its stream at the next moment", async () => {
  const house = new House({ graceSeconds: 0 });
  const publication = await house.publish();
  publication[Symbol.dispose]();
  house.clock.advance(0);
  assertEquals(publication.stream.state, "ended");
});

Deno.test("after a stream has ended its name begins a new one", async () => {
  const house = new House();
  const first = await house.publish();
  first.end();
  const second = await house.publish();
  assert(second.stream !== first.stream);
  assertEquals(house.told.slice(-2), ["stream:end live/cam stream-ended", "stream:start live/cam"]);
  second.end();
});

// Two publishers

function credentials(house: House, ...list: (string | undefined)[]): void {
  house.hooks.decide("publish", () => ({ credential: list.shift() }), "auth", 0);
}

function nowPublishing(publication: Publication): boolean {
  return !publication.signal.aborted;
}

Deno.test("auto: a stranger is refused while the first one sends", async () => {
  const house = new House();
  credentials(house, "a", "b");
  const first = await house.publish();
  const refusal = await refusalOf(house.publish());
  assertEquals([refusal.code, refusal.message], ["busy", "Cannot publish live/cam: it has a publisher"]);
  assertEquals(nowPublishing(first), true);
  house.streams.close();
});

Deno.test("auto: two publishers without any credential are strangers", async () => {
  const house = new House();
  const first = await house.publish();
  assertEquals((await refusalOf(house.publish())).code, "busy");
  assertEquals(nowPublishing(first), true);
  house.streams.close();
});

Deno.test("auto: who presents the same credential takes over from itself, and the stream goes on", async () => {
  const house = new House();
  credentials(house, "a", "a");
  const first = await house.publish();
  write(first, "V0 K0");
  const playback = await house.play();
  const read = reader(playback);
  read();
  const second = await house.publish();
  assertEquals([Closed.of(first.signal).reason, nowPublishing(second)], ["replaced", true]);
  assertStrictEquals(second.stream, first.stream);
  write(first, "d40");
  write(second, "V0=two K0=new");
  assertEquals(read(), "two new");
  first[Symbol.dispose]();
  assertEquals(second.stream.state, "live", "the one that was replaced interrupts nothing");
  assertEquals(house.told.filter((event) => !event.includes("config") && !event.includes("play")), [
    "stream:start live/cam",
    "stream:resume live/cam",
  ]);
  assertEquals(
    second.stream.toJSON().publisher?.session,
    second.session.id,
  );
  house.streams.close();
});

Deno.test("auto: a silent publisher gives way to anybody", async () => {
  const house = new House();
  const first = await house.publish();
  house.clock.advance(2999);
  assertEquals((await refusalOf(house.publish())).code, "busy");
  house.clock.advance(1);
  const second = await house.publish();
  assertEquals([nowPublishing(first), nowPublishing(second)], [false, true]);
  house.streams.close();
});

Deno.test("reject: not even the same credential takes over, but a name that is free again may be taken", async () => {
  const house = new House({ republish: "reject" });
  credentials(house, "a", "a", "a");
  const first = await house.publish();
  house.clock.advance(9000);
  assertEquals((await refusalOf(house.publish())).code, "busy");
  first[Symbol.dispose]();
  const second = await house.publish();
  assertEquals(nowPublishing(second), true);
  house.streams.close();
});

Deno.test("takeover: the newest publisher has the stream", async () => {
  const house = new House({ republish: "takeover" });
  const first = await house.publish();
  const second = await house.publish();
  assertEquals([nowPublishing(first), nowPublishing(second)], [false, true]);
  house.streams.close();
});

Deno.test("two encoders that keep taking over from each other: one of them has to wait", async () => {
  const house = new House({ republish: "takeover" });
  let last = await house.publish();
  for (let i = 0; i < 3; i++) {
    house.clock.advance(1000);
    last = await house.publish();
  }
  house.clock.advance(1000);
  const refusal = await refusalOf(house.publish());
  assertEquals(
    refusal.message,
    "Cannot publish live/cam: two publishers keep taking it from each other: try again in half a minute",
  );
  assertEquals(nowPublishing(last), true);
  for (let second = 0; second < 28; second++) {
    house.clock.advance(1000);
    write(last, `K${second}`);
  }
  assertEquals(nowPublishing(await house.publish()), true, "half a minute later it may try again");
  house.streams.close();
});

Deno.test("takeovers are forgotten with their stream", async () => {
  const house = new House({ republish: "takeover" });
  let last = await house.publish();
  for (let i = 0; i < 3; i++) last = await house.publish();
  last.end();
  await house.publish();
  assertEquals(nowPublishing(await house.publish()), true);
  house.streams.close();
});

// Waiting

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
  assertEquals([code, message], ["not-found", "Nobody publishes live/cam: waited 10 s"]);
  assertEquals([house.streams.all.size, house.clock.pending, house.told], [0, 0, []]);
});

Deno.test("without a wait a player is refused at once", async () => {
  const house = new House({ waitSeconds: 0 });
  const refused = refusalOf(house.play());
  await settled();
  house.clock.advance(0);
  assertEquals((await refused).code, "not-found");
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
  assertEquals((await early).code, "not-found");
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

// Configurations

Deno.test("a configuration that changes reaches those who play before what needs it, and newcomers in their init", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0=one A0 K0 d40");
  const early = reader(await house.play());
  const sink = (await house.play()).packets();
  assertEquals(early(), "<one A>K0 d40");
  write(publication, "V80=two K80 d120");
  assertEquals(early(), "two K80 d120");
  const late = await house.play();
  assertEquals(reader(late)(), "<two A>K80 d120");
  const heard = [];
  for (let packet = sink.next(); packet; packet = sink.next()) heard.push(packet);
  assertEquals(payloads(heard), "one A K0 d40 two K80 d120");
  publication.end();
  assertEquals(house.told.filter((event) => event.includes("config")).length, 3);
});

Deno.test("after a new video configuration newcomers wait for its key", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0=one K0 d40 V80=two");
  const read = reader(await house.play());
  const packets = (await house.play()).packets();
  assertEquals(read(), "");
  write(publication, "K80");
  assertEquals(read(), "<two>K80");
  const heard = [];
  for (let packet = packets.next(); packet; packet = packets.next()) heard.push(packet);
  assertEquals(payloads(heard), "two K80");
  publication.end();
});

Deno.test("a newcomer never gets a sound's new configuration in front of the old sound", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 A0=one K0 a0 a20 A40=two a40");
  const heard = [];
  const sink = publication.stream.packets();
  write(publication, "K80 a80");
  for (let packet = sink.next(); packet; packet = sink.next()) heard.push(packet);
  const text = payloads(heard);
  const play = reader(await house.play())();
  assert(!/two.*(a0|a20)/.test(text), text);
  assertEquals(play, "<V two>K80 a80");
  publication.end();
});

Deno.test("the same configuration again is passed on and not told again", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 m0 K0 V40 m40 K40");
  const read = reader(await house.play());
  assertEquals(read(), "<V>K40");
  publication.end();
  assertEquals(house.told.filter((event) => /config|metadata/.test(event)), [
    "stream:config live/cam",
    "stream:metadata live/cam",
  ]);
});

Deno.test("packets begin with metadata and configurations, stamped with the entry's time", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "m0 V0 A0 K0 d40 K80 a80");
  const sink = publication.stream.packets();
  const heard = [];
  for (let packet = sink.next(); packet; packet = sink.next()) heard.push(packet);
  assertEquals(payloads(heard), "m V A K80 a80");
  assertEquals(heard.map(({ dts }) => dts / 1000), [80, 80, 80, 80, 80]);
  publication.end();
});

Deno.test("a stream of sound alone can be entered once a second", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "A0 " + Array.from({ length: 120 }, (_, i) => `a${i * 20}`).join(" "));
  const read = reader(await house.play());
  const text = read();
  assertEquals(text.startsWith("<A>a2000 a2020 "), true, text);
  assertEquals(text.endsWith("a2380"), true);
  publication.end();
});

Deno.test("new formats are opened from what is there, and closed a little after their last reader", async () => {
  const house = new House();
  const publication = await house.publish();
  write(publication, "V0 K0 d40");
  const { stream } = publication;
  const before = stream.size;
  const [one, two] = await Promise.all([house.play(), house.play()]);
  const [readOne, readTwo] = [reader(one), reader(two)];
  assertEquals([readOne(), readTwo()], ["<V>K0 d40", "<V>K0 d40"]);
  assert(stream.size > before);
  one[Symbol.dispose]();
  write(publication, "d80");
  assertEquals(readTwo(), "d80");
  two[Symbol.dispose]();
  house.clock.advance(LINGER_MS);
  assertEquals(stream.size, before + 203);
  assertEquals(house.flusher.readers, 0);
  publication.end();
});

Deno.test("a format that fails is no concern of the publisher, nor of those who read another", async () => {
  const house = new House();
  const publication = await house.publish();
  const broken = textFormat("broken");
  const failing: Format = {
    ...broken,
    open: (source) => ({
      ...broken.open(source),
      write() {
        throw new RangeError("too much");
      },
    }),
  };
  const good = reader(await house.play());
  const playback = await house.play();
  const bad = playback.read(failing);
  write(publication, "V0 K0 d40");
  assertEquals([good(), bad.next(), bad.ended?.reason], ["<V>K0 d40", undefined, "error"]);
  assertEquals([publication.signal.aborted, publication.stream.state], [false, "live"]);
  assertEquals(house.logged.lines().at(-1), "error Cannot send live/cam as broken: too much");
  playback[Symbol.dispose]();
  const later = (await house.play()).read(broken);
  assertEquals(readText(later), "<V>K0 d40 ", "the next reader tries anew");
  publication.end();
});

// Viewers

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

// Closing

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

Deno.test("whoever waits for a stream's tracks goes on when they are known, after a moment, or when it ends", async () => {
  const house = new House();
  const known: string[] = [];
  for (const [name, sent] of [["both", "V0 A0"], ["silent", "V0"], ["nothing", ""], ["vanished", ""]]) {
    const publication = await house.publish(name);
    void publication.stream.probed.then(() => known.push(name));
    write(publication, sent);
    if (name === "vanished") publication.end();
  }
  await settled();
  assertEquals(known.sort(), ["both", "vanished"]);
  await house.clock.advanceAsync(800);
  assertEquals(known, ["both", "vanished", "silent"]);
  house.streams.close();
  await settled();
  assertEquals(known.at(-1), "nothing");
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
  assertEquals((await refused("0")).message, "Nobody publishes live/cam: waited 0 s");
  for (const [wait, seconds] of [["2.5", 2.5], ["60", 10], ["-1", 10], ["soon", 10]] as const) {
    const waiting = refused(wait);
    await settled();
    house.clock.advance(seconds * 1000 - 1);
    assertEquals(house.streams.all.size, 1, wait);
    house.clock.advance(1);
    assertEquals((await waiting).message, `Nobody publishes live/cam: waited ${seconds} s`);
  }
});
