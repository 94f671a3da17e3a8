import { assert, assertEquals } from "@std/assert";
import { RecordedFeed } from "./event_feed.ts";
import type { Events } from "./hooks.ts";
import { OpenSession } from "../sessions/session.ts";
import { House, write } from "../testing/house.ts";
import { FakeClock } from "../testing/fake_clock.ts";

const artifact = (path: string): Events["artifact:open"] => ({ stream: "live/cam", by: "tapes", path });

Deno.test("what is told stands in the feed, numbered, timed, and without anything live or secret", async () => {
  const house = new House();
  const feed = new RecordedFeed(house.clock);
  using _observer = house.hooks.observe((name, event) => feed.record(name, event));
  const session = house.session("rtmp");
  const publication = await house.publish("cam", session);
  house.clock.advance(1500);
  write(publication, "V0 K0");
  publication.end();
  const events = feed.since(0);
  assertEquals(events.map(({ seq, name }) => [seq, name]), [
    [1, "stream:start"],
    [2, "stream:track"],
    [3, "stream:config"],
    [4, "stream:end"],
  ]);
  assertEquals(JSON.parse(JSON.stringify(events[0])), {
    id: `${feed.run}-1`,
    seq: 1,
    time: "2026-01-01T00:00:00.000Z",
    name: "stream:start",
    stream: "live/cam",
    session: { id: session.id, protocol: "rtmp", remote: "127.0.0.1:5000" },
    data: {},
  });
  assertEquals(events[1].data, { kind: "video", track: 0, codec: "avc" });
  assertEquals([events[3].time, events[3].data.reason], ["2026-01-01T00:00:01.500Z", "stream-ended"]);
});

Deno.test("a reader goes on where it was, and can tell what it has missed", () => {
  const feed = new RecordedFeed(new FakeClock());
  assertEquals([feed.newest, feed.oldest, feed.since(0)], [0, 1, []]);
  for (let i = 1; i <= 5000; i++) feed.record("artifact:open", artifact(String(i)));
  assertEquals([feed.newest, feed.oldest], [5000, 905]);
  assertEquals(feed.since(4998).map(({ data }) => data.path), ["4999", "5000"]);
  assertEquals(feed.since(0).map(({ seq }) => seq), Array.from({ length: 4096 }, (_, i) => 905 + i));
  assertEquals(feed.since(5000), []);
});

Deno.test("a listener hears each event until it is disposed", () => {
  const feed = new RecordedFeed(new FakeClock());
  const heard: number[] = [];
  const listener = feed.subscribe(({ seq }) => heard.push(seq));
  feed.record("artifact:open", artifact("a"));
  listener[Symbol.dispose]();
  feed.record("artifact:open", artifact("b"));
  assertEquals(heard, [1]);
});

Deno.test("two runs have different ids for the same numbers", () => {
  const [one, two] = [new RecordedFeed(new FakeClock()), new RecordedFeed(new FakeClock())];
  for (const feed of [one, two]) feed.record("artifact:open", artifact("a"));
  assert(one.since(0)[0].id !== two.since(0)[0].id);
});

Deno.test("a listener that throws keeps no other from hearing, and what it threw is handed on", () => {
  const failures: unknown[] = [];
  const feed = new RecordedFeed(new FakeClock(), (error) => void failures.push(error));
  const heard: number[] = [];
  const broken = new Error("broken");
  using _broken = feed.subscribe(() => {
    throw broken;
  });
  using _whole = feed.subscribe(({ seq }) => void heard.push(seq));
  feed.record("artifact:open", artifact("a"));
  assertEquals([heard, failures], [[1], [broken]]);
});

Deno.test("what a peer says of itself is kept as far as people read it", () => {
  const house = new House();
  const feed = new RecordedFeed(house.clock);
  const userAgent = "x".repeat(16_000);
  const info = { protocol: "rtmp", remote: "127.0.0.1:5000", userAgent, url: "y".repeat(16_000) };
  using session = new OpenSession(info, house.logged.log, house.clock);
  feed.record("session:start", { session });
  const [event] = feed.since(0);
  assertEquals([event.session?.userAgent, event.session?.url?.length], ["x".repeat(256), 1024]);
});
