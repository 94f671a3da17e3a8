import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { OpenFront } from "./open_front.ts";
import { Closed } from "../reasons.ts";
import { detachSocket } from "./detach_socket.ts";
import { silentLogger } from "../log/log.ts";
import { FakeClock } from "../testing/fake_clock.ts";
import { TcpClient, until } from "../testing/tcp_client.ts";

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

/** A front whose requests wait for the test. */
class Stage implements Disposable {
  readonly exchanges: Exchange[] = [];
  readonly raw: Socket[] = [];
  readonly front = new OpenFront(
    { connections: 100, connectionsPerAddress: 0, backlog: 64, firstByteMs: 10_000, headerMs: 100, stallMs: 20_000 },
    new FakeClock(),
    silentLogger,
    (request, response) => void this.exchanges.push({ request, response }),
  );
  port = 0;

  async open(): Promise<this> {
    this.front.open();
    this.front.protocol({
      name: "raw",
      matches: (first) => first[0] === 0,
      accept: (socket) => void this.raw.push(socket),
    });
    this.port = (await this.front.listen({ name: "http", host: "127.0.0.1", port: 0 })).port;
    return this;
  }

  async request(client: TcpClient, path: string): Promise<Exchange> {
    const count = this.exchanges.length;
    client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await until(() => this.exchanges.length > count);
    return this.exchanges[count];
  }

  [Symbol.dispose](): void {
    this.front[Symbol.dispose]();
  }
}

/** The names of all listeners of a socket, by event. */
function listenersOf(socket: Socket): Record<string, string[]> {
  const events = socket.eventNames().map(String).sort();
  return Object.fromEntries(events.map((event) => [event, socket.listeners(event).map(({ name }) => name).sort()]));
}

/** How many connections Node's HTTP server keeps in its list. */
function listed(server: object): number {
  const symbol = Object.getOwnPropertySymbols(server).find(({ description }) =>
    description === "http.server.connections"
  );
  assert(symbol, "the HTTP server has a list of its connections");
  return (server as Record<symbol, { readonly _all: ReadonlySet<Socket> }>)[symbol]._all.size;
}

function serverOf({ request }: Exchange): object {
  return (request.socket as Socket & { server: object }).server;
}

Deno.test("a connection that is taken over has the listeners of one that was never HTTP, and one for its end", async () => {
  using stage = await new Stage().open();
  using plain = await TcpClient.connect(stage.port);
  plain.send("\0");
  await until(() => stage.raw.length === 1);
  using client = await TcpClient.connect(stage.port);
  const { request, response } = await stage.request(client, "/a");
  const socket = await detachSocket(request, response);
  const bare = listenersOf(stage.raw[0]);
  assertEquals(listenersOf(socket), { ...bare, end: ["destroyThis", ...bare.end].sort() });
});

Deno.test("a connection that is taken over is no longer in the HTTP server's list", async () => {
  using stage = await new Stage().open();
  using client = await TcpClient.connect(stage.port);
  const exchange = await stage.request(client, "/a");
  const server = serverOf(exchange);
  assertEquals(listed(server), 1);
  const socket = await detachSocket(exchange.request, exchange.response) as Socket & {
    parser?: unknown;
    server?: unknown;
  };
  assertEquals(listed(server), 0);
  assertEquals([socket.server, Boolean(socket.parser)], [undefined, false]);
});

Deno.test("what is written reaches the peer as it is, and what the peer still sends is dropped", async () => {
  using stage = await new Stage().open();
  using client = await TcpClient.connect(stage.port);
  const { request, response } = await stage.request(client, "/a");
  const socket = await detachSocket(request, response);
  socket.write("HTTP/1.1 200 OK\r\n\r\nFLV");
  await client.take(/^HTTP\/1\.1 200 OK\r\n\r\nFLV$/);
  client.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  client.send("\0".repeat(100_000));
  socket.write("more");
  await client.take(/^more$/);
  assertEquals(stage.exchanges.length, 1);
});

Deno.test("a connection is taken over by its second request, too", async () => {
  using stage = await new Stage().open();
  using client = await TcpClient.connect(stage.port);
  const first = await stage.request(client, "/a");
  first.response.end("one");
  await client.take(/one/);
  const second = await stage.request(client, "/b");
  const server = serverOf(second);
  const socket = await detachSocket(second.request, second.response);
  assertEquals(listed(server), 0);
  socket.write("raw");
  await client.take(/^raw$/);
});

Deno.test("when the peer ends its side the connection is over", async () => {
  using stage = await new Stage().open();
  using client = await TcpClient.connect(stage.port);
  const { request, response } = await stage.request(client, "/a");
  const socket = await detachSocket(request, response);
  client.socket.end();
  await until(() => stage.front.connections === 0);
  assertEquals(socket.destroyed, true);
});

Deno.test("a peer that left in the meantime cannot be taken over", async () => {
  using stage = await new Stage().open();
  using client = await TcpClient.connect(stage.port);
  const { request, response } = await stage.request(client, "/a");
  client[Symbol.dispose]();
  await until(() => stage.front.connections === 0);
  const error = await assertRejects(() => detachSocket(request, response), Closed);
  assertEquals(error.reason, "left");
});

Deno.test("a request that waits for an earlier answer cannot take the connection over: it is closed", async () => {
  using stage = await new Stage().open();
  using client = await TcpClient.connect(stage.port);
  client.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  await until(() => stage.exchanges.length === 2);
  await assertRejects(() => detachSocket(stage.exchanges[1].request, stage.exchanges[1].response), Closed);
  await client.ended();
  await until(() => stage.front.connections === 0);
});

Deno.test("the HTTP server's timeouts no longer concern a connection that is taken over", async () => {
  using stage = await new Stage().open();
  using client = await TcpClient.connect(stage.port);
  const { request, response } = await stage.request(client, "/a");
  const socket = await detachSocket(request, response);
  using slow = await TcpClient.connect(stage.port);
  slow.send("GET / HTTP/1.1\r\n");
  assertMatch(await slow.ended(), /^HTTP\/1\.1 408 /);
  socket.write("still here");
  await client.take(/^still here$/);
});

Deno.test("closing the front closes what was taken over", async () => {
  const stage = await new Stage().open();
  using client = await TcpClient.connect(stage.port);
  const { request, response } = await stage.request(client, "/a");
  await detachSocket(request, response);
  stage[Symbol.dispose]();
  assertEquals(await client.ended(), "");
});

Deno.test("a hundred connections are taken over and closed without a trace", async () => {
  using stage = await new Stage().open();
  const clients = await Promise.all(Array.from({ length: 100 }, () => TcpClient.connect(stage.port)));
  const exchanges = [];
  for (const client of clients) exchanges.push(await stage.request(client, "/a"));
  const server = serverOf(exchanges[0]);
  const sockets = await Promise.all(exchanges.map(({ request, response }) => detachSocket(request, response)));
  for (const socket of sockets) socket.write("hello");
  for (const client of clients) {
    await client.take(/^hello$/);
    client[Symbol.dispose]();
  }
  await until(() => stage.front.connections === 0);
  assertEquals(listed(server), 0);
});
