import { assert, assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import fc from "fast-check";
import { hasCode } from "../../../kernel/files/files.ts";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { settled } from "../../../kernel/testing/settled.ts";
import type { ResourceReading } from "./resource.ts";
import { BLOCK_BYTES } from "./shared_file.ts";
import { LINGER_MS, MAX_OPEN_FILES, SharedFiles } from "./shared_files.ts";
import { madeByte, MadeFiles } from "./testing/made_files.ts";

const MEGABYTE = 1024 * 1024;

interface Scene extends AsyncDisposable {
  readonly disk: MadeFiles;
  readonly clock: FakeClock;
  readonly shared: SharedFiles;
  open(path?: string): Promise<ResourceReading>;
}

function scene(size = 8 * MEGABYTE): Scene {
  const disk = new MadeFiles(size);
  const clock = new FakeClock();
  const shared = new SharedFiles(disk.files, clock);
  return {
    disk,
    clock,
    shared,
    open: (path = "/a") => shared.read(path, disk.facts(path)),
    [Symbol.asyncDispose]: () => shared[Symbol.asyncDispose](),
  };
}

async function readAll(reading: ResourceReading, size: number, start = 0): Promise<void> {
  for (let at = start; at < size;) {
    const piece = await reading.read(at);
    assert(piece.length > 0);
    assertEquals([piece[0], piece.at(-1)], [madeByte(at), madeByte(at + piece.length - 1)]);
    at += piece.length;
  }
}

Deno.test("a file reads the same from any position, whoever reads beside", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3 * BLOCK_BYTES), { minLength: 1, maxLength: 6 }), async (starts) => {
      const size = 3 * BLOCK_BYTES + 1;
      await using stage = scene(size);
      const readings = await Promise.all(starts.map(() => stage.open()));
      await Promise.all(readings.map((reading, i) => readAll(reading, size, starts[i])));
      assertEquals(stage.disk.opens, 1);
      assertLessOrEqual(stage.disk.reads, 4);
      for (const reading of readings) reading.close();
    }),
    { numRuns: 30 },
  );
});

Deno.test("500 readers that wait at all places of one file hold one open file, and each block once", async () => {
  await using stage = scene();
  const readings = await Promise.all(Array.from({ length: 500 }, () => stage.open()));
  for (const [i, reading] of readings.entries()) await reading.read(i * 16_000);
  assertEquals([stage.disk.opens, stage.disk.open, stage.disk.reads], [
    1,
    1,
    Math.floor(499 * 16_000 / BLOCK_BYTES) + 1,
  ]);
  assertLessOrEqual(stage.shared.cache.bytes, 8 * MEGABYTE);
  for (const reading of readings) reading.close();
});

Deno.test("blocks that nobody holds are kept up to a limit, the newest ones", async () => {
  await using stage = scene(100 * MEGABYTE);
  const reading = await stage.open();
  await readAll(reading, 100 * MEGABYTE);
  assertLessOrEqual(stage.shared.cache.bytes, 32 * MEGABYTE + BLOCK_BYTES);
  const before = stage.disk.reads;
  await reading.read(100 * MEGABYTE - 1);
  assertEquals(stage.disk.reads, before);
  await reading.read(0);
  assertEquals(stage.disk.reads, before + 1);
  reading.close();
});

Deno.test("when readers hold much, at many places, others are given small pieces that nobody keeps", async () => {
  await using stage = scene(200 * MEGABYTE);
  const readings = await Promise.all(Array.from({ length: 1200 }, () => stage.open()));
  let small = 0;
  for (const [i, reading] of readings.entries()) {
    const piece = await reading.read(i * BLOCK_BYTES);
    assertEquals(piece[0], madeByte(i * BLOCK_BYTES));
    if (piece.length < BLOCK_BYTES) small += piece.length;
  }
  assertEquals(stage.shared.cache.bytes, 64 * MEGABYTE);
  assertEquals(small, (1200 - 512) * 16 * 1024);
  for (const reading of readings) reading.close();
  assertLessOrEqual(stage.shared.cache.bytes, 32 * MEGABYTE);
});

