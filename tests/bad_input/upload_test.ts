import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import process from "node:process";
import { ByteWriter, concat } from "../../media/bytes.ts";
import { FLV_START } from "../support/transports/flv_bytes.ts";
import { chunk, readAnswer, readHead, sendRequest } from "../support/http_exchange.ts";
import { TestServer } from "../support/test_server.ts";
import { latin1, TestSocket } from "../support/test_socket.ts";
import { beginUpload } from "../support/upload.ts";
import { WsClient } from "../support/transports/ws_client.ts";
import { Bystanders } from "./bystanders.ts";
import { insist } from "./insist.ts";

/** The beginning of a tag, with as much of its body as is given. */
function tagStart(type: number, announced: number, body = new Uint8Array(0)): Uint8Array {
  return new ByteWriter().u8(type).u24(announced).u24(0).u8(0).u24(0).raw(body).view();
}

/** A whole tag with its PreviousTagSize. */
function tag(type: number, body: Uint8Array<ArrayBuffer>): Uint8Array {
  return new ByteWriter().raw(tagStart(type, body.length, body)).u32(body.length + 11).view();
}

const BROKEN: readonly { readonly name: string; readonly bytes: Uint8Array; readonly words: string }[] = [
  { name: "a tag of 16 MB", bytes: tagStart(9, 0xff_ffff), words: "larger than the limit" },
  { name: "an encrypted tag", bytes: tagStart(0x29, 10), words: "encrypted" },
  { name: "a tag with reserved bits", bytes: tagStart(0xc9, 10), words: "Not an FLV tag" },
];

for (const { name, bytes, words } of BROKEN) {
  Deno.test(`an upload of ${name} is refused in words, over HTTP and WebSocket`, async () => {
    await using server = await TestServer.start();
    await using bystanders = await Bystanders.start(server);
    await using socket = await TestSocket.open(server.port);
    beginUpload(socket, "/live/odd", "chunked", 0);
    socket.send(chunk(concat([FLV_START, bytes])));
    const { status, message } = await readAnswer(socket);
    assertEquals(status, "400");
    assertStringIncludes(message, words);
    await using client = await WsClient.open(server.port, "/live/odd");
    client.send(concat([FLV_START, bytes]));
    const end = await client.over();
    assertEquals(end.status, "1002");
    assertStringIncludes(end.message, words);
    await bystanders.assertUnharmed();
  });
}

const IDLE: readonly { readonly name: string; readonly first: Uint8Array; readonly next?: Uint8Array }[] = [
  { name: "nothing", first: new Uint8Array(0) },
  { name: "a header", first: FLV_START },
  { name: "half a header", first: FLV_START.subarray(0, 5) },
  { name: "a tag's beginning", first: concat([FLV_START, tagStart(9, 8_000_000)]) },
  { name: "a tag byte by byte", first: concat([FLV_START, tagStart(9, 8_000_000)]), next: Uint8Array.of(0) },
  { name: "empty tags", first: FLV_START, next: tag(9, new Uint8Array(0)) },
  { name: "tags of unknown types", first: FLV_START, next: tag(3, new Uint8Array(1000)) },
];

for (const { name, first, next } of IDLE) {
  Deno.test(`an upload of ${name} and no media is over after publishTimeoutSeconds`, async () => {
    await using server = await TestServer.start();
    await using bystanders = await Bystanders.start(server);
    await using socket = await TestSocket.open(server.port);
    beginUpload(socket, "/live/odd", "chunked", 0);
    await using client = await WsClient.open(server.port, "/live/odd-too");
    await server.event("stream:start", ({ stream }) => stream.id === "live/odd");
    await server.event("stream:start", ({ stream }) => stream.id === "live/odd-too");
    if (first.length > 0) socket.send(chunk(first));
    client.send(first);
    for (let seconds = 0; seconds < 10; seconds++) {
      if (next) socket.send(chunk(next));
      if (next) client.send(next);
      await bystanders.pass(1000);
    }
    assertEquals((await readAnswer(socket)).status, "408");
    assertEquals((await client.over()).status, "4408");
    await bystanders.assertUnharmed();
  });
}

const ENDLESS: readonly { readonly name: string; readonly path: string }[] = [
  { name: "to an address that does not exist", path: "/no/such/address" },
  { name: "of what is not FLV", path: "/live/odd" },
  { name: "under a bad name", path: "/live/c.m" },
  { name: "of a stream that another publishes", path: "/live/bystander" },
];

for (const { name, path } of ENDLESS) {
  Deno.test(`an upload ${name} is told so, and cut off when it never ends`, async () => {
    await using server = await TestServer.start();
    await using bystanders = await Bystanders.start(server);
    await using socket = await TestSocket.open(server.port);
    sendRequest(socket, "POST", path, { "Transfer-Encoding": "chunked" });
    const piece = chunk(new Uint8Array(60_000));
    socket.send(piece);
    assertMatch(String((await readHead(socket))?.status), /^4\d\d$/);
    await insist(socket, () => piece);
    await bystanders.assertUnharmed();
  });
}

Deno.test("an upload of trailers without end is cut off, and nothing of it is looked at any more", async () => {
  const warnings: string[] = [];
  const note = (warning: Error) => void warnings.push(warning.message);
  process.on("warning", note);
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  await using socket = await TestSocket.open(server.port);
  beginUpload(socket, "/live/odd", "chunked", 0);
  socket.send(concat([chunk(FLV_START), latin1("0\r\nX: ")]));
  const trailer = new Uint8Array(60_000).fill(0x79);
  for (let i = 0; i < 50; i++) await socket.sendAlone(trailer);
  assertEquals((await readHead(socket))?.status, 431);
  await bystanders.pass(2000);
  await insist(socket, () => trailer);
  await bystanders.assertUnharmed();
  process.off("warning", note);
  assertEquals(warnings, []);
});

Deno.test("an upload of a chunk's extension without end is over after publishTimeoutSeconds", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  await using socket = await TestSocket.open(server.port);
  beginUpload(socket, "/live/odd", "chunked", 0);
  socket.send(concat([chunk(FLV_START), latin1("1")]));
  await server.event("stream:start", ({ stream }) => stream.id === "live/odd");
  for (let seconds = 0; seconds < 10; seconds++) {
    await socket.sendAlone(latin1(";x=".padEnd(60_000, "y")));
    await bystanders.pass(1000);
  }
  assertEquals((await readAnswer(socket)).status, "408");
  await insist(socket, () => latin1("y"));
  await bystanders.assertUnharmed();
});

Deno.test("an upload that asks whether it may send, and then does not, is over after publishTimeoutSeconds", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  await using socket = await TestSocket.open(server.port);
  sendRequest(socket, "POST", "/live/odd", { "Content-Length": "1000", "Expect": "100-continue" });
  assertEquals((await readHead(socket))?.status, 100);
  await server.event("stream:start", ({ stream }) => stream.id === "live/odd");
  await bystanders.pass(10_000);
  assertEquals((await readAnswer(socket)).status, "408");
  await bystanders.assertUnharmed();
});
