import { assertEquals, assertThrows } from "@std/assert";
import { openDatabase, together } from "./database.ts";

const SCHEMA = "CREATE TABLE IF NOT EXISTS numbers (value INTEGER PRIMARY KEY) STRICT";

Deno.test("changes that are made together are there, and what they give is given", () => {
  using database = openDatabase(":memory:", SCHEMA);
  const { changes } = together(database, () => database.prepare("INSERT INTO numbers VALUES (1), (2)").run());
  assertEquals([changes, database.prepare("SELECT COUNT(*) AS count FROM numbers").get()?.count], [2, 2]);
});

Deno.test("of changes that fail none is made, and the next ones can be", () => {
  using database = openDatabase(":memory:", SCHEMA);
  const insert = database.prepare("INSERT INTO numbers VALUES (?)");
  const error = assertThrows(() =>
    together(database, () => {
      insert.run(1);
      throw new RangeError("no more");
    })
  );
  assertEquals((error as Error).message, "no more");
  together(database, () => insert.run(3));
  assertEquals(database.prepare("SELECT value FROM numbers").all().map(({ value }) => value), [3]);
});
