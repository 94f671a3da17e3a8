import { assertEquals } from "@std/assert";
import { eventMatcher } from "./event_names.ts";

Deno.test("events are matched by their names, or by what they begin with", () => {
  const all = ["play:start", "play:end", "stream:start"];
  const matched = (...names: string[]) => all.filter(eventMatcher(names));
  assertEquals(matched("play:start"), ["play:start"]);
  assertEquals(matched("play:*", "stream:start"), all);
  assertEquals(matched("*"), all);
  assertEquals(matched("play"), []);
  assertEquals(matched(), []);
});
