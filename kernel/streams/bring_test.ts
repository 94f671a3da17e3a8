import { assert, assertEquals } from "@std/assert";
import { Closed, Refusal } from "../reasons.ts";
import { FakeSource } from "../testing/fake_source.ts";
import { House, keyOf, reader, write } from "../testing/house.ts";
import { settled } from "../testing/settled.ts";

const KEY = keyOf("cam");

/** What is left of a house when nothing is going on: no stream, no session, no timer. */
function left({ streams, sessions, clock }: House): number[] {
  return [streams.all.size, sessions.size, clock.pending];
}

/** A second after the other goes by, a key frame in each. */
async function flow(house: House, source: FakeSource, seconds: number): Promise<void> {
  for (let at = 1; at <= seconds; at++) {
    await house.clock.advanceAsync(1000, 1000);
    write(source.publication, `K${house.clock.now()}`);
  }
}

Deno.test("a stream that is brought is there without a player, until it is let go and nobody plays it for a while", async () => {
  const house = new House();
  const source = new FakeSource();
  const held = house.streams.bring(KEY, source);
  write(source.publication, "V0 K0");
  await flow(house, source, 100);
  assertEquals([house.streams.all.get("live/cam")?.state, source.signal.aborted], ["live", false]);
  held?.[Symbol.dispose]();
  await flow(house, source, 29);
  assertEquals(source.signal.aborted, false);
  await house.clock.advanceAsync(1000);
  await settled();
  held?.[Symbol.dispose]();
  assertEquals(left(house), [0, 0, 0]);
});

Deno.test("a stream that is brought in vain waits as long as it is held, whoever comes and goes", async () => {
  const house = new House();
  const source = new FakeSource();
  source.isReady = false;
  const held = house.streams.bring(KEY, source);
  const session = house.session();
  const played = house.play("cam", session).catch((error: Refusal) => error.code);
  await settled();
  session.close("left");
  await played;
  assertEquals([house.streams.all.size, source.runs, source.signal.aborted], [1, 1, false]);
  held?.[Symbol.dispose]();
  await settled();
  assertEquals([source.signal.aborted, ...left(house)], [true, 0, 0, 0]);
});

Deno.test("whose publisher has vanished may be brought: players go on, and what is asked for twice is brought once", async () => {
  const house = new House();
  const source = new FakeSource();
  const publication = await house.publish();
  assertEquals(house.streams.bring(KEY, source), undefined, "a live stream needs nothing");
  write(publication, "V0 K0");
  const read = reader(await house.play());
  assertEquals(read(), "<V>K0");
  publication[Symbol.dispose]();
  assert(house.streams.bring(KEY, source));
  assertEquals(house.streams.bring(KEY, source), undefined);
  write(source.publication, "V0 K40");
  assertEquals([read(), source.runs], ["V K40", 1]);
  assertEquals(house.told.filter((event) => /interrupt|resume/.test(event)), [
    "stream:interrupt live/cam left",
    "stream:resume live/cam",
  ]);
  house.streams.close();
});

Deno.test("a publisher who returns before anything is brought is left alone by the source", async () => {
  const house = new House();
  const source = new FakeSource();
  source.isReady = false;
  (await house.publish())[Symbol.dispose]();
  house.streams.bring(KEY, source);
  const again = await house.publish();
  assertEquals(Closed.of(source.signal).reason, "replaced");
  write(again, "V0 K0");
  assertEquals([again.signal.aborted, again.stream.state], [false, "live"]);
  house.streams.close();
});

for (const givesWay of [true, false]) {
  Deno.test(`a source that ${givesWay ? "gives way is replaced by" : "does not give way keeps out"} a publisher`, async () => {
    const house = new House();
    const source = new FakeSource();
    source.givesWay = givesWay;
    house.streams.bring(KEY, source);
    write(source.publication, "V0 K0");
    const read = reader(await house.play());
    assertEquals(read(), "<V>K0");
    const outcome = await house.publish().catch((error: Refusal) => error.code);
    assertEquals(outcome === "busy", !givesWay);
    if (typeof outcome === "object") write(outcome, "V0 K40");
    assertEquals(read(), givesWay ? "V K40" : "");
    assertEquals(source.signal.aborted, givesWay);
    house.streams.close();
  });
}

Deno.test("what has been resolved too late does not take over from a publisher", async () => {
  const house = new House();
  const source = new FakeSource();
  source.isReady = false;
  house.hooks.decide(
    "resolve",
    ({ waitSeconds }) => {
      assertEquals(waitSeconds, 10);
      return source;
    },
    "edge",
    0,
  );
  const played = house.play();
  await settled();
  const publication = await house.publish();
  house.clock.advance(5000);
  let refused: unknown;
  try {
    source.begin();
  } catch (error) {
    refused = error;
  }
  assert(refused instanceof Refusal);
  assertEquals([publication.signal.aborted, (await played).stream.state], [false, "live"]);
  house.streams.close();
});

Deno.test("a house that has closed brings nothing", () => {
  const house = new House();
  house.streams.close();
  assertEquals([house.streams.bring(KEY, new FakeSource()), ...left(house)], [undefined, 0, 0, 0]);
});
