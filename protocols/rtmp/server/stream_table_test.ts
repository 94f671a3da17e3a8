import { assertEquals } from "@std/assert";
import { StreamTable } from "./stream_table.ts";

Deno.test("a stream table finds, replaces and forgets by number", () => {
  const table = new StreamTable<string>();
  assertEquals([table.size, table.get(1), table.has(1), table.delete(1)], [0, undefined, false, false]);
  table.set(1, "a");
  table.set(7, "b");
  table.set(1, "c");
  assertEquals([...table], [[7, "b"], [1, "c"]]);
  assertEquals([table.size, table.get(1), table.has(7), table.delete(7), table.has(7)], [2, "c", true, true, false]);
});

Deno.test("a stream table may be changed while it is walked", () => {
  const table = new StreamTable<string>();
  for (const streamId of [1, 2, 3]) table.set(streamId, `s${streamId}`);
  const seen: string[] = [];
  for (const [streamId, value] of table) {
    seen.push(value);
    table.delete(streamId);
  }
  assertEquals([seen, table.size], [["s1", "s2", "s3"], 0]);
});
