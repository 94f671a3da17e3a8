import { assert, assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import type { Publication } from "./publication.ts";
import { Closed, Refusal } from "../reasons.ts";
import { FakeSource } from "../testing/fake_source.ts";
import { House, reader, write } from "../testing/house.ts";
import { settled } from "../testing/settled.ts";
import { refusalOf } from "../testing/refusal.ts";

function stage(settings: ConstructorParameters<typeof House>[0] = {}) {
  const house = new House(settings);
  const source = new FakeSource();
  house.hooks.decide("resolve", () => source, "edge", 0);
  const isOver = () => [house.streams.all.size, house.sessions.size, house.clock.pending];
  return { house, source, isOver };
}

/** What is left of a house when nothing is going on: no stream, no session, no timer. */
const NOTHING = [0, 0, 0];

Deno.test("the first player attaches a source, and plays what it brings", async () => {
  const { house, source } = stage();
  const playback = await house.play();
  assertEquals(playback.stream.toJSON().publisher?.protocol, "edge");
  const read = reader(playback);
  write(source.publication, "V0 K0 d40");
  assertEquals(read(), "<V>K0 d40");
  assertEquals(house.told.filter((event) => !event.includes("config")), [
    "stream:start live/cam",
    "play:start live/cam",
  ]);
  house.streams.close();
});

Deno.test("one source serves all players", async () => {
  const { house, source } = stage();
  const playbacks = await Promise.all([house.play(), house.play(), house.play()]);
  await house.play();
  assertEquals([source.runs, new Set(playbacks.map(({ stream }) => stream)).size], [1, 1]);
  house.streams.close();
});

Deno.test("nobody is asked for a source of a stream that is here", async () => {
  const { house, source } = stage();
  const publication = await house.publish();
  await house.play();
  publication[Symbol.dispose]();
  await house.play();
  assertEquals(source.runs, 0);
  house.streams.close();
});

Deno.test("a player who is let in at the moment in which the source is let go has a stream that goes on", async () => {
  for (let turns = 0; turns < 8; turns++) {
    const { house, source } = stage({ publishTimeoutSeconds: 3600 });
    const first = await house.play();
    write(source.publication, "V0 K0");
    first[Symbol.dispose]();
    const coming = house.play();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    house.clock.advance(30_000);
    const { stream } = await coming;
    await settled();
    assertEquals([stream.state, house.streams.all.get("live/cam")?.state], ["live", "live"], `after ${turns} turns`);
    house.streams.close();
  }
});

Deno.test("without a source players wait for a publisher", async () => {
  const house = new House();
  house.hooks.decide("resolve", () => {}, "edge", 0);
  const played = house.play();
  await settled();
  const publication = await house.publish();
  assertStrictEquals((await played).stream, publication.stream);
  publication.end();
});

Deno.test("a source is kept for a while after the last player, and then dropped", async () => {
  const { house, source, isOver } = stage();
  const [one, two] = [await house.play(), await house.play()];
  await house.clock.advanceAsync(1000);
  write(source.publication, "V0 K0");
  one.session[Symbol.dispose]();
  for (let seconds = 1; seconds <= 60; seconds++) {
    await house.clock.advanceAsync(1000, 1000);
    write(source.publication, `K${seconds}`);
  }
  assertEquals(source.signal.aborted, false, "while somebody plays it stays");
  two.session[Symbol.dispose]();
  for (let seconds = 1; seconds < 30; seconds++) {
    await house.clock.advanceAsync(1000, 1000);
    write(source.publication, `K${seconds}`);
  }
  assertEquals([source.signal.aborted, house.streams.all.size], [false, 1]);
  house.takeTold();
  await house.clock.advanceAsync(1000, 1000);
  await settled();
  assertEquals(Closed.of(source.signal).message, "nobody watches the stream any more");
  assertEquals(house.told, ["stream:end live/cam stream-ended"]);
  assertEquals(isOver(), NOTHING);
  assertEquals(house.logged.lines().filter((line) => line.startsWith("warn")), []);
});

Deno.test("a new player within that while keeps the source", async () => {
  const { house, source } = stage({ publishTimeoutSeconds: 3600 });
  const first = await house.play();
  first[Symbol.dispose]();
  house.clock.advance(29_000);
  const second = await house.play();
  assertStrictEquals(second.stream, first.stream);
  house.clock.advance(100_000);
  assertEquals([source.signal.aborted, source.runs], [false, 1]);
  second[Symbol.dispose]();
  house.clock.advance(29_999);
  assertEquals(source.signal.aborted, false, "the while begins anew with the last player");
  house.clock.advance(1);
  assertEquals(source.signal.aborted, true);
  house.streams.close();
});

Deno.test("a source that throws because it was told to stop has not failed", async () => {
  const { house, source, isOver } = stage({ publishTimeoutSeconds: 3600 });
  source.throwsWhenStopped = true;
  (await house.play()).session[Symbol.dispose]();
  await house.clock.advanceAsync(30_000, 1000);
  await settled();
  assertEquals(house.told.at(-1), "stream:end live/cam stream-ended");
  assertEquals(house.logged.lines().filter((line) => !line.startsWith("info")), []);
  assertEquals(isOver(), NOTHING);
});

Deno.test("a source that does not stop when it is told to holds nothing up: its stream ends and may begin anew", async () => {
  const house = new House({ publishTimeoutSeconds: 3600 });
  const publications: Publication[] = [];
  house.hooks.decide(
    "resolve",
    () => ({
      name: "stubborn",
      run: (begin) => {
        publications.push(begin());
        return new Promise(() => {});
      },
    }),
    "edge",
    0,
  );
  const first = await house.play();
  first[Symbol.dispose]();
  await house.clock.advanceAsync(30_000, 1000);
  assertEquals([first.stream.state, house.streams.all.size], ["ended", 0]);
  write(publications[0], "V0 K0");
  const second = await house.play();
  assert(second.stream !== first.stream);
  assertEquals([publications.length, second.stream.toJSON().packets], [2, 0]);
  house.streams.close();
});

Deno.test("when the upstream ends its stream ends", async () => {
  const { house, source, isOver } = stage();
  const playback = await house.play();
  write(source.publication, "V0 K0");
  source.end();
  await settled();
  assertEquals(playback.packets().ended?.reason, "stream-ended");
  assertEquals(house.told.at(-1), "stream:end live/cam stream-ended");
  playback.session[Symbol.dispose]();
  assertEquals(isOver(), NOTHING);
});

Deno.test("a source that fails ends its stream for good: once, and without a return", async () => {
  const { house, source, isOver } = stage();
  const playback = await house.play();
  write(source.publication, "V0 K0");
  house.takeTold();
  source.fail(new Error("connection refused"));
  await settled();
  await house.clock.advanceAsync(60_000, 1000);
  assertEquals(Closed.of(playback.stream.signal).message, "the stream could not be had from its source");
  assertEquals(house.told, ["stream:end live/cam error"]);
  assertEquals(Closed.of(source.publication.signal).reason, "error");
  assertEquals(
    house.logged.lines().filter((line) => !line.startsWith("info")),
    ["warning The source of live/cam failed: connection refused"],
  );
  playback.session[Symbol.dispose]();
  assertEquals(isOver(), NOTHING);
});

Deno.test("after a source has failed the next player gets a new one", async () => {
  const { house, source } = stage();
  const first = await house.play();
  source.fail(new Error("connection refused"));
  await settled();
  const second = await house.play();
  assert(second.stream !== first.stream);
  assertEquals(source.runs, 2);
  house.clock.advance(6000);
  assertEquals(second.stream.state, "live", "the first one's end has nothing to do with the second");
  house.streams.close();
});

Deno.test("a source that fails at once: the player is told so, and nothing is left behind", async () => {
  const { house, isOver } = stage();
  house.hooks.decide(
    "resolve",
    () => ({
      name: "broken",
      run: () => {
        throw new TypeError("not a URL");
      },
    }),
    "broken",
    -1,
  );
  const error = await house.play().then(() => undefined, (error) => error);
  assertInstanceOf(error, Refusal);
  assertEquals([error.code, error.message], [
    "not-live",
    "Cannot play live/cam: not a URL",
  ]);
  for (const session of house.sessions) session[Symbol.dispose]();
  await house.clock.advanceAsync(60_000, 1000);
  assertEquals(isOver(), NOTHING);
  assertEquals(house.told, []);
});

Deno.test("until the upstream has answered players wait, and nothing is announced", async () => {
  const { house, source } = stage();
  source.isReady = false;
  const played = house.play();
  await settled();
  assertEquals([house.streams.all.get("live/cam")?.state, house.told], ["waiting", []]);
  source.begin();
  const playback = await played;
  assertEquals(house.takeTold(), ["stream:start live/cam", "play:start live/cam"]);
  write(source.publication, "V0 K0");
  assertEquals(reader(playback)(), "<V>K0");
  house.streams.close();
});

Deno.test("an upstream that says no: all who wait hear it at once, and nothing was announced", async () => {
  const { house, source, isOver } = stage();
  source.isReady = false;
  const played = [house.play(), house.play()].map((play) =>
    play.then(() => "played", (error: Refusal) => error.message)
  );
  await settled();
  source.fail(new Error("There is no live/cam"));
  assertEquals(await Promise.all(played), Array(2).fill("Cannot play live/cam: There is no live/cam"));
  for (const session of house.sessions) session[Symbol.dispose]();
  await house.clock.advanceAsync(60_000, 1000);
  assertEquals([house.told, isOver()], [[], NOTHING]);
});

Deno.test("a source that cannot reach its server: who waits is told that, and not that there is no such stream", async () => {
  for (const code of ["unreachable", "no-answer", "denied"] as const) {
    const { house, source } = stage();
    source.isReady = false;
    const refused = refusalOf(house.play());
    await settled();
    source.fail(new Refusal(code, "so it is"));
    assertEquals([(await refused).code, (await refused).message], [code, "Cannot play live/cam: so it is"]);
    house.streams.close();
  }
});

Deno.test("a player who waits for less long than the source tries is told what the source has met so far", async () => {
  const { house, source } = stage({ waitSeconds: 2 });
  source.isReady = false;
  const [early, late] = [refusalOf(house.play()), refusalOf(house.play())];
  await settled();
  await house.clock.advanceAsync(1000);
  source.failure = new Refusal("unreachable", "it is down");
  await house.clock.advanceAsync(1000);
  for (const refused of [early, late]) {
    assertEquals([(await refused).code, (await refused).message], ["unreachable", "Cannot play live/cam: it is down"]);
  }
  house.streams.close();
});

Deno.test("a publisher that comes before the upstream has answered has the stream; the source finds it taken", async () => {
  const { house, source } = stage();
  source.isReady = false;
  const played = house.play();
  await settled();
  const publication = await house.publish();
  assertStrictEquals((await played).stream, publication.stream);
  assertThrows(() => source.begin(), Refusal);
  source.fail(new Error("it is taken"));
  await settled();
  assertEquals([publication.signal.aborted, publication.stream.state], [false, "live"]);
  house.streams.close();
});

Deno.test("the last player that waits and leaves stops the source", async () => {
  const { house, source, isOver } = stage();
  source.isReady = false;
  source.throwsWhenStopped = true;
  const session = house.session();
  const played = house.play("cam", session).catch((error: Refusal) => error.code);
  await settled();
  session.close("left");
  assertEquals(await played, "denied");
  await settled();
  assertEquals([source.signal.aborted, isOver()], [true, NOTHING]);
});

Deno.test("a source that falls silent is stopped, and its stream ends after the grace time", async () => {
  const { house, source, isOver } = stage();
  source.throwsWhenStopped = true;
  const playback = await house.play();
  write(source.publication, "V0 K0");
  await house.clock.advanceAsync(10_000, 1000);
  await settled();
  assertEquals([Closed.of(source.signal).reason, playback.stream.state], ["idle", "interrupted"]);
  await house.clock.advanceAsync(5000, 1000);
  assertEquals(house.told.slice(-2), ["stream:interrupt live/cam idle", "stream:end live/cam stream-ended"]);
  playback.session[Symbol.dispose]();
  assertEquals(isOver(), NOTHING);
});

Deno.test("a publisher that takes a stream over from its source has it, whatever becomes of the source", async () => {
  const { house, source } = stage({ republish: "takeover" });
  source.throwsWhenStopped = true;
  const playback = await house.play();
  const publication = await house.publish();
  await settled();
  assertEquals(Closed.of(source.signal).reason, "replaced");
  write(publication, "V0 K0");
  assertEquals([publication.signal.aborted, playback.stream.state], [false, "live"]);
  assertEquals(reader(playback)(), "<V>K0");
  house.clock.advance(9000);
  assertEquals(house.told.includes("stream:end live/cam error"), false);
  house.streams.close();
});

Deno.test("closing the source's session stops the source", async () => {
  const { house, source } = stage();
  await house.play();
  const session = [...house.sessions].find(({ protocol }) => protocol === "edge");
  session?.close("kicked");
  assertEquals(Closed.of(source.signal).reason, "kicked");
  house.streams.close();
});

Deno.test("closing the house stops all sources", async () => {
  const { house, source, isOver } = stage();
  const playback = await house.play();
  house.streams.close();
  await settled();
  assertEquals(Closed.of(source.signal).reason, "shutdown");
  playback.session[Symbol.dispose]();
  assertEquals(isOver(), NOTHING);
});

Deno.test("a player that leaves while its source is looked for waits for nothing", async () => {
  const house = new House();
  const found = Promise.withResolvers<void>();
  house.hooks.decide("resolve", () => found.promise, "edge", 0);
  const session = house.session();
  const refused = house.play("cam", session).then(() => "played", (error: Refusal) => error.code);
  await settled();
  session.close("left");
  found.resolve();
  await settled();
  assertEquals(await Promise.race([refused, settled()]), "denied");
  assertEquals([house.streams.all.size, house.clock.pending], [0, 0]);
});

Deno.test("a publisher that comes while a source is looked for is played at once, without the source", async () => {
  const { house, source } = stage();
  const found = Promise.withResolvers<void>();
  house.hooks.decide("resolve", () => found.promise, "slow", -1);
  const played = house.play();
  await settled();
  const publication = await house.publish();
  assertStrictEquals((await played).stream, publication.stream);
  found.resolve();
  await settled();
  assertEquals(source.runs, 0);
  publication.end();
  await settled();
  assertEquals(house.clock.pending, 0);
});
