import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BackgroundSync } from "./background_sync.ts";

/** A disk that keeps what it is asked to keep when the test says so. */
class SlowDisk {
  syncs = 0;
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];

  sync(): Promise<void> {
    this.syncs++;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ resolve, reject });
    return promise;
  }

  async done(error?: Error): Promise<void> {
    const { resolve, reject } = this.#waiting.shift()!;
    if (error) reject(error);
    else resolve();
    for (let i = 0; i < 5; i++) await Promise.resolve();
  }
}

Deno.test("a disk that is slow is asked one thing at a time, and once for all that came meanwhile", async () => {
  const disk = new SlowDisk();
  const sync = new BackgroundSync(disk);
  for (let i = 0; i < 5; i++) sync.request();
  assertEquals(disk.syncs, 1);
  await disk.done();
  assertEquals(disk.syncs, 2);
  const settled = sync.settle();
  await disk.done();
  await settled;
  assertEquals(disk.syncs, 2);
  await sync.settle();
});

Deno.test("what the disk could not keep is told to who asks next, and to who waits for it", async () => {
  const disk = new SlowDisk();
  const sync = new BackgroundSync(disk);
  sync.request();
  await disk.done(new Error("EIO"));
  assertThrows(() => sync.request(), Error, "EIO");
  await assertRejects(() => sync.settle(), Error, "EIO");
  assertEquals(disk.syncs, 1);
});
