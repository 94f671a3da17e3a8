import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import type { Socket } from "node:net";
import { PortError } from "./front.ts";
import { FRONT_SETTINGS, FrontStage, GET, letter, UPGRADE } from "../testing/front_stage.ts";
import { TcpClient, until } from "../testing/tcp_client.ts";

Deno.test("the first byte decides: a protocol that knows it, else HTTP, all on one port", async () => {
  using stage = await new FrontStage().open();
  stage.front.protocol(letter("R"));
  stage.front.protocol(letter("S"));
  for (const name of ["R", "S"]) {
    using client = await stage.connect();
    client.send(`${name}TMP`);
    assertEquals(await client.take(/TMP$/), `${name} got ${name}TMP`);
    client.send("more");
    await client.take(/^more$/);
  }
  using client = await stage.connect();
  client.send(GET);
  assertMatch(await client.take(/GET \/a /), /^HTTP\/1\.1 200 /);
  assertEquals(stage.requests, 1);
});

Deno.test("the first protocol that knows a byte has it, until it is taken back", async () => {
  using stage = await new FrontStage().open();
  const first = stage.front.protocol({ ...letter("Rx"), matches: () => true });
  stage.front.protocol(letter("R"));
  using one = await stage.connect();
  one.send("R1");
  await one.take(/^Rx got R1$/);
  first[Symbol.dispose]();
  using two = await stage.connect();
  two.send("R2");
  await two.take(/^R got R2$/);
});

Deno.test("a request may come byte by byte", async () => {
  using stage = await new FrontStage().open();
  using client = await stage.connect();
  for (const character of "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello") {
    client.send(character);
    await new Promise<void>((resolve) => client.socket.write("", () => resolve()));
  }
  assertMatch(await client.take(/hello$/), /POST \/slow hello$/);
});

Deno.test("a connection that says nothing is closed after the first byte's deadline, without an answer", async () => {
  using stage = await new FrontStage().open();
  using client = await stage.connect();
  await until(() => stage.front.connections === 1);
  stage.clock.advance(FRONT_SETTINGS.firstByteMs - 1);
  assertEquals([stage.front.connections, client.isEnded], [1, false]);
  stage.clock.advance(1);
  assertEquals(await client.ended(), "");
  await until(() => stage.front.connections === 0);
  assertEquals(stage.timers, 0);
});

Deno.test("a connection that has said something is not subject to that deadline", async () => {
  using stage = await new FrontStage().open();
  stage.front.protocol(letter("R"));
  using client = await stage.connect();
  client.send("R");
  await client.take(/R got R/);
  assertEquals(stage.timers, 0);
  stage.clock.advance(10 * FRONT_SETTINGS.firstByteMs);
  client.send("more");
  await client.take(/more/);
});

Deno.test("a peer that leaves without a word leaves nothing behind", async () => {
  using stage = await new FrontStage().open();
  using client = await stage.connect();
  await until(() => stage.front.connections === 1);
  client.socket.destroy();
  await until(() => stage.front.connections === 0);
  assertEquals(stage.timers, 0);
});

/** How long a peer that was refused may keep its connection. */
const CLOSING_MS = 2000;

