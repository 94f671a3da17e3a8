import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import type { MediaPacket } from "../../media/packet.ts";
import { PacketQueue } from "./packet_queue.ts";

function packet(dts: number, bytes = 0): MediaPacket {
  const body = new Uint8Array(bytes);
  return { kind: "audio", role: "frame", codec: "aac", track: 0, dts, pts: dts, data: body, body };
}

Deno.test("packets come out in order, whoever is faster", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 60 }), async (steps) => {
      const queue = new PacketQueue();
      const taken: Promise<IteratorResult<MediaPacket, undefined>>[] = [];
      let added = 0;
      for (const isAdding of steps) {
        if (isAdding) queue.add(packet(added++));
        else if (taken.length <= added) taken.push(queue.next());
      }
      queue.end();
      const results = await Promise.all(taken);
      const expected = taken.map((_, i) => i < added ? { done: false, dts: i } : { done: true, dts: undefined });
      assertEquals(results.map(({ done, value }) => ({ done, dts: value?.dts })), expected);
    }),
  );
});

Deno.test("the end comes behind the last packet, to whoever waits and whoever asks later", async () => {
  const queue = new PacketQueue();
  queue.add(packet(1));
  queue.end();
  assertEquals((await queue.next()).value?.dts, 1);
  for (let i = 0; i < 2; i++) assertEquals(await queue.next(), { done: true, value: undefined });
  const waited = new PacketQueue();
  const waiting = waited.next();
  waited.end();
  assertEquals((await waiting).done, true);
});

Deno.test("an error comes behind the last packet, to whoever waits and whoever asks later", async () => {
  const queue = new PacketQueue();
  queue.add(packet(1));
  queue.end(new RangeError("broken"));
  await queue.next();
  for (let i = 0; i < 2; i++) await assertRejects(() => queue.next(), RangeError, "broken");
  const waited = new PacketQueue();
  const waiting = waited.next();
  waited.end(new RangeError("broken"));
  await assertRejects(() => waiting, RangeError, "broken");
  await assertRejects(() => waited.next(), RangeError, "broken");
});

Deno.test("a second reader is refused", async () => {
  const queue = new PacketQueue();
  const first = queue.next();
  await assertRejects(() => queue.next(), TypeError, "it has one reader");
  queue.end();
  await first;
});

Deno.test("the queue says when it is full, and when it has room again", async () => {
  const queue = new PacketQueue();
  const told: boolean[] = [];
  queue.onFull = (isFull) => told.push(isFull);
  for (let i = 0; i < 6; i++) queue.add(packet(i, 1024 * 1024));
  assertEquals(told, [true]);
  for (let i = 0; i < 3; i++) await queue.next();
  assertEquals(told, [true]);
  for (let i = 0; i < 3; i++) await queue.next();
  assertEquals(told, [true, false]);
});

Deno.test("packets that have been read no longer fill the queue", async () => {
  const queue = new PacketQueue();
  queue.onFull = (isFull) => assert(!isFull, "the queue is full");
  for (let i = 0; i < 50_000; i++) {
    queue.add(packet(i, 100));
    await queue.next();
  }
});

Deno.test("empty packets fill the queue too", () => {
  const queue = new PacketQueue();
  let isFull = false;
  queue.onFull = (now) => isFull = now;
  for (let i = 0; i < 50_000; i++) queue.add(packet(i));
  assert(isFull);
});
