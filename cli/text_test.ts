import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { table, wrap } from "./text.ts";

Deno.test("a text is wrapped between words", () => {
  assertEquals(wrap("one two  three", 7), ["one two", "three"]);
  assertEquals(wrap("one incomprehensible two", 5), ["one", "incomprehensible", "two"]);
  assertEquals(wrap("", 5), []);
});

Deno.test("wrapping loses no word and makes no long line of short words", () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 8 }));
  fc.assert(fc.property(words, fc.integer({ min: 8, max: 40 }), (list, width) => {
    const lines = wrap(list.join(" "), width);
    assertEquals(lines.join(" "), list.join(" "));
    assert(lines.every((line) => line.length <= width));
  }));
});

const ROWS = [{ term: "a", text: "first of all the rows here" }, { term: "long-term", text: "second" }, {
  term: "x",
  text: "",
}];

Deno.test("a table has two columns, and long terms a line of their own", () => {
  assertEquals(table(ROWS, 42, 6), [
    "  a       first of all the rows here",
    "  long-term",
    "          second",
    "  x",
  ]);
});

Deno.test("in a narrow terminal every term has a line of its own", () => {
  assertEquals(table(ROWS, 20, 6), [
    "  a",
    "      first of all",
    "      the rows here",
    "  long-term",
    "      second",
    "  x",
  ]);
});
