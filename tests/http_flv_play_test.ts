import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { definePlugin } from "../kernel/plugin/plugin.ts";
import { flvFile } from "./support/transports/flv_bytes.ts";
import { readAnswer, readHead, type ResponseHead, sendRequest } from "./support/http_exchange.ts";
import { httpFlvTransport } from "./support/transports/http_flv_transport.ts";
import { assertDecodable, hasBodyOf } from "./support/packets.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { StrictFlv } from "./support/transports/strict_flv.ts";
import { deciding, TestServer } from "./support/test_server.ts";
import { TestSocket } from "./support/test_socket.ts";
import type { TestPublisher } from "./support/transports/transport.ts";
import { beginUpload } from "./support/upload.ts";
import { wsFlvTransport } from "./support/transports/ws_flv_transport.ts";

/** Publishes a first group of pictures. */
async function publishing(server: TestServer, path = "live/cam"): Promise<TestPublisher> {
  const maker = new StreamMaker();
  const publisher = await wsFlvTransport.publish(server, path);
  const gop = maker.gop();
  publisher.write([...maker.head(), ...gop]);
  await server.received(path, gop[gop.length - 1]);
  return publisher;
}

async function ask(
  server: TestServer,
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ head: ResponseHead; socket: TestSocket }> {
  const socket = await TestSocket.open(server.port);
  sendRequest(socket, method, target, headers);
  const head = await readHead(socket);
  assert(head, "the connection ended without an answer");
  return { head, socket };
}

Deno.test("a player's answer is live FLV that nobody keeps and every page may read", async () => {
  await using server = await TestServer.start();
  await using _publisher = await publishing(server);
  const { head, socket } = await ask(server, "GET", "/live/cam.flv");
  await using _ = socket;
  assertEquals(head.status, 200);
  assertEquals(head.headers.get("content-type"), "video/x-flv");
  assertStringIncludes(head.headers.get("cache-control") ?? "", "no-store");
  assertEquals(head.headers.get("access-control-allow-origin"), "*");
  assertEquals(head.headers.get("connection"), "close");
  assertEquals(head.headers.get("content-length"), null);
  assertEquals(head.headers.get("transfer-encoding"), null);
});

Deno.test("HEAD says whether a stream is live, at once and without a session", async () => {
  await using server = await TestServer.start();
  await using _publisher = await publishing(server);
  await (await publishing(server, "live/away")).vanish();
  await server.event("stream:interrupt");
  const waiting = httpFlvTransport.play(server, "live/waiting").catch(() => {});
  await server.awaited("live/waiting");
  const streams = [...server.server.streams.keys()];
  const told = server.told.length;
  for (const [name, status] of [["cam", 200], ["away", 200], ["waiting", 404], ["none", 404], ["c.am", 400]] as const) {
    const { head, socket } = await ask(server, "HEAD", `/live/${name}.flv`);
    assertEquals(head.status, status);
    assertEquals(head.headers.get("access-control-allow-origin"), "*");
    await socket.cut();
  }
  assertEquals(server.told.length, told);
  assertEquals([...server.server.streams.keys()], streams);
  await server[Symbol.asyncDispose]();
  await waiting;
});

Deno.test("pages from other places may play and publish", async () => {
  await using server = await TestServer.start();
  for (const target of ["/live/cam.flv", "/live/cam"]) {
    const { head, socket } = await ask(server, "OPTIONS", target, { "Origin": "https://example.org" });
    assertEquals(head.status, 204);
    assertEquals(head.headers.get("access-control-allow-origin"), "*");
    assertStringIncludes(head.headers.get("access-control-allow-methods") ?? "", "POST");
    await socket.cut();
  }
});

const ODD_REQUESTS: readonly { readonly name: string; readonly headers: Readonly<Record<string, string>> }[] = [
  { name: "asks for a range", headers: { "Range": "bytes=0-" } },
  {
    name: "offers HTTP/2",
    headers: { "Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AA" },
  },
  { name: "keeps connections alive", headers: { "Connection": "keep-alive" } },
  { name: "asks for its own copy", headers: { "If-None-Match": '"x"', "Accept-Encoding": "gzip, br" } },
];

for (const { name, headers } of ODD_REQUESTS) {
  Deno.test(`a player who ${name} gets the stream as everybody does`, async () => {
    await using server = await TestServer.start();
    await using _publisher = await publishing(server);
    const { head, socket } = await ask(server, "GET", "/live/cam.flv", headers);
    await using _ = socket;
    assertEquals(head.status, 200);
    assertEquals(new TextDecoder().decode(await socket.read(3)), "FLV");
  });
}

