import { assert, assertEquals } from "@std/assert";
import { api } from "../plugins/api/plugin.ts";
import { auth } from "../plugins/auth/plugin.ts";
import { latin1, TestSocket } from "./support/test_socket.ts";
import { readAnswer, readHead, sendRequest } from "./support/http_exchange.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";
import { UPGRADE } from "./support/transports/ws_client.ts";
import { concat } from "../media/bytes.ts";

const V1 = latin1("PROXY TCP4 203.0.113.9 192.0.2.1 51000 80\r\n");
const V2 = concat([
  latin1("\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24"),
  Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x42),
  new Uint8Array(16),
  Uint8Array.of(0xc7, 0x38, 0, 80),
]);
const LOCAL = latin1("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0");

/** A handshake of RTMP and a `connect`, as encoders send them; the server opens a session for it. */
const RTMP_HELLO = concat([Uint8Array.of(3), new Uint8Array(1536)]);

const HEADERS = [
  { name: "version 1", header: V1, remote: "203.0.113.9:51000" },
  { name: "version 2", header: V2, remote: "[2001:db8::42]:51000" },
];

function proxied(protocol: string, trusted = ["127.0.0.1"], more: object = {}) {
  return TestServer.start({ config: { proxy: { protocol, trusted, ...more } } });
}

/** Asks for a stream over HTTP and WebSocket; gives the session's remote. */
async function remoteOf(server: TestServer, start: Uint8Array, headers: Record<string, string> = {}): Promise<string> {
  await using socket = await TestSocket.open(server.port);
  socket.send(start);
  sendRequest(socket, "GET", "/live/cam.flv", headers);
  const { session } = await server.event("session:start", ({ session }) => session.protocol !== "rtmp");
  return session.remote;
}

for (const { name, header, remote } of HEADERS) {
  for (const mode of ["optional", "required"]) {
    for (const [what, headers] of [["HTTP", {}], ["WebSocket", UPGRADE]] as const) {
      Deno.test(`${what} behind a proxy has the address in the PROXY header: ${name}, ${mode}`, async () => {
        await using server = await proxied(mode);
        assertEquals(await remoteOf(server, header, headers), remote);
      });
    }
  }
}

Deno.test("a PROXY header may come byte by byte, and a proxy may speak for itself", async () => {
  await using server = await proxied("required");
  await using socket = await TestSocket.open(server.port);
  for (const byte of V1) await socket.sendAlone(Uint8Array.of(byte));
  sendRequest(socket, "GET", "/live/cam.flv");
  assertEquals((await server.event("session:start")).session.remote, "203.0.113.9:51000");
  await using own = await TestSocket.open(server.port);
  own.send(LOCAL);
  sendRequest(own, "GET", "/live/other.flv");
  await server.event("session:start", ({ session }) => session.remote === own.name);
});

Deno.test("RTMP behind a proxy has the address in the PROXY header", async () => {
  await using server = await proxied("required");
  await using tunnel = await Tunnel.open(server, V2);
  const [rtmp] = TRANSPORTS;
  await using publisher = await rtmp.publish(tunnel.seenAs(server), "live/cam");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gop()]);
  const { session } = await server.event("stream:start");
  assertEquals([session.protocol, session.remote], ["rtmp", "[2001:db8::42]:51000"]);
});

