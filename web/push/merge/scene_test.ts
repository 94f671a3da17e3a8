import { assert, assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import {
  arrange,
  type Box,
  fitBox,
  keyedBox,
  type Layout,
  moveBox,
  reorder,
  reshapeBox,
  resizeBox,
  WHOLE,
} from "./scene.ts";

const rounded = ({ x, y, width, height }: Box) => [x, y, width, height].map((value) => Math.round(value * 1000) / 1000);
const box = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height });

Deno.test("a picture is fitted into the middle of its place, in its own shape", () => {
  assertEquals(rounded(fitBox(WHOLE, 1)), [0, 0, 1, 1]);
  assertEquals(rounded(fitBox(WHOLE, 0.5)), [0.25, 0, 0.5, 1]);
  assertEquals(rounded(fitBox(box(0.5, 0, 0.5, 1), 1)), [0.5, 0.25, 0.5, 0.5]);
});

for (
  const [layout, shapes, boxes] of [
    ["side-by-side", [1, 1], [[0, 0.25, 0.5, 0.5], [0.5, 0.25, 0.5, 0.5]]],
    ["grid", [1], [[0, 0, 1, 1]]],
    ["grid", [1, 1, 1], [[0, 0, 0.5, 0.5], [0.5, 0, 0.5, 0.5], [0.25, 0.5, 0.5, 0.5]]],
    ["picture-in-picture", [1, 1, 2], [[0, 0, 1, 1], [0.715, 0.715, 0.26, 0.26], [0.715, 0.56, 0.26, 0.13]]],
  ] as [Layout, number[], number[][]][]
) {
  Deno.test(`${shapes.length} pictures are arranged as ${layout}`, () => {
    assertEquals(arrange(layout, shapes).map(rounded), boxes);
  });
}

const shapes = fc.array(fc.double({ min: 0.2, max: 4, noNaN: true }), { maxLength: 12 });

for (const layout of ["side-by-side", "grid"] as const) {
  Deno.test(`in ${layout} all pictures keep their shape, stay inside and cover none of the others`, () => {
    fc.assert(fc.property(shapes, (given) => {
      const boxes = arrange(layout, given);
      boxes.forEach((one, i) => {
        assertAlmostEquals(one.width / one.height, given[i], 1e-6);
        assert(one.x >= -1e-9 && one.y >= -1e-9 && one.x + one.width <= 1 + 1e-9 && one.y + one.height <= 1 + 1e-9);
        for (const other of boxes.slice(i + 1)) assert(!overlap(one, other));
      });
    }));
  });
}

function overlap(a: Box, b: Box): boolean {
  const apart = (from: number, length: number, other: number) => other >= from + length - 1e-9;
  return !(apart(a.x, a.width, b.x) || apart(b.x, b.width, a.x) || apart(a.y, a.height, b.y) ||
    apart(b.y, b.height, a.y));
}

Deno.test("whatever is done to a box, a piece of it stays visible and it keeps its shape", () => {
  const change = fc.double({ min: -5, max: 5, noNaN: true });
  fc.assert(fc.property(fc.array(fc.tuple(change, change, change)), (changes) => {
    let moved = box(0.2, 0.2, 0.4, 0.3);
    for (const [dx, dy, width] of changes) moved = resizeBox(moveBox(moved, dx, dy), width);
    assertAlmostEquals(moved.width / moved.height, 4 / 3, 1e-6);
    assert(moved.x < 1 && moved.y < 1 && moved.x + moved.width > 0 && moved.y + moved.height > 0);
    assert(moved.width >= 0.04 && moved.height >= 0.03);
  }));
});

Deno.test("a text that became longer gets wider and stays as high", () => {
  assertEquals(rounded(reshapeBox(box(0.1, 0.1, 0.2, 0.1), 5)), [0.1, 0.1, 0.5, 0.1]);
});

Deno.test("arrow keys move, with Shift make larger and smaller, with Alt in small steps", () => {
  const key = (key: string, shiftKey = false, altKey = false) =>
    keyedBox(box(0.5, 0.5, 0.2, 0.1), { key, shiftKey, altKey });
  assertEquals(rounded(key("ArrowLeft")!), [0.48, 0.5, 0.2, 0.1]);
  assertEquals(rounded(key("ArrowDown", false, true)!), [0.5, 0.502, 0.2, 0.1]);
  assertEquals(rounded(key("ArrowRight", true)!), [0.5, 0.5, 0.22, 0.11]);
  assertEquals(rounded(key("ArrowUp", true)!), [0.5, 0.5, 0.18, 0.09]);
  assertStrictEquals(key("a"), undefined);
  assertStrictEquals(key("toString"), undefined);
});

Deno.test("entries change their place in a list, not beyond its ends", () => {
  assertEquals(reorder(["a", "b", "c"], "a", 1), ["b", "a", "c"]);
  assertEquals(reorder(["a", "b", "c"], "b", -1), ["b", "a", "c"]);
  assertEquals(reorder(["a", "b", "c"], "c", 5), ["a", "b", "c"]);
  assertEquals(reorder(["a", "b", "c"], "a", -5), ["a", "b", "c"]);
});
