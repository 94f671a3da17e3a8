import { assertEquals } from "@std/assert";
import { Flow } from "./flow.ts";
import { forgetWorker, shareMemory } from "../memory/shared_memory.ts";

Deno.test("what has been sent and not handled is on its way, in each direction and for each worker", () => {
  const memory = shareMemory(2);
  const [sender, receiver] = [new Flow(memory, 1, "main"), new Flow(memory, 1, "main")];
  sender.sent(1000);
  sender.sent(500);
  assertEquals(sender.inFlight, 1500);
  receiver.taken(1200);
  assertEquals(sender.inFlight, 300);
  new Flow(memory, 1, "worker").taken(300);
  new Flow(memory, 0, "main").taken(300);
  assertEquals(sender.inFlight, 300);
});

Deno.test("counts beyond 32 bits are counted on", () => {
  const memory = shareMemory(1);
  const [sender, receiver] = [new Flow(memory, 0, "worker"), new Flow(memory, 0, "worker")];
  for (let i = 0; i < 5; i++) {
    sender.sent(2 ** 30);
    assertEquals(sender.inFlight, 2 ** 30);
    receiver.taken(2 ** 30);
    assertEquals(sender.inFlight, 0);
  }
});

Deno.test("a sender is not held up while no more than may be is on its way", () => {
  const memory = shareMemory(1);
  const flow = new Flow(memory, 0, "main");
  flow.sent(100);
  flow.hold(100);
  assertEquals(flow.inFlight, 100);
});

Deno.test("what a worker that is gone still takes is none of what is sent to its successor", () => {
  const memory = shareMemory(1);
  const gone = new Flow(memory, 0, "worker");
  gone.sent(10);
  forgetWorker(memory, 0);
  const [sender, receiver] = [new Flow(memory, 0, "worker"), new Flow(memory, 0, "worker")];
  sender.sent(7);
  gone.taken(10);
  assertEquals(sender.inFlight, 7);
  receiver.taken(7);
  assertEquals(sender.inFlight, 0);
});