Deno.test("a connection without the PROXY header is refused where it is required, and told in the log", async () => {
  await using server = await proxied("required");
  for (const start of [latin1("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), RTMP_HELLO]) {
    await using socket = await TestSocket.open(server.port);
    socket.send(start);
    await socket.over();
  }
  assert(said(server, "Refused a connection: it does not begin with a PROXY protocol header"));
});

Deno.test("a connection without the PROXY header has its own address where it is optional", async () => {
  await using server = await proxied("optional");
  await using socket = await TestSocket.open(server.port);
  sendRequest(socket, "GET", "/live/cam.flv");
  assertEquals((await server.event("session:start")).session.remote, socket.name);
});

Deno.test("a PROXY header from somebody who is not trusted makes no address", async () => {
  await using required = await proxied("required", ["10.0.0.0/8"]);
  await using one = await TestSocket.open(required.port);
  one.send(V1);
  await one.over();
  assert(said(required, "Refused a connection: it comes from no trusted proxy, and others are not served"));
  for (const protocol of ["optional", "off"]) {
    await using server = await proxied(protocol, ["10.0.0.0/8"]);
    await using other = await TestSocket.open(server.port);
    other.send(V1);
    sendRequest(other, "GET", "/live/cam.flv");
    assertEquals((await readAnswer(other)).status, "400");
    assertEquals(server.told, []);
  }
});

Deno.test("a broken PROXY header, and one that never comes, end the connection", async () => {
  await using server = await proxied("optional");
  await using broken = await TestSocket.open(server.port);
  broken.send(`PROXY TCP4 nonsense${"x".repeat(300)}`);
  await broken.over();
  assert(said(server, "Refused a connection: its PROXY header is longer than 107 bytes"));
  await using silent = await TestSocket.open(server.port);
  silent.send("PROXY TC");
  await server.settled();
  server.clock.advance(30_000);
  await silent.over();
});

const FORWARDED: { header: string; headers: Record<string, string>; remote?: string }[] = [
  { header: "x-forwarded-for", headers: { "X-Forwarded-For": "1.1.1.1, 203.0.113.9" }, remote: "203.0.113.9:0" },
  { header: "x-forwarded-for", headers: { "Forwarded": "for=203.0.113.9" } },
  { header: "forwarded", headers: { "Forwarded": 'for="[2001:db8::1]:7"' }, remote: "[2001:db8::1]:7" },
  { header: "forwarded", headers: { "X-Forwarded-For": "203.0.113.9" } },
  { header: "off", headers: { "X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9" } },
];

for (const { header, headers, remote } of FORWARDED) {
  const names = Object.keys(headers).join(" and ");
  Deno.test(`${names} of a trusted proxy ${remote ? "counts" : "does not count"} where it is ${header} that counts`, async () => {
    await using server = await proxied("off", ["127.0.0.1"], { header });
    for (const more of [{}, UPGRADE]) {
      await using socket = await TestSocket.open(server.port);
      const before = server.told.filter(({ name }) => name === "session:start").length;
      sendRequest(socket, "GET", "/live/cam.flv", { ...headers, ...more });
      const is = () => server.told.filter(({ name }) => name === "session:start")[before];
      await server.heard(() => is() !== undefined);
      const told = is();
      assertEquals(told.name === "session:start" && told.event.session.remote, remote ?? socket.name);
    }
  });
}

Deno.test("each request of one connection has the address that its own header names", async () => {
  await using server = await TestServer.start({
    plugins: [auth({ publish: { allowIps: ["203.0.113.9"] } })],
    config: { proxy: { trusted: ["127.0.0.1"] } },
  });
  await using socket = await TestSocket.open(server.port);
  const statuses: string[] = [];
  for (const ip of ["203.0.113.8", "203.0.113.9", "203.0.113.7"]) {
    sendRequest(socket, "POST", "/live/cam", { "X-Forwarded-For": ip, "Content-Length": "0" });
    statuses.push((await readAnswer(socket)).status);
  }
  assertEquals(statuses, ["403", "400", "403"]);
});

Deno.test("an X-Forwarded-For from somebody who is not trusted makes no address", async () => {
  await using server = await TestServer.start({ config: { proxy: { trusted: ["10.0.0.0/8"] } } });
  await using socket = await TestSocket.open(server.port);
  sendRequest(socket, "GET", "/live/cam.flv", { "X-Forwarded-For": "203.0.113.9" });
  assertEquals((await server.event("session:start")).session.remote, socket.name);
});

Deno.test("the API takes nobody for local whom a proxy names, not even with this machine's address", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    await using server = await TestServer.start({
      late: [api()],
      config: { dataDir, proxy: { trusted: ["127.0.0.1"], protocol: "optional" } },
    });
    const starts = ["", "PROXY TCP4 127.0.0.1 127.0.0.1 5000 80\r\n", "PROXY TCP4 203.0.113.9 192.0.2.1 5000 80\r\n"];
    const statuses: (number | undefined)[] = [];
    for (const start of starts) {
      await using socket = await TestSocket.open(server.port);
      socket.send(start);
      sendRequest(socket, "GET", "/api/v1/server", { Connection: "close" });
      statuses.push((await readHead(socket))?.status);
    }
    assertEquals(statuses, [200, 401, 401]);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("connections from one address are counted behind the proxy, and the proxy's own are not", async () => {
  await using server = await TestServer.start({
    config: { limits: { connectionsPerAddress: 2 }, proxy: { trusted: ["127.0.0.1"], protocol: "optional" } },
  });
  const from = async (ip: string) => {
    const socket = await TestSocket.open(server.port);
    socket.send(`PROXY TCP4 ${ip} 192.0.2.1 5000 80\r\n`);
    sendRequest(socket, "GET", "/nothing/here/at/all");
    return { socket, status: (await readAnswer(socket)).status };
  };
  const all = [
    await from("203.0.113.1"),
    await from("203.0.113.1"),
    await from("203.0.113.1"),
    await from("203.0.113.2"),
  ];
  assertEquals(all.map(({ status }) => status), ["404", "404", "429", "404"]);
  for (const { socket } of all) await socket.cut();
  const own = await Promise.all(Array.from({ length: 5 }, () => TestSocket.open(server.port)));
  for (const socket of own) {
    sendRequest(socket, "GET", "/nothing/here/at/all");
    assertEquals((await readAnswer(socket)).status, "404");
  }
  for (const socket of own) await socket.cut();
});

function said(server: TestServer, words: string): boolean {
  return server.logged.some(({ message }) => message.join("") === words);
}

/** A proxy in front of a server's RTMP port: says a header, then passes everything on. */
class Tunnel implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #conns: Deno.TcpConn[] = [];
  readonly #piping: Promise<unknown>;

  private constructor(listener: Deno.TcpListener, port: number, header: Uint8Array) {
    this.#listener = listener;
    this.#piping = this.#serve(port, header);
  }

  static open(server: TestServer, header: Uint8Array): Promise<Tunnel> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return Promise.resolve(new Tunnel(listener, server.server.address("rtmp").port, header));
  }

  /** The server, as those see it who come through here. */
  seenAs({ server }: TestServer): TestServer {
    const port = this.#listener.addr.port;
    return { server: { address: () => ({ ...server.address("rtmp"), port }) } } as unknown as TestServer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) close(conn);
    await this.#piping;
  }

  async #serve(port: number, header: Uint8Array): Promise<void> {
    const outer = await this.#listener.accept();
    const inner = await Deno.connect({ hostname: "127.0.0.1", port });
    this.#conns.push(outer, inner);
    await inner.write(header);
    await Promise.allSettled([outer.readable.pipeTo(inner.writable), inner.readable.pipeTo(outer.writable)]);
  }
}

function close(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch {
    // It has been closed with the stream that it was read through.
  }
}
