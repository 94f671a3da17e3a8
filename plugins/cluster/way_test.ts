import { assertEquals } from "@std/assert";
import { held } from "./testing_reports.ts";
import { wayOf } from "./way.ts";

const STREAM = "live/cam";

/** The way from `first`, by what nodes say, as `a: copy via b`. */
function way(first: string, says: Readonly<Record<string, string>>, last = "origin"): string {
  const view = { held: (id: string) => id in says ? held(says[id]) : undefined };
  return wayOf(view, STREAM, first, held(last), "me").join(" ");
}

Deno.test("a stream comes through those that each node on its way names", () => {
  assertEquals(way("a", { a: "origin" }), "a");
  assertEquals(way("a", { a: "copy via b", b: "copy via c", c: "origin" }), "a b c");
});

Deno.test("what a node said before it had the stream from elsewhere does not count any more", () => {
  assertEquals(way("a", { a: "copy via b,c", b: "origin", c: "origin" }), "a b");
  assertEquals(way("a", { a: "copy via b", b: "copy via me" }, "origin"), "a b me");
});

Deno.test("of nodes that are not known any more counts what was said before", () => {
  assertEquals(way("a", {}, "copy via b,c"), "a b c");
  assertEquals(way("a", { a: "copy via b,c,d", b: "copy via c,e" }), "a b c e");
});

Deno.test("a way that leads back ends there, however long it is", () => {
  assertEquals(way("a", { a: "copy via b", b: "copy via a" }), "a b");
  assertEquals(way("a", { a: "copy via me", me: "copy via a" }), "a me");
  const long = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`n${i}`, `copy via n${i + 1}`]));
  assertEquals(way("n0", long).split(" ").length, 64);
});
