import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { pages } from "./pages.ts";
import { withParts } from "./parts.ts";

Deno.test("a part stands in its place, with the words of the page in it, and with the parts that it is made of", () => {
  const made = withParts("<main>{{ publisher }}{{ quality }}</main>", { title: "File & loop $&" });
  assertMatch(made, /^<main><div class="caption">\s*<h1>File & loop \$&<\/h1>/);
  assertMatch(made, /<select id="sound-codec">/);
});

Deno.test("what is neither a part nor a word of the page is an error that names it", () => {
  assertThrows(() => withParts("{{ toString }}"), ReferenceError, '"toString"');
  assertThrows(() => withParts("{{ publisher }}"), ReferenceError, '"title"');
});

Deno.test("a word that hides a part is an error", () => {
  assertThrows(() => withParts("{{ target }}", { target: "Streams" }), TypeError, '"target"');
});

for (const { path, main } of pages) {
  Deno.test(`${path} is complete, and has no id twice`, () => {
    assertEquals(main.match(/\{\{/g), null);
    const ids = Array.from(main.matchAll(/ id="([^"]*)"/g), ([, id]) => id);
    assertEquals(ids.filter((id, i) => ids.indexOf(id) !== i), []);
  });
}