const REFUSED: { name: string; sent: string }[] = [
  { name: "bytes that no protocol knows", sent: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" },
  { name: "zeros", sent: "\0".repeat(100) },
  { name: "a word and no request", sent: "hello\r\n\r\n" },
  { name: "an unknown method", sent: "FETCH / HTTP/1.1\r\nHost: x\r\n\r\n" },
  { name: "a version that is none", sent: "GET / HTTP/9.9\r\nHost: x\r\n\r\n" },
  {
    name: "length and chunks at once",
    sent:
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
  },
  { name: "two lengths", sent: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab" },
  { name: "a length that is none", sent: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\na" },
  { name: "a negative length", sent: "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\na" },
  {
    name: "chunks after another coding",
    sent: "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
  },
  {
    name: "a space before the colon",
    sent: "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
  },
  {
    name: "a bare return inside a header",
    sent: "GET / HTTP/1.1\r\nHost: x\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n",
  },
  { name: "a zero inside a header", sent: "GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n" },
  {
    name: "a chunk's length that is none",
    sent: "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  },
];

for (const { name, sent } of REFUSED) {
  Deno.test(`${name}: HTTP 400, and the connection is over even for a peer that keeps it open`, async () => {
    using stage = await new FrontStage().open();
    using client = await stage.connect();
    client.send(sent);
    const answer = await client.ended();
    assertMatch(answer, /^HTTP\/1\.1 400 /);
    assertEquals(answer.includes("/b"), false, "nothing smuggled is answered");
    stage.clock.advance(CLOSING_MS);
    await until(() => stage.front.connections === 0);
  });
}

Deno.test("a header beyond the limit is refused as too large", async () => {
  using stage = await new FrontStage().open();
  const answer = await stage.exchange(`GET / HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(20_000)}\r\n\r\n`);
  assertMatch(answer, /^HTTP\/1\.1 431 /);
  assertEquals(stage.requests, 0);
});

Deno.test("a header that never ends is answered with a time-out, and the connection is over", async () => {
  using stage = await new FrontStage({ headerMs: 100 }).open();
  using client = await stage.connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  assertMatch(await client.ended(), /^HTTP\/1\.1 408 /);
  stage.clock.advance(CLOSING_MS);
  await until(() => stage.front.connections === 0);
  assertEquals(stage.requests, 0);
});

Deno.test("a connection is kept for a second request", async () => {
  using stage = await new FrontStage().open();
  using client = await stage.connect();
  client.send(GET);
  await client.take(/GET \/a $/);
  client.send("POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
  assertMatch(await client.ended(), /POST \/b ok$/);
});

Deno.test("requests that are sent at once are answered in their order", async () => {
  using stage = await new FrontStage().open();
  const answers = await stage.exchange(
    GET + GET.replace("/a", "/b") + "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
  );
  assertEquals(answers.match(/GET \/[abc]/g), ["GET /a", "GET /b", "GET /c"]);
});

Deno.test("an upgrade that nobody takes is not found, and the connection is over", async () => {
  using stage = await new FrontStage().open();
  using client = await stage.connect();
  client.send(UPGRADE);
  assertMatch(await client.ended(), /^HTTP\/1\.1 404 Not Found\r\nConnection: close\r\n/);
  stage.clock.advance(CLOSING_MS);
  await until(() => stage.front.connections === 0);
  assertEquals(stage.requests, 0);
});

Deno.test("what is refused before any route hears of it is a problem in words, too", async () => {
  using stage = await new FrontStage().open();
  const cases = [
    { asked: UPGRADE, status: 404, detail: "There is nothing at this address" },
    { asked: "GARBAGE\r\n\r\n", status: 400, detail: "This is no request of HTTP" },
    { asked: `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, status: 431, detail: "The header is too large" },
  ];
  for (const { asked, status, detail } of cases) {
    const [head, body] = (await stage.exchange(asked)).split("\r\n\r\n");
    assertMatch(head, /\r\nContent-Type: application\/problem\+json\r\n/);
    assertEquals(Number(/Content-Length: (\d+)/.exec(head)?.[1]), body.length);
    const problem = JSON.parse(body);
    assertEquals([problem.status, problem.detail], [status, detail]);
  }
});

Deno.test("an upgrade goes to the first that wants it, with what came behind the request", async () => {
  using stage = await new FrontStage().open();
  const taken: string[] = [];
  const upgrade = (name: string, path: string) =>
    stage.front.upgrade({
      name,
      matches: (request) => request.url?.startsWith(path) ?? false,
      accept(request, socket, head) {
        taken.push(`${name} ${request.url} ${new TextDecoder().decode(head)}`);
        socket.write("raw");
        socket.on("data", (bytes: Uint8Array) => socket.write(bytes));
      },
    });
  upgrade("vod", "/vod");
  const live = upgrade("live", "/live");
  upgrade("all", "/");
  using client = await stage.connect();
  client.send(UPGRADE + "frame");
  await client.take(/^raw$/);
  assertEquals(taken, ["live /live/cam.flv frame"]);
  client.send("again");
  await client.take(/^again$/);
  live[Symbol.dispose]();
  using second = await stage.connect();
  second.send(UPGRADE);
  await second.take(/^raw$/);
  assertEquals(taken[1], "all /live/cam.flv ");
});

Deno.test("a port that is taken is refused in words", async () => {
  using stage = await new FrontStage().open();
  using other = new FrontStage();
  const error = await other.front.listen({ name: "rtmp", host: "127.0.0.1", port: stage.port })
    .catch((error: unknown) => error);
  assertInstanceOf(error, PortError);
  assertEquals(error.message, `Cannot listen on port ${stage.port} for rtmp: another program uses it`);
  assertEquals([error.listener, error.port, other.front.listeners.length], ["rtmp", stage.port, 0]);
});

Deno.test("what a worker could not open is said once", () => {
  const inWorker = new PortError("http", 80, { cause: Object.assign(new Error("no"), { code: "EADDRNOTAVAIL" }) });
  const told = new PortError("http", 80, { cause: new Error(inWorker.message) });
  assertEquals(told.message, "Cannot listen on port 80 for http: this machine has no such address");
});

Deno.test("a listener that is disposed takes nobody any more; connections and other ports stay", async () => {
  using stage = await new FrontStage().open();
  const other = await stage.front.listen({ name: "other", host: "127.0.0.1", port: 0 });
  using open = await TcpClient.connect(other.port);
  open.send(GET);
  await open.take(/GET \/a/);
  other[Symbol.dispose]();
  other[Symbol.dispose]();
  assertEquals(stage.front.listeners.map(({ name }) => name), ["http"]);
  assertEquals(await TcpClient.connect(other.port).then(() => "connected", () => "refused"), "refused");
  open.send(GET);
  await open.take(/GET \/a/);
  using client = await stage.connect();
  client.send(GET);
  await client.take(/GET \/a/);
});

Deno.test("closing ends every connection, whatever it speaks, and everything that waits", async () => {
  const sockets: Socket[] = [];
  const stage = await new FrontStage({}, () => {}).open();
  stage.front.protocol({ ...letter("R"), accept: (socket) => void sockets.push(socket) });
  using silent = await stage.connect();
  using talking = await stage.connect();
  using asking = await stage.connect();
  talking.send("R");
  asking.send(GET);
  await until(() => stage.front.connections === 3 && sockets.length === 1 && stage.requests === 1);
  stage[Symbol.dispose]();
  for (const client of [silent, talking, asking]) assertEquals(await client.ended(), "");
  await until(() => stage.front.connections === 0);
  assertEquals(stage.clock.pending, 0);
});

Deno.test("what a protocol's socket fails with ends nothing else", async () => {
  using stage = await new FrontStage().open();
  let broken: Socket | undefined;
  stage.front.protocol({ ...letter("R"), accept: (socket) => void (broken = socket) });
  using client = await stage.connect();
  client.send("R");
  await until(() => broken !== undefined);
  broken?.destroy(new Error("reset"));
  await client.ended();
  assertEquals(
    await stage.exchange(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")).then((text) => /200/.test(text)),
    true,
  );
});
