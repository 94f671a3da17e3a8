import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { forgetWorker, SharedCounts, shareMemory } from "./shared_memory.ts";

Deno.test("connections are counted over all workers, and what a worker has counted goes with it", () => {
  const memory = shareMemory(2);
  const [one, other] = [new SharedCounts(memory, 0), new SharedCounts(memory, 1)];
  one.count(1);
  one.count(1);
  other.count(1);
  assertEquals([one.connections, other.connections], [3, 3]);
  one.count(-1);
  assertEquals(other.connections, 2);
  forgetWorker(memory, 0);
  assertEquals([one.connections, other.connections], [1, 1]);
});

Deno.test("connections of one address are counted over all workers, those of others hardly ever", () => {
  const memory = shareMemory(2);
  const [one, other] = [new SharedCounts(memory, 0), new SharedCounts(memory, 1)];
  const addresses = Array.from({ length: 5000 }, (_, i) => `10.${i >> 8 & 255}.${i & 255}.7`);
  for (const address of addresses) one.countAddress(address, 1);
  one.countAddress("192.0.2.1", 1);
  other.countAddress("192.0.2.1", 1);
  assertEquals(other.ofAddress("192.0.2.1"), 2);
  for (const address of addresses) assertGreaterOrEqual(other.ofAddress(address), 1);
  assertEquals(addresses.filter((address) => other.ofAddress(address) > 1).length <= 50, true);
  for (const address of addresses) one.countAddress(address, -1);
  assertEquals(other.ofAddress(addresses[0]), 0);
  forgetWorker(memory, 1);
  assertEquals(one.ofAddress("192.0.2.1"), 1);
});

Deno.test("connections that a port has accepted are counted for each port", () => {
  const memory = shareMemory(3);
  const ports = [0, 1, 2].map((worker) => new SharedCounts(memory, worker).port(5));
  ports[0].count();
  ports[2].count();
  assertEquals(ports.map(({ accepted }) => accepted), [2, 2, 2]);
  assertEquals(ports[1].sharers, 3);
  assertEquals(new SharedCounts(memory, 0).port(4).accepted, 0);
});

Deno.test("a worker that is gone and counts on for a moment is not counted, and its successor from nothing", () => {
  const memory = shareMemory(2);
  const [gone, other] = [new SharedCounts(memory, 0), new SharedCounts(memory, 1)];
  gone.count(1);
  gone.countAddress("192.0.2.1", 1);
  forgetWorker(memory, 0);
  gone.count(-1);
  gone.countAddress("192.0.2.1", -1);
  gone.port(3).count();
  const next = new SharedCounts(memory, 0);
  next.count(1);
  assertEquals([next.connections, other.connections], [1, 1]);
  assertEquals([other.ofAddress("192.0.2.1"), other.port(3).accepted], [0, 0]);
  forgetWorker(memory, 0);
  assertEquals([new SharedCounts(memory, 0).connections, other.ofAddress("192.0.2.1")], [0, 0]);
  assertEquals(other.port(3).accepted, 0);
});
