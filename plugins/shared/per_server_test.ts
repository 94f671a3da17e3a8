import { assertEquals, assertStrictEquals } from "@std/assert";
import { RecordedFeed } from "../../kernel/plugin/event_feed.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { Contributions, perServer } from "./per_server.ts";

Deno.test("each server has one of a thing, whichever plugin asks first, and no other server has it", () => {
  let made = 0;
  const oneOf = perServer(() => ({ number: ++made }));
  const [feed, other] = [new RecordedFeed(new FakeClock()), new RecordedFeed(new FakeClock())];
  assertStrictEquals(oneOf({ feed }), oneOf({ feed }));
  assertEquals([oneOf({ feed }).number, oneOf({ feed: other }).number, made], [1, 2, 2]);
});

Deno.test("what was added is there until it is disposed of", () => {
  const all = new Contributions<string>();
  const first = all.add("first");
  all.add("second");
  assertEquals([...all], ["first", "second"]);
  first[Symbol.dispose]();
  assertEquals([...all], ["second"]);
});
