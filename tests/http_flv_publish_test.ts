import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { concat } from "../media/bytes.ts";
import type { MediaPacket } from "../media/packet.ts";
import { FLV_START, flvFile, flvTags } from "./support/transports/flv_bytes.ts";
import { chunk, readAnswer, readBody, readHead, sendRequest } from "./support/http_exchange.ts";
import { eventually } from "./support/eventually.ts";
import { assertSamePackets } from "./support/packets.ts";
import { packetsOf, StreamMaker } from "./support/stream_maker.ts";
import { deciding, keepingPackets, TestServer } from "./support/test_server.ts";
import { latin1, TestSocket } from "./support/test_socket.ts";
import { beginUpload, cutAt, type Framing, upload } from "./support/upload.ts";

const maker = new StreamMaker({ keyBytes: 24, gopPictures: 2 });
const TAGS = [...maker.head(), ...maker.gop()];
const PACKETS = packetsOf(TAGS);
const FILE = flvFile(TAGS);
const FRAMINGS: readonly Framing[] = ["chunked", "content-length"];

/** Uploads parts of {@linkcode FILE} and fails unless they arrive as its packets. */
async function assertArrives(
  server: TestServer,
  kept: Map<string, MediaPacket[]>,
  parts: readonly Uint8Array[],
  framing: Framing,
): Promise<void> {
  const path = `live/s${kept.size}`;
  const { status } = await upload(server, `/${path}`, parts, framing);
  assertEquals(status, "200");
  await assertKept(kept, path);
}

/** Who reads along may hear of the last packets a moment after their publisher has. */
async function assertKept(kept: Map<string, MediaPacket[]>, path: string): Promise<void> {
  await eventually(() => (kept.get(path)?.length ?? 0) >= PACKETS.length, `not all of ${path} is read`);
  assertSamePackets(kept.get(path) ?? [], PACKETS);
}

for (const framing of FRAMINGS) {
  Deno.test(`an upload (${framing}) means the same wherever it is cut in two`, async () => {
    const kept = new Map<string, MediaPacket[]>();
    await using server = await TestServer.start({ plugins: [keepingPackets(kept)] });
    for (let at = 0; at <= FILE.length; at++) await assertArrives(server, kept, cutAt(FILE, [at]), framing);
  });

  Deno.test(`an upload (${framing}) means the same byte by byte`, async () => {
    const kept = new Map<string, MediaPacket[]>();
    await using server = await TestServer.start({ plugins: [keepingPackets(kept)] });
    await assertArrives(server, kept, Array.from(FILE, (byte) => Uint8Array.of(byte)), framing);
  });

  Deno.test(`an upload (${framing}) means the same however it is cut`, async () => {
    const kept = new Map<string, MediaPacket[]>();
    await using server = await TestServer.start({ plugins: [keepingPackets(kept)] });
    const places = fc.array(fc.nat(FILE.length), { maxLength: 12 });
    const property = fc.asyncProperty(places, (cuts) => assertArrives(server, kept, cutAt(FILE, cuts), framing));
    await fc.assert(property, { numRuns: 50 });
  });

  Deno.test(`an upload (${framing}) that breaks off leaves its stream waiting for it`, async () => {
    await using server = await TestServer.start();
    const socket = await TestSocket.open(server.port);
    beginUpload(socket, "/live/cam", framing, FILE.length + 1);
    socket.send(framing === "chunked" ? chunk(FILE) : FILE);
    await server.event("stream:start");
    await server.received("live/cam", TAGS[TAGS.length - 1]);
    socket.finish();
    assertEquals((await server.event("stream:interrupt")).reason, "left");
    assertEquals((await server.event("session:end")).reason, "left");
    await socket.cut();
  });

  Deno.test(`an upload (${framing}) that is refused hears why while it still sends`, async () => {
    const noKey = deciding((ctx) => ctx.decide("publish", () => ({ deny: "a key is needed" })));
    await using server = await TestServer.start({ plugins: [noKey] });
    await using socket = await TestSocket.open(server.port);
    beginUpload(socket, "/live/cam", framing, 2 ** 40);
    const piece = new Uint8Array(64 * 1024);
    let answer: Awaited<ReturnType<typeof readAnswer>> | undefined;
    void readAnswer(socket).then((said) => answer = said);
    while (!answer) await socket.sendAlone(framing === "chunked" ? chunk(piece) : piece);
    assertEquals(answer, { status: "403", message: "a key is needed" });
    for (let i = 0; i < 20; i++) await socket.sendAlone(framing === "chunked" ? chunk(piece) : piece);
    await socket.over();
  });
}

