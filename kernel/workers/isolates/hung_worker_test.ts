import { assertEquals } from "@std/assert";
import { patiently } from "../../../tests/support/patience.ts";
import { endHungWorker } from "./hung_worker.ts";

/** Says that it is there, answers what it is told, and hangs when it is told to. */
const CODE = `
onmessage = ({ data }) => {
  postMessage(data);
  if (data === "loop") for (;;);
  if (data === "wait") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};
`;

function start(name: string): Worker {
  const url = `data:application/javascript,${encodeURIComponent(CODE)}`;
  return new Worker(url, { type: "module", name });
}

/** Tells a worker something and waits until it has heard. */
async function tell(worker: Worker, word: string): Promise<void> {
  const heard = Promise.withResolvers<unknown>();
  worker.onmessage = heard.resolve;
  worker.postMessage(word);
  await patiently(heard.promise, () => `the worker does not answer "${word}"`);
}

for (const how of ["loop", "wait"]) {
  Deno.test(`a worker that hangs in a ${how} ends, and another one does not`, async () => {
    const [hung, well] = [start(`hung in a ${how}`), start("well")];
    await tell(well, "hello");
    await tell(hung, how);
    hung.terminate();
    assertEquals(await endHungWorker(`hung in a ${how}`), true);
    await tell(well, "are you there?");
    well.terminate();
  });
}

Deno.test("workers that hang at the same time end one after the other", async () => {
  const names = ["one", "other"];
  const workers = names.map(start);
  for (const worker of workers) await tell(worker, "loop");
  for (const worker of workers) worker.terminate();
  assertEquals(await Promise.all(names.map(endHungWorker)), [true, true]);
});

Deno.test("a worker that has ended by itself has ended", async () => {
  const worker = start("gone");
  await tell(worker, "hello");
  worker.terminate();
  assertEquals(await endHungWorker("gone"), true);
});
