import { setImmediate } from "node:timers";
import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Publication } from "./publication.ts";
import { Closed } from "../reasons.ts";
import { House, reader, write } from "../testing/house.ts";
import { refusalOf } from "../testing/refusal.ts";

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

Deno.test("a publisher whose end is noticed a moment after it has returned is not in its own way", async () => {
  const house = new House({ republish: "reject" });
  const publication = await house.publish();
  const returning = house.publish();
  await new Promise((resolve) => setImmediate(resolve));
  publication[Symbol.dispose]();
  await returning;
  assertEquals(house.told, ["stream:start live/cam", "stream:interrupt live/cam left", "stream:resume live/cam"]);
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