Deno.test("many files are open at once only up to a limit, and all of them are read", async () => {
  await using stage = scene(BLOCK_BYTES * 2);
  const paths = Array.from({ length: 3 * MAX_OPEN_FILES }, (_, i) => `/${i}`);
  const readings = await Promise.all(paths.map((path) => stage.open(path)));
  await Promise.all(readings.map((reading) => readAll(reading, BLOCK_BYTES * 2)));
  assertEquals(stage.disk.mostOpen, MAX_OPEN_FILES);
  assertEquals(stage.shared.open, MAX_OPEN_FILES);
  for (const reading of readings) reading.close();
});

Deno.test("a file that was closed for others and replaced meanwhile is not mistaken for the new one", async () => {
  await using stage = scene(BLOCK_BYTES * 2);
  const first = await stage.open("/first");
  const others = await Promise.all(Array.from({ length: MAX_OPEN_FILES }, (_, i) => stage.open(`/${i}`)));
  stage.disk.identity = (path) => `${path} anew`;
  const error = await assertRejects(() => Promise.resolve(first.read(0)), Error, "another file has taken its place");
  assert(hasCode(error, "ENOENT"));
  assertEquals(stage.disk.open, stage.shared.open);
  for (const reading of [first, ...others]) reading.close();
});

Deno.test("a file that cannot be opened takes no place", async () => {
  await using stage = scene();
  stage.disk.beforeOpen = () => Promise.reject(new Error("no"));
  for (let i = 0; i < 2 * MAX_OPEN_FILES; i++) await assertRejects(() => stage.open(`/${i}`), Error, "no");
  assertEquals(stage.shared.open, 0);
  stage.disk.beforeOpen = () => Promise.resolve();
  (await stage.open()).close();
});

Deno.test("a read that fails fails those who wait for it, and is tried again by the next", async () => {
  await using stage = scene();
  const [one, two] = [await stage.open(), await stage.open()];
  stage.disk.beforeRead = () => Promise.reject(new Error("the disk is broken"));
  const reads = [one, two].map((reading) => assertRejects(() => Promise.resolve(reading.read(0)), Error, "broken"));
  await Promise.all(reads);
  assertEquals(stage.disk.reads, 1);
  stage.disk.beforeRead = () => Promise.resolve();
  assertEquals((await one.read(0)).length, BLOCK_BYTES);
  for (const reading of [one, two]) reading.close();
});

Deno.test("a reading that is closed while the disk is slow holds nothing", async () => {
  await using stage = scene();
  const slow = Promise.withResolvers<void>();
  const reading = await stage.open();
  stage.disk.beforeRead = () => slow.promise;
  const read = reading.read(0);
  reading.close();
  reading.close();
  slow.resolve();
  await read;
  stage.clock.advance(LINGER_MS);
  await settled();
  assertEquals([stage.disk.open, stage.shared.cache.bytes], [0, 0]);
});

Deno.test("who comes before a file is closed keeps it open for as long as he reads", async () => {
  await using stage = scene();
  (await stage.open()).close();
  stage.clock.advance(LINGER_MS - 1);
  const reading = await stage.open();
  stage.clock.advance(2 * LINGER_MS);
  await settled();
  assertEquals([stage.disk.opens, stage.disk.open], [1, 1]);
  assertEquals((await reading.read(0)).length, BLOCK_BYTES);
  reading.close();
});

Deno.test("an end waits for reads under way, and lets none begin", async () => {
  const stage = scene();
  const slow = Promise.withResolvers<void>();
  const reading = await stage.open();
  stage.disk.beforeRead = () => slow.promise;
  const read = reading.read(0);
  const ending = stage[Symbol.asyncDispose]();
  await settled();
  assertEquals(stage.disk.open, 1);
  slow.resolve();
  await read;
  await ending;
  assertEquals(stage.disk.open, 0);
  await assertRejects(() => Promise.resolve(reading.read(BLOCK_BYTES)), TypeError, "has been closed");
  await assertRejects(() => stage.open(), TypeError, "reading has ended");
  reading.close();
  assertEquals(stage.clock.pending, 0);
});

Deno.test("who knows of more of a growing file than others gets it", async () => {
  await using stage = scene(1000);
  const early = await stage.open();
  await early.read(0);
  stage.disk.size = 3000;
  const late = await stage.open();
  stage.disk.size = 1000;
  const stale = await stage.open();
  stage.disk.size = 3000;
  assertEquals((await stale.read(0)).length, 1000);
  await readAll(late, 3000);
  for (const reading of [early, late, stale]) reading.close();
});
