import { assertEquals } from "@std/assert";
import { Recent } from "./recent.ts";

Deno.test("the entries that were set last are kept, and setting one again makes it the newest", () => {
  const recent = new Recent<number>(2);
  recent.set("a", 1);
  recent.set("b", 2);
  recent.set("a", 3);
  recent.set("c", 4);
  assertEquals(["a", "b", "c"].map((key) => recent.get(key)), [3, undefined, 4]);
});
