import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { join } from "@std/path";
import { FLV_HEADER_BYTES } from "../media/flv/header.ts";
import { FlvReader } from "../media/flv/reader.ts";
import { BLOCK_BYTES } from "../plugins/shared/serving/shared_file.ts";
import { LINGER_MS } from "../plugins/shared/serving/shared_files.ts";
import { DataFolder } from "./support/data_folder.ts";
import { eventually } from "./support/eventually.ts";
import { FLV_START, flvTags } from "./support/transports/flv_bytes.ts";
import { readHead, sendRequest } from "./support/http_exchange.ts";
import { httpGet, readRest } from "./support/http_get.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestSocket } from "./support/test_socket.ts";

const PATH = "mp4/live/cam/20251231_100000.mp4";
const URL_PATH = `/${PATH}`;
const MEGABYTE = 1024 * 1024;

/** More than the system takes for a reader that reads nothing. */
const LARGE = 24 * MEGABYTE;

function pattern(size: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >>> 9) + seed) & 0xff);
}

function test(name: string, run: (folder: DataFolder) => Promise<void>): void {
  Deno.test(name, async () => {
    await using folder = await DataFolder.start({ config: { stallSeconds: 10, limits: { connections: 1000 } } });
    await run(folder);
  });
}

async function ask(folder: DataFolder, target: string, headers?: Record<string, string>): Promise<TestSocket> {
  const socket = await TestSocket.open(folder.server.port);
  sendRequest(socket, "GET", target, { Connection: "close", ...headers });
  return socket;
}

/** A reader that has the head of its answer and reads nothing more. */
async function stalled(folder: DataFolder, target: string): Promise<TestSocket> {
  const socket = await ask(folder, target);
  assertEquals((await readHead(socket))?.status, 200);
  socket.pause();
  return socket;
}

