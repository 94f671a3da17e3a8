import { assertEquals, assertRejects } from "@std/assert";
import { Refusal } from "../../kernel/reasons.ts";
import { settled } from "../../kernel/testing/settled.ts";
import { Turns } from "./turns.ts";

Deno.test("so many run at once, so many wait in order, and more are refused", async () => {
  const turns = new Turns(2, 2);
  const tasks = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const all = tasks.map(({ promise }, at) => turns.run(() => (begun.push(at), promise)));
  await settled();
  assertEquals([begun, turns.running], [[0, 1], 2]);
  const { code } = await assertRejects(() => turns.run(() => Promise.resolve()), Refusal);
  assertEquals(code, "limit");
  tasks[1].resolve();
  await settled();
  assertEquals(begun, [0, 1, 2]);
  for (const { resolve } of tasks) resolve();
  await Promise.all(all);
  assertEquals([begun, turns.running], [[0, 1, 2, 3], 0]);
});

Deno.test("a task that fails gives its turn on", async () => {
  const turns = new Turns(1, 1);
  const failed = assertRejects(() => turns.run(() => Promise.reject(new Error("no"))), Error, "no");
  assertEquals(await turns.run(() => Promise.resolve("yes")), "yes");
  await failed;
  assertEquals(turns.running, 0);
});