const REFUSED: readonly { readonly target: string; readonly status: number; readonly words: string }[] = [
  { target: "/live/cam.flv?audio=2", status: 400, words: "audio can be 0 or 1" },
  { target: "/live/cam.flv?audio=0&video=0", status: 400, words: "leave nothing to play" },
  { target: "/live/cam.flv?tracks=some", status: 400, words: "tracks can be main or all" },
  { target: "/live/cam.flv?vhost=a/b", status: 400, words: "is not a host's name" },
  { target: "/live/cam", status: 404, words: "nothing at this address" },
  { target: "/a/live/cam.flv", status: 404, words: "nothing at this address" },
];

for (const { target, status, words } of REFUSED) {
  Deno.test(`GET ${target} is refused with ${status}, in words`, async () => {
    await using server = await TestServer.start();
    await using _publisher = await publishing(server);
    await using socket = await TestSocket.open(server.port);
    sendRequest(socket, "GET", target);
    const answer = await readAnswer(socket);
    assertEquals(answer.status, String(status));
    assertStringIncludes(answer.message, words);
  });
}

Deno.test("a plugin can send a player elsewhere", async () => {
  const moved = deciding((ctx) => {
    ctx.decide("play", () => ({ deny: "it has moved", redirect: "http://edge.example.org/live/cam.flv" }));
  });
  await using server = await TestServer.start({ plugins: [moved] });
  await using socket = await TestSocket.open(server.port);
  sendRequest(socket, "GET", "/live/cam.flv");
  assertEquals(await readAnswer(socket), { status: "302", message: "http://edge.example.org/live/cam.flv" });
});

Deno.test("recordings below an app's name are left to the plugin that serves them", async () => {
  const files = definePlugin({
    name: "files",
    setup: (ctx) => void ctx.http.get("/flv/:app/:stream/:file", (c) => c.text("a recording")),
  });
  await using server = await TestServer.start({ late: [files()] });
  await using socket = await TestSocket.open(server.port);
  sendRequest(socket, "GET", "/flv/live/cam/index.flv");
  assertEquals(await readAnswer(socket), { status: "200", message: "a recording" });
});

Deno.test("a connection that has carried an upload can carry a stream", async () => {
  await using server = await TestServer.start();
  await using _publisher = await publishing(server);
  const maker = new StreamMaker();
  const file = flvFile([...maker.head(), ...maker.gop()]);
  await using socket = await TestSocket.open(server.port);
  beginUpload(socket, "/live/other", "content-length", file.length);
  socket.send(file);
  assertEquals((await readAnswer(socket)).status, "200");
  sendRequest(socket, "GET", "/live/cam.flv");
  assertEquals((await readHead(socket))?.status, 200);
  assertEquals(new TextDecoder().decode(await socket.read(3)), "FLV");
});

Deno.test("what a player sends behind its request is passed over", async () => {
  await using server = await TestServer.start();
  const maker = new StreamMaker();
  await using publisher = await wsFlvTransport.publish(server, "live/cam");
  publisher.write([...maker.head(), ...maker.gop()]);
  const { socket } = await ask(server, "GET", "/live/cam.flv");
  await using _ = socket;
  sendRequest(socket, "GET", "/live/cam.flv");
  socket.send("\u0000\u0001 nonsense");
  const flv = new StrictFlv();
  const last = maker.gop();
  const arrived = Promise.withResolvers<void>();
  const isLast = hasBodyOf(last[last.length - 1]);
  socket.flow((bytes) => flv.read(bytes).some(isLast) && arrived.resolve());
  publisher.write(last);
  await arrived.promise;
  assertEquals(server.told.filter(({ name }) => name === "play:start").length, 1);
});

Deno.test("a request behind an upload on the same connection is answered, or the connection closed", async () => {
  await using server = await TestServer.start();
  await using _publisher = await publishing(server);
  const maker = new StreamMaker();
  const file = flvFile([...maker.head(), ...maker.gop()]);
  await using socket = await TestSocket.open(server.port);
  beginUpload(socket, "/live/other", "content-length", file.length);
  socket.send(file);
  sendRequest(socket, "GET", "/live/cam.flv");
  const first = await readHead(socket);
  if (first) assertEquals(first.status, 200);
  else await socket.over();
});

Deno.test("streams of different hosts are different streams", async () => {
  await using server = await TestServer.start();
  await using _publisher = await publishing(server);
  await using _other = await wsFlvTransport.publish(server, "live/cam", { vhost: "a.example.org" });
  assertEquals([...server.server.streams.keys()], ["live/cam", "a.example.org:live/cam"]);
});

Deno.test("fetch plays, and leaves when it is aborted", async () => {
  await using server = await TestServer.start();
  await using _publisher = await publishing(server);
  const leaving = new AbortController();
  const response = await fetch(`http://127.0.0.1:${server.port}/live/cam.flv`, { signal: leaving.signal });
  const flv = new StrictFlv();
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  assertDecodable(flv.read(value!));
  leaving.abort();
  await reader.closed.catch(() => {});
  assertEquals((await server.event("play:end")).reason, "left");
});
