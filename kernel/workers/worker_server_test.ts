import { assertEquals } from "@std/assert";
import { resolveConfig } from "../config/config.ts";
import { newRunKey } from "../plugin/placement.ts";
import type { ToMain } from "./messages.ts";
import { shareMemory } from "./memory/shared_memory.ts";
import { WorkerServer } from "./worker_server.ts";

Deno.test("what is wrong with settings that all workers have is said by one of them", async () => {
  const { config } = resolveConfig({ plugins: [], code: { limits: { connections: 20 } } });
  const memory = shareMemory(2);
  const possible = { connections: 10, backlog: 100, isKnown: true };
  const said: string[] = [];
  for (const index of [0, 1]) {
    const stopped = Promise.withResolvers<void>();
    const hear = (word: ToMain) => {
      if (word.type === "log") said.push(word.record.message.join(""));
      if (word.type === "reply") stopped.resolve();
    };
    const worker = new WorkerServer({ index, config, possible, plugins: [], memory, runKey: newRunKey() }, hear);
    worker.receive({ type: "stop", ask: 1 });
    await stopped.promise;
  }
  assertEquals(said, ["limits.connections is 20, but the limit of open files allows 10"]);
});
