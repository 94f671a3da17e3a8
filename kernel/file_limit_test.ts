import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { connectionLimits } from "./file_limit.ts";

/** The line that counts, among its neighbours. */
function limits(soft: string): () => string {
  return () =>
    `Limit                     Soft Limit           Hard Limit           Units     \n` +
    `Max processes             31337                31337                processes \n` +
    `Max open files            ${soft.padEnd(20)} 1048576              files     \n`;
}

for (const files of [256, 1024, 4096, 65_536, 1_048_576]) {
  Deno.test(`with ${files} open files, connections and backlog leave some for the server itself`, () => {
    const { connections, backlog } = connectionLimits(limits(String(files)));
    assertGreater(connections, 0);
    assertGreater(backlog, 0);
    assertLess(connections + backlog, files);
  });
}

Deno.test("most of many open files are for connections", () => {
  assertGreater(connectionLimits(limits("65536")).connections, 60_000);
});

Deno.test("no limit counts as a large one", () => {
  assertGreater(connectionLimits(limits("unlimited")).connections, 900_000);
});

Deno.test("where the limit cannot be read the smallest common one is assumed", () => {
  const small = connectionLimits(limits("1024"));
  const unreadable = connectionLimits(() => {
    throw new Deno.errors.NotFound("/proc");
  });
  assertEquals(unreadable, small);
  assertEquals(connectionLimits(() => ""), small);
  assertEquals(connectionLimits(limits("0")), small);
});
