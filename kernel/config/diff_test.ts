import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { changedPaths, isLive, withPaths } from "./diff.ts";

const CASES: { name: string; before: unknown; after: unknown; changed: string[][] }[] = [
  { name: "nothing", before: { a: 1, b: { c: [1, 2] } }, after: { a: 1, b: { c: [1, 2] } }, changed: [] },
  { name: "a value", before: { a: 1 }, after: { a: 2 }, changed: [["a"]] },
  { name: "a value within", before: { a: { b: 1, c: 2 } }, after: { a: { b: 1, c: 3 } }, changed: [["a", "c"]] },
  { name: "a list, as a whole", before: { a: [1, 2] }, after: { a: [1, 3] }, changed: [["a"]] },
  { name: "a key that is new", before: {}, after: { a: undefined, b: 1 }, changed: [["b"]] },
  { name: "a key that is gone", before: { a: { b: 1 } }, after: { a: {} }, changed: [["a", "b"]] },
  { name: "a section that is new", before: {}, after: { a: { b: 1 } }, changed: [["a"]] },
  { name: "a key with a dot", before: { a: { "b.c": 1 } }, after: { a: { "b.c": 2 } }, changed: [["a", "b.c"]] },
];

for (const { name, before, after, changed } of CASES) {
  Deno.test(`settings differ by ${name}`, () => assertEquals(changedPaths(before, after), changed));
}

const settings = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.array(fc.integer(), { maxLength: 2 }), tie("object")),
  object: fc.dictionary(fc.constantFrom("a", "b", "c", "d.e"), tie("value"), { maxKeys: 3 }),
})).object;

Deno.test("what differs, taken over, makes the one the other; taken over in part, the rest stays", () => {
  fc.assert(fc.property(settings, settings, (before, after) => {
    const copy = structuredClone(before);
    const changed = changedPaths(before, after);
    assertEquals(withPaths(before, after, changed), after);
    assertEquals(withPaths(before, after, []), copy);
    const half = changed.slice(0, Math.ceil(changed.length / 2));
    const left = changedPaths(withPaths(before, after, half), after).map(String);
    assertEquals(left.sort(), changed.slice(half.length).map(String).sort());
    assertEquals(before, copy);
  }));
});

Deno.test("a running server takes limits, times and certificates, and neither ports nor folders", () => {
  for (const path of [["limits", "streams"], ["graceSeconds"], ["streams", "live/*", "viewers"], ["tls", "cert"]]) {
    assertEquals(isLive(path), true, path.join("."));
  }
  for (const path of [["http", "port"], ["dataDir"], ["tls", "port"], ["log", "format"], ["plugins"], ["limitsX"]]) {
    assertEquals(isLive(path), false, path.join("."));
  }
});
