import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { LiveSegment } from "../../media/mp4/live_index.ts";
import { spanOf } from "./segment_places.ts";
import { catchUp, nextSegment, startPosition } from "./segment_plan.ts";

function segment(number: number, more: Partial<LiveSegment> = {}): LiveSegment {
  return { uri: `${number}.m4s`, init: 0, start: number * 2, duration: 2, bytes: 1000, key: true, ...more };
}

const segments = Array.from({ length: 10 }, (_, number) => segment(number));
const next = (position: number, loaded: string[] = [], list = segments) =>
  nextSegment(list, position, 6, ({ uri }) => loaded.includes(uri))?.uri;

Deno.test("the segment that a position lies in comes first, then those behind it", () => {
  assertEquals(next(5), "2.m4s");
  assertEquals(next(5, ["2.m4s"]), "3.m4s");
  assertEquals(next(5, ["2.m4s", "3.m4s", "4.m4s"]), "5.m4s");
});

Deno.test("no more is loaded than is played soon, and nothing beyond the end", () => {
  assertEquals(next(4, ["2.m4s", "3.m4s", "4.m4s"]), undefined);
  assertEquals(next(19, ["9.m4s"]), undefined);
  assertEquals(next(20), undefined);
});

Deno.test("what decoding cannot begin with has what goes before it loaded", () => {
  const list = [segment(0), segment(1), segment(2, { key: false }), segment(3, { key: false })];
  assertEquals(next(7, [], list), "1.m4s");
  assertEquals(next(7, ["1.m4s", "2.m4s"], list), "3.m4s");
});

Deno.test("loading one after the other ends with all that is played soon", () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 25, noNaN: true }), (position) => {
    const loaded: string[] = [];
    for (let uri = next(position); uri !== undefined; uri = next(position, loaded)) loaded.push(uri);
    assert(loaded.length <= 4);
    assertEquals(new Set(loaded).size, loaded.length);
  }));
});

Deno.test("a player begins at the beginning, or so near the end that segments come in time", () => {
  assertEquals(startPosition("beginning", { start: 0.1, end: 20 }, 2), 0.1);
  assertEquals(startPosition("live", { start: 0.1, end: 20 }, 2), 17);
  assertEquals(startPosition("live", { start: 0.1, end: 1 }, 2), 0.1);
});

Deno.test("a player that follows the live edge jumps when it is far behind, or when its place is gone", () => {
  assertEquals(catchUp(15, { start: 0, end: 20 }, 2), undefined);
  assertEquals(catchUp(11, { start: 0, end: 20 }, 2), 17);
  assertEquals(catchUp(5, { start: 12, end: 14 }, 2), 12);
});

Deno.test("the span of separate tracks is what both have", () => {
  const source = (name: "video" | "audio", list: LiveSegment[]) => ({ name, inits: [], segments: list });
  assertEquals(spanOf({ sources: [source("video", segments), source("audio", segments.slice(1, 9))] }), {
    start: 2,
    end: 18,
  });
  assertEquals(spanOf({ sources: [source("video", segments), source("audio", [])] }), undefined);
  assertEquals(spanOf({ sources: [] }), undefined);
});
