import { assertEquals, assertLessOrEqual } from "@std/assert";
import { MAX_PIPELINED } from "../../kernel/front/front_http.ts";
import { whenAborted } from "../../kernel/reasons.ts";
import { pages } from "../../plugins/pages/plugin.ts";
import { turn } from "../support/eventually.ts";
import { readHead, sendRequest } from "../support/http_exchange.ts";
import { patiently } from "../support/patience.ts";
import { deciding, TestServer } from "../support/test_server.ts";
import { latin1, TestSocket } from "../support/test_socket.ts";
import { Bystanders } from "./bystanders.ts";

/** Requests that two servers in a row might take for different ones (RFC 9112, section 11.2), and plainly wrong ones. */
const REFUSED: readonly { readonly name: string; readonly request: string; readonly status?: number }[] = [
  {
    name: "a length and chunks",
    request: "POST /live/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  },
  {
    name: "chunks and a length",
    request: "POST /live/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
  },
  {
    name: "two different lengths",
    request: "POST /live/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nFLV\x01\x05",
  },
  { name: "a list of lengths", request: "POST /live/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 4\r\n\r\nFLV\x01" },
  { name: "a length with a sign", request: "POST /live/x HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nFLV\x01" },
  { name: "a length in hex", request: "POST /live/x HTTP/1.1\r\nHost: x\r\nContent-Length: 0x4\r\n\r\nFLV\x01" },
  {
    name: "a length beyond all numbers",
    request: `POST /live/x HTTP/1.1\r\nHost: x\r\nContent-Length: ${"9".repeat(40)}\r\n\r\nFLV\x01`,
  },
  {
    name: "chunked twice",
    request: "POST /live/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
  },
  {
    name: "chunked that is not the last coding",
    request: "POST /live/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
  },
  {
    name: "a coding that looks like chunked",
    request: "POST /live/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
  },
  {
    name: "a folded header line",
    request: "GET /live/x.flv HTTP/1.1\r\nHost: x\r\nX-Folded: one\r\n two\r\n\r\n",
  },
  {
    name: "a folded transfer coding",
    request: "POST /live/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
  },
  { name: "bare line feeds", request: "GET /live/x.flv HTTP/1.1\nHost: x\n\n" },
  { name: "a bare line feed behind a header", request: "GET / HTTP/1.1\r\nHost: x\nX: y\r\n\r\n" },
  { name: "a bare carriage return", request: "GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n" },
  { name: "a space before a colon", request: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length : 4\r\n\r\nFLV\x01" },
  { name: "a header without a name", request: "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n" },
  { name: "a header without a colon", request: "GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n" },
  { name: "a zero in a header", request: "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n" },
  { name: "a zero in the target", request: "GET /live/x\0.flv HTTP/1.1\r\nHost: x\r\n\r\n" },
  { name: "no host", request: "GET /live/x.flv HTTP/1.1\r\n\r\n" },
  { name: "no target", request: "GET  HTTP/1.1\r\nHost: x\r\n\r\n" },
  { name: "a method that is none", request: "FETCH / HTTP/1.1\r\nHost: x\r\n\r\n" },
  { name: "a version that is none", request: "GET / HTTP/4.2\r\nHost: x\r\n\r\n" },
  { name: "a chunk without a length", request: chunked("\r\nFLV\x01\r\n") },
  { name: "a chunk with a negative length", request: chunked("-4\r\nFLV\x01\r\n") },
  { name: "a chunk with a length beyond all numbers", request: chunked("fffffffffffffffff\r\nFLV") },
  { name: "a chunk longer than it says", request: chunked("2\r\nFLV\x01\r\n") },
  { name: "a chunk that ends in a bare line feed", request: chunked("4\nFLV\x01\n") },
  {
    name: "a header of 20,000 bytes",
    request: `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(20_000)}\r\n\r\n`,
    status: 431,
  },
  { name: "10,000 headers", request: `GET / HTTP/1.1\r\nHost: x\r\n${"X: y\r\n".repeat(10_000)}\r\n`, status: 431 },
  { name: "a target of 20,000 bytes", request: `GET /${"y".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, status: 431 },
  { name: "a trailer of 20,000 bytes", request: chunked(`0\r\nX: ${"y".repeat(20_000)}\r\n\r\n`), status: 431 },
];

function chunked(body: string): string {
  return `POST /live/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
}

const SMUGGLED = "GET /live/bystander.flv HTTP/1.1\r\nHost: x\r\n\r\n";

Deno.test("requests that could be read in two ways, or in none, are refused, and their connection is closed", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  const wrong: string[] = [];
  for (const { name, request, status = 400 } of REFUSED) {
    await using socket = await TestSocket.open(server.port);
    socket.send(request + SMUGGLED);
    const answered = (await readHead(socket))?.status;
    const rest = await socket.readThrough("HTTP/1.1 ");
    if (answered !== status || rest !== undefined) wrong.push(`${name}: ${answered}, then ${rest}`);
  }
  assertEquals(wrong, []);
  await bystanders.assertUnharmed();
});

Deno.test("a client that asks and asks before it has its answers is dropped", async () => {
  let asked = 0;
  const hesitant = deciding((ctx) => {
    ctx.http.get("/slow", async (c) => {
      asked++;
      const { promise, resolve } = Promise.withResolvers<void>();
      using _ = whenAborted(ctx.signal, resolve);
      await promise;
      return c.text("at last");
    });
  });
  await using server = await TestServer.start({ plugins: [hesitant] });
  await using bystanders = await Bystanders.start(server);
  await using socket = await TestSocket.open(server.port);
  socket.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20_000));
  await socket.over();
  assertLessOrEqual(asked, MAX_PIPELINED);
  await bystanders.assertUnharmed();
});

Deno.test("a client that asks for pages and reads none is dropped after stallSeconds", async () => {
  await using server = await TestServer.start({ plugins: [pages()], config: { stallSeconds: 1 } });
  await using bystanders = await Bystanders.start(server);
  await using socket = await TestSocket.open(server.port);
  socket.pause();
  let isOver = false;
  void socket.ended.then(() => isOver = true);
  const asking = async () => {
    while (!isOver) {
      socket.send("GET /index.html HTTP/1.1\r\nHost: x\r\n\r\n");
      await turn();
    }
  };
  await patiently(asking(), () => "the client was not dropped");
  await bystanders.assertUnharmed();
});

for (const workers of [1, 2]) {
  Deno.test(`who leaves in the middle of a request that is being read is no fault of the server's (${workers})`, async () => {
    const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const reading = deciding((ctx) => {
      ctx.http.post("/a/b/c/d", async (c) => {
        begun.resolve();
        return c.text(await c.req.text().finally(over.resolve));
      });
      ctx.http.post("/a/b/c/fail", async (c) => {
        throw new Error(await c.req.text());
      });
    });
    await using server = await TestServer.start({ plugins: [reading], workers });
    await using socket = await TestSocket.open(server.port);
    sendRequest(socket, "POST", "/a/b/c/d", { "Content-Length": "10" });
    socket.send(latin1("half"));
    await begun.promise;
    await socket.cut();
    await over.promise;
    await server.settled();
    await using other = await TestSocket.open(server.port);
    sendRequest(other, "POST", "/a/b/c/fail", { "Content-Length": "5" });
    other.send(latin1("whole"));
    assertEquals((await readHead(other))?.status, 500);
    const faults = server.logged.filter(({ level }) => level === "error").map(({ message }) => message.join(""));
    assertEquals(faults, ["A request failed: whole"]);
  });
}