/** Waits until nothing more is read from the disk by those who are connected. */
async function idle({ disk, server }: DataFolder): Promise<void> {
  let seen = -1;
  for (let quiet = 0; quiet < 5; quiet = disk.reads === seen ? quiet + 1 : 0) {
    seen = disk.reads;
    await server.settled();
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

test("those who read the same at the same time share one open file and each read", async (folder) => {
  const bytes = pattern(MEGABYTE);
  await folder.write(PATH, bytes);
  const sockets = await Promise.all(Array.from({ length: 50 }, () => ask(folder, URL_PATH)));
  const bodies = await Promise.all(sockets.map(async (socket) => {
    await readHead(socket);
    const body = await readRest(socket);
    await socket.cut();
    return body;
  }));
  assert(bodies.every((body) => same(body, bytes)));
  assertEquals([folder.disk.opens, folder.disk.reads], [1, MEGABYTE / BLOCK_BYTES]);
});

test("60 readers that stall hold one open file, and what they wait for is read once", async (folder) => {
  await folder.write(PATH, pattern(LARGE));
  const sockets = await Promise.all(Array.from({ length: 60 }, () => stalled(folder, URL_PATH)));
  await idle(folder);
  assertEquals([folder.disk.opens, folder.disk.open], [1, 1]);
  assertLessOrEqual(folder.disk.bytes, LARGE);
  await Promise.all(sockets.map((socket) => socket.cut()));
});

test("a reader that takes nothing is closed, one that takes little is not", async (folder) => {
  const bytes = pattern(LARGE);
  await folder.write(PATH, bytes);
  await using dead = await stalled(folder, URL_PATH);
  await using slow = await stalled(folder, URL_PATH);
  await idle(folder);
  let taken = 0;
  slow.flow((piece) => void (taken += piece.length));
  for (let second = 0; second < 20; second++) {
    const before = folder.disk.reads;
    const wanted = taken + MEGABYTE;
    slow.resume();
    if (taken < LARGE) await eventually(() => taken >= Math.min(wanted, LARGE - 4096), "the slow reader got nothing");
    slow.pause();
    if (before === folder.disk.reads) await idle(folder);
    folder.server.clock.advance(1000);
  }
  let deadTook = 0;
  dead.flow((piece) => void (deadTook += piece.length));
  dead.resume();
  await dead.over();
  slow.resume();
  assertEquals([await slow.over(), deadTook < LARGE], ["end", true]);
  assertLessOrEqual(LARGE - 4096, taken);
});

test("after the last reader a file stays open for a moment, and is opened no more for the next", async (folder) => {
  await folder.write(PATH, pattern(1000));
  await httpGet(folder.server.port, URL_PATH);
  assertEquals([folder.disk.opens, folder.disk.open], [1, 1]);
  folder.server.clock.advance(LINGER_MS - 1);
  await httpGet(folder.server.port, URL_PATH);
  folder.server.clock.advance(LINGER_MS - 1);
  assertEquals([folder.disk.opens, folder.disk.open], [1, 1]);
  folder.server.clock.advance(1);
  await eventually(() => folder.disk.open === 0, "the file was not closed");
});

test("a reader that leaves in the middle leaves nothing open", async (folder) => {
  await folder.write(PATH, pattern(LARGE));
  const sockets = await Promise.all(Array.from({ length: 10 }, () => stalled(folder, URL_PATH)));
  await Promise.all(sockets.map((socket) => socket.cut()));
  await eventually(() => {
    folder.server.clock.advance(LINGER_MS);
    return folder.disk.open === 0;
  }, "the file was not closed");
});

test("a reader that leaves while the disk is slow leaves nothing open", async (folder) => {
  await folder.write(PATH, pattern(MEGABYTE));
  const goOn = folder.disk.hold();
  await using socket = await ask(folder, URL_PATH);
  await eventually(() => folder.disk.reads === 1, "nothing was read");
  await socket.cut();
  await folder.server.settled();
  goOn();
  await eventually(() => {
    folder.server.clock.advance(LINGER_MS);
    return folder.disk.open === 0;
  }, "the file was not closed");
});

test("a reader that leaves before the file is open leaves nothing open", async (folder) => {
  await folder.write(PATH, pattern(MEGABYTE));
  const goOn = folder.disk.holdOpens();
  await using socket = await ask(folder, URL_PATH);
  await eventually(() => folder.disk.asked === 1, "nothing was to be opened");
  await socket.cut();
  await folder.server.settled();
  goOn();
  await eventually(() => {
    folder.server.clock.advance(LINGER_MS);
    return folder.disk.opens === 1 && folder.disk.open === 0;
  }, "the file was not closed");
});

test("a server that stops while files are read closes them", async (folder) => {
  await folder.write(PATH, pattern(LARGE));
  await using socket = await stalled(folder, URL_PATH);
  await idle(folder);
  await folder.server[Symbol.asyncDispose]();
  assertEquals(folder.disk.open, 0);
  socket.resume();
  socket.flow(() => {});
  await socket.over();
});

test("of a file that grows each reader gets what was there when he asked", async (folder) => {
  const bytes = pattern(400_000);
  await folder.write(PATH, bytes.subarray(0, 150_000), new Date());
  await using early = await stalled(folder, URL_PATH);
  await Deno.writeFile(join(folder.path, PATH), bytes.subarray(150_000), { append: true });
  const late = await httpGet(folder.server.port, URL_PATH);
  assert(same(late.body, bytes));
  assertEquals(late.headers.get("cache-control"), "no-store");
  early.resume();
  assert(same(await readRest(early), bytes.subarray(0, 150_000)));
  assertEquals(folder.disk.opens, 1);
});

test("what is written anew at the beginning of a file is not answered from memory", async (folder) => {
  const bytes = pattern(300_000);
  await folder.write(PATH, bytes);
  const before = await httpGet(folder.server.port, URL_PATH);
  bytes.fill(7, 0, 1000);
  await folder.write(PATH, bytes, new Date("2025-12-31T11:00:00Z"));
  const after = await httpGet(folder.server.port, URL_PATH);
  assert(same(after.body, bytes));
  assert(before.headers.get("etag") !== after.headers.get("etag"));
  assertEquals(folder.disk.opens, 1);
});

test("a file that is replaced is read to its end by who reads it, and anew by who comes then", async (folder) => {
  const [old, next] = [pattern(LARGE, 1), pattern(2000, 2)];
  await folder.write(PATH, old);
  await using socket = await stalled(folder, URL_PATH);
  await folder.write("mp4/live/cam/next.mp4", next);
  await Deno.rename(join(folder.path, "mp4/live/cam/next.mp4"), join(folder.path, PATH));
  assert(same((await httpGet(folder.server.port, URL_PATH)).body, next));
  socket.resume();
  assert(same(await readRest(socket), old));
  assertEquals(folder.disk.opens, 2);
});

test("a file that is removed is read to its end by who reads it, and not there for others", async (folder) => {
  const bytes = pattern(LARGE);
  await folder.write(PATH, bytes);
  await using socket = await stalled(folder, URL_PATH);
  await Deno.remove(join(folder.path, PATH));
  assertEquals((await httpGet(folder.server.port, URL_PATH)).status, 404);
  socket.resume();
  assert(same(await readRest(socket), bytes));
});

test("who reads a file that is cut off has his connection closed and not a wrong end", async (folder) => {
  await folder.write(PATH, pattern(LARGE));
  await using socket = await stalled(folder, URL_PATH);
  await idle(folder);
  await Deno.truncate(join(folder.path, PATH), 1000);
  let taken = 0;
  socket.flow((piece) => void (taken += piece.length));
  socket.resume();
  await socket.over();
  assert(taken < LARGE);
  const said = folder.server.logged.map(({ message }) => message.join(""));
  assert(said.includes("An answer was broken off: It has become shorter while it was read"), said.join("\n"));
});

test("an answer that waits for an earlier one on its connection is not stalled", async (folder) => {
  const [size, second] = [2 * LARGE, 1_000_000];
  await folder.write(PATH, new Uint8Array(size));
  await using socket = await TestSocket.open(folder.server.port);
  sendRequest(socket, "GET", URL_PATH);
  sendRequest(socket, "GET", URL_PATH, { Connection: "close", Range: `bytes=-${second}` });
  let taken = 0;
  socket.flow((piece) => void (taken += piece.length));
  for (let seconds = 0; seconds < 15; seconds++) {
    const wanted = Math.min(taken + MEGABYTE, size);
    socket.resume();
    await eventually(() => taken >= wanted, "the first answer does not go on");
    socket.pause();
    await idle(folder);
    folder.server.clock.advance(1000);
  }
  socket.resume();
  assertEquals(await socket.over(), "end");
  assertLessOrEqual(size + second, taken);
});

test("a file that cannot be read is not there", async (folder) => {
  await folder.write(PATH, pattern(1000));
  await Deno.chmod(join(folder.path, PATH), 0o000);
  // Root may read everything.
  const isRoot = Deno.uid() === 0;
  assertEquals((await httpGet(folder.server.port, URL_PATH)).status, isRoot ? 200 : 404);
});

test("a recording is sent from a byte on, also while it grows", async (folder) => {
  const maker = new StreamMaker();
  const [head, first, second] = [maker.head(), maker.gop(), maker.gop()].map(flvTags);
  const path = "flv/live/cam/20251231_100000.flv";
  await folder.write(path, new Uint8Array([...FLV_START, ...head, ...first]), new Date());
  const start = FLV_START.length + head.length + first.length;
  const early = await httpGet(folder.server.port, `/${path}?start=${start}`);
  assertEquals([early.status, JSON.parse(early.text).detail], [416, `The recording has ${start} bytes`]);
  await Deno.writeFile(join(folder.path, path), second, { append: true });
  const answer = await httpGet(folder.server.port, `/${path}?start=${start}`);
  const tags = new FlvReader().read(answer.body).filter((event) => event.type === "tag");
  assertEquals([answer.status, answer.headers.get("content-type")], [200, "video/x-flv"]);
  assert(same(answer.body.subarray(-second.length), second));
  assertEquals(answer.headers.get("content-length"), String(answer.body.length));
  assert(tags.slice(0, 3).every(({ timestamp }) => timestamp === tags[2].timestamp));
  const part = await httpGet(folder.server.port, `/${path}?start=${start}`, { headers: { Range: "bytes=5-" } });
  assert(same(part.body, answer.body.subarray(5)));
  assertEquals(part.status, 206);
});

test("what cannot be a start is refused in words, and the beginning is the whole", async (folder) => {
  const maker = new StreamMaker();
  const bytes = new Uint8Array([...FLV_START, ...flvTags([...maker.head(), ...maker.gop()])]);
  await folder.write("flv/live/cam/20251231_100000.flv", bytes);
  await folder.write("flv/live/cam/other.flv", pattern(5000));
  const status = async (target: string) => (await httpGet(folder.server.port, `/flv/live/cam/${target}`)).status;
  for (const start of ["-1", "x", "1.5", "1e3", "", "99999999999999999999"]) {
    assertEquals([start, await status(`20251231_100000.flv?start=${start}`)], [start, 400]);
  }
  assertEquals(await status(`20251231_100000.flv?start=${bytes.length}`), 416);
  assertEquals(await status("other.flv?start=100"), 416);
  for (const start of [0, 1, FLV_HEADER_BYTES + 4]) {
    const { body } = await httpGet(folder.server.port, `/flv/live/cam/20251231_100000.flv?start=${start}`);
    assert(same(body, bytes));
  }
  const whole = await httpGet(folder.server.port, `/${PATH.replace("mp4/", "flv/")}?start=5`);
  assertEquals(whole.status, 404);
});