for (const connection of ["keep-alive", "close"]) {
  Deno.test(`a client that first sends and then reads hears that it was refused (${connection})`, async () => {
    const noKey = deciding((ctx) => ctx.decide("publish", () => ({ deny: "a key is needed" })));
    await using server = await TestServer.start({ plugins: [noKey] });
    await using socket = await TestSocket.open(server.port);
    socket.pause();
    sendRequest(socket, "POST", "/live/cam", { "Transfer-Encoding": "chunked", "Connection": connection });
    await server.event("session:end");
    await server.settled();
    for (let i = 0; i < 16; i++) await socket.sendAlone(chunk(new Uint8Array(64 * 1024)));
    socket.resume();
    assertEquals(await readAnswer(socket), { status: "403", message: "a key is needed" });
  });
}

const NOT_FLV: readonly { readonly name: string; readonly body: Uint8Array; readonly words: string }[] = [
  {
    name: "a page",
    body: latin1("<!doctype html><title>no</title>"),
    words: 'begins with the bytes 3c 21 64 instead of "FLV"',
  },
  { name: "nothing", body: new Uint8Array(0), words: "it ended before its header" },
  { name: "half a header", body: FILE.subarray(0, 5), words: "it ended before its header" },
  { name: "a broken tag", body: concat([FILE, latin1("\u00ff".repeat(20))]), words: "Not an FLV tag" },
  {
    name: "an encrypted tag",
    body: concat([FLV_START, Uint8Array.of(0x29, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)]),
    words: "encrypted",
  },
  {
    name: "an endless tag",
    body: concat([FLV_START, Uint8Array.of(0x09, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0)]),
    words: "larger than the limit",
  },
];

for (const { name, body, words } of NOT_FLV) {
  Deno.test(`an upload of ${name} is refused in words`, async () => {
    await using server = await TestServer.start();
    const { status, message } = await upload(server, "/live/cam", [body], "content-length");
    assertEquals(status, "400");
    assertStringIncludes(message, words);
    assertEquals((await server.event("stream:interrupt")).reason, "protocol-error");
  });
}

Deno.test("a complete upload is answered with its stream and size, and ends the stream", async () => {
  await using server = await TestServer.start();
  for (
    const [method, path] of [["POST", "/live/a"], ["PUT", "/live/b"], ["POST", "/live/c.flv"], ["PUT", "/live/d.flv"]]
  ) {
    await using socket = await TestSocket.open(server.port);
    beginUpload(socket, path, "content-length", FILE.length, method);
    socket.send(FILE);
    const head = await readHead(socket);
    assert(head);
    assertEquals(head.status, 200);
    assertEquals(head.headers.get("access-control-allow-origin"), "*");
    const id = path.slice(1).replace(".flv", "");
    assertEquals(JSON.parse(await readBody(socket, head)), { stream: id, bytes: FILE.length });
    assertEquals((await server.event("stream:end", ({ stream }) => stream.id === id)).reason, "stream-ended");
  }
});

Deno.test("uploads follow one another on one connection, pipelined too", async () => {
  const kept = new Map<string, MediaPacket[]>();
  await using server = await TestServer.start({ plugins: [keepingPackets(kept)] });
  await using socket = await TestSocket.open(server.port);
  for (const path of ["/live/a", "/live/b", "/live/c"]) {
    beginUpload(socket, path, "content-length", FILE.length);
    socket.send(FILE);
  }
  for (const path of ["live/a", "live/b", "live/c"]) {
    assertEquals((await readAnswer(socket)).status, "200");
    await assertKept(kept, path);
  }
  assertEquals(server.server.sessions.size, 0);
});

Deno.test("an upload that asks first is told to go on", async () => {
  await using server = await TestServer.start();
  await using socket = await TestSocket.open(server.port);
  sendRequest(socket, "POST", "/live/cam", { "Content-Length": String(FILE.length), "Expect": "100-continue" });
  assertEquals((await readHead(socket))?.status, 100);
  socket.send(FILE);
  assertEquals((await readAnswer(socket)).status, "200");
});

Deno.test("fetch publishes from a stream", async () => {
  const kept = new Map<string, MediaPacket[]>();
  await using server = await TestServer.start({ plugins: [keepingPackets(kept)] });
  const body = ReadableStream.from([FLV_START, ...TAGS.map((tag) => flvTags([tag]))]);
  const response = await fetch(`http://127.0.0.1:${server.port}/live/cam`, { method: "PUT", body });
  assertEquals(await response.json(), { stream: "live/cam", bytes: FILE.length });
  await assertKept(kept, "live/cam");
});

Deno.test("an upload is known by its bytes and its client", async () => {
  await using server = await TestServer.start();
  await using socket = await TestSocket.open(server.port);
  sendRequest(socket, "POST", "/live/cam?key=sesame", { "Transfer-Encoding": "chunked", "User-Agent": "Lavf/60" });
  socket.send(chunk(FILE));
  const { session } = await server.event("stream:start");
  await server.received("live/cam", TAGS[TAGS.length - 1]);
  const { bytesIn, protocol, remote, userAgent, url } = session.toJSON();
  assertEquals({ bytesIn, protocol, remote, userAgent, url }, {
    bytesIn: FILE.length,
    protocol: "http-flv",
    remote: socket.name,
    userAgent: "Lavf/60",
    url: "/live/cam",
  });
});
