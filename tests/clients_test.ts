import { assert, assertEquals, assertGreaterOrEqual, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { ClientError, type PullClient, type PushClient, type StreamClient } from "../kernel/sessions/client.ts";
import { FLV_HEADER_BYTES } from "../media/flv/header.ts";
import { TAG_OVERHEAD_BYTES } from "../media/flv/tag.ts";
import type { MediaPacket } from "../media/packet.ts";
import { httpFlvClient } from "../protocols/http_flv/client.ts";
import { HIGH_WATER } from "../protocols/shared/client_link.ts";
import { rtmpClient } from "../protocols/rtmp/client.ts";
import { wsFlvClient } from "../protocols/ws_flv/client.ts";
import { eventually } from "./support/eventually.ts";
import { assertSamePackets, frames } from "./support/packets.ts";
import { patiently } from "./support/patience.ts";
import { SilentServer } from "./support/silent_server.ts";
import { packetsOf, StreamMaker, type Tag } from "./support/stream_maker.ts";
import { deciding, TestServer } from "./support/test_server.ts";

/** A client and how its addresses are written. */
interface ClientUnderTest {
  readonly client: StreamClient;
  url(port: number, path: string, purpose: "push" | "pull"): string;
}

const flv = (purpose: "push" | "pull") => purpose === "pull" ? ".flv" : "";

const CLIENTS: Readonly<Record<string, ClientUnderTest>> = {
  "rtmp": { client: rtmpClient, url: (port, path) => `rtmp://127.0.0.1:${port}/${path}` },
  "http-flv": {
    client: httpFlvClient,
    url: (port, path, purpose) => `http://127.0.0.1:${port}/${path}${flv(purpose)}`,
  },
  "ws-flv": { client: wsFlvClient, url: (port, path, purpose) => `ws://127.0.0.1:${port}/${path}${flv(purpose)}` },
};

async function write(push: PushClient, tags: readonly Tag[]): Promise<void> {
  for (const packet of packetsOf(tags)) await push.write(packet);
}

/** Publishes tags, and waits until the server has them. */
async function publish(server: TestServer, push: PushClient, tags: readonly Tag[]): Promise<void> {
  await write(push, tags);
  await server.event("stream:start");
  await server.received("live/cam", tags.at(-1)!);
}

/** Reads frames until there are so many. */
async function read(pull: PullClient, count: number): Promise<MediaPacket[]> {
  const packets: MediaPacket[] = [];
  const iterator = pull[Symbol.asyncIterator]();
  while (frames(packets).length < count) {
    const { value, done } = await patiently(iterator.next(), () => `only ${packets.length} packets came`);
    if (done) break;
    packets.push(value);
  }
  return packets;
}

for (const [name, { client, url }] of Object.entries(CLIENTS)) {
  Deno.test(`${name} client: what is pushed is pulled, to the byte, and ends when the publisher has finished`, async () => {
    await using server = await TestServer.start();
    const tags = (() => {
      const maker = new StreamMaker();
      return [...maker.head(), ...maker.gops(3)];
    })();
    const push = await client.push(url(server.port, "live/cam", "push"));
    await publish(server, push, tags);
    const pull = await client.pull(url(server.port, "live/cam", "pull"));
    const gop = tags.slice(-frames(packetsOf(tags)).length / 3);
    const got = frames(await read(pull, 1));
    await push.close();
    for await (const packet of pull) got.push(packet);
    const expected = frames(packetsOf(gop));
    assertSamePackets(frames(got), expected);
    assertEquals((await push.closed).code, "left");
    await pull.closed;
  });

  Deno.test(`${name} client: a refusal to play comes in the server's words, without the key`, async () => {
    const plugin = deciding((ctx) => ctx.decide("play", () => ({ deny: "The key of-the-player is too old" })));
    await using server = await TestServer.start({ plugins: [plugin] });
    await using push = await client.push(url(server.port, "live/cam", "push"));
    await write(push, new StreamMaker().head());
    const address = `${url(server.port, "live/cam", "pull")}?key=of-the-player`;
    const error = await assertRejects(() => client.pull(address), ClientError);
    assertMatch(error.message, /The key \*\*\* is too old/);
    assert(error.isRefusal, error.code);
  });

  Deno.test(`${name} client: a refusal to publish ends the connection in the server's words`, async () => {
    const plugin = deciding((ctx) => ctx.decide("publish", () => ({ deny: "Not on Mondays" })));
    await using server = await TestServer.start({ plugins: [plugin] });
    const trying = async () => {
      await using push = await client.push(url(server.port, "live/cam", "push"));
      const { message, code } = await push.closed;
      throw new ClientError(code, message);
    };
    const error = await assertRejects(trying, ClientError, "Not on Mondays");
    assert(error.isRefusal, error.code);
  });

  Deno.test(`${name} client: a server that is not there, and one that says nothing, are told apart`, async () => {
    await using silent = await SilentServer.listen();
    for (const purpose of ["push", "pull"] as const) {
      const dead = await assertRejects(() => client[purpose](url(1, "live/cam", purpose)), ClientError);
      assertEquals([dead.code, dead.isRefusal], ["unreachable", false]);
      if (name === "http-flv" && purpose === "push") continue;
      const address = url(silent.port, "live/cam", purpose);
      const late = await assertRejects(() => client[purpose](address, { timeoutMs: 50 }), ClientError);
      assertEquals([late.code, late.isRefusal], ["timeout", false]);
    }
  });

  Deno.test(`${name} client: aborting gives up, before and after the server has accepted`, async () => {
    await using silent = await SilentServer.listen();
    const early = new AbortController();
    const connecting = client.pull(url(silent.port, "live/cam", "pull"), { signal: early.signal });
    await silent.visited;
    early.abort(new Error("enough"));
    await assertRejects(() => connecting, Error, "enough");
    await using server = await TestServer.start();
    await using push = await client.push(url(server.port, "live/cam", "push"));
    const maker = new StreamMaker();
    const tags = [...maker.head(), ...maker.gop()];
    await publish(server, push, tags);
    const late = new AbortController();
    const pull = await client.pull(url(server.port, "live/cam", "pull"), { signal: late.signal });
    late.abort();
    assertEquals((await pull.closed).code, "left");
    await eventually(() => server.server.streams.get("live/cam")?.viewers === 0, "the server still counts it");
  });

  Deno.test(`${name} client: a connection that breaks is told apart from an end`, async () => {
    await using server = await TestServer.start();
    await using push = await client.push(url(server.port, "live/cam", "push"));
    const maker = new StreamMaker();
    const tags = [...maker.head(), ...maker.gop()];
    await publish(server, push, tags);
    await using proxy = await CuttingProxy.before(server.port);
    const pull = await client.pull(url(proxy.port, "live/cam", "pull"));
    proxy.cut();
    const reading = async () => {
      for await (const _ of pull);
    };
    // A live answer of HTTP has no length: it ends with its connection, whoever ended that.
    if (name === "http-flv") return await reading();
    const error = await assertRejects(reading, ClientError);
    assertEquals([error.code, error.isRefusal], ["lost", false]);
  });

  Deno.test(`${name} client: a reader that takes nothing lets the server wait, and loses nothing`, async () => {
    await using server = await TestServer.start({ config: { buffer: { bytes: 2 ** 28, seconds: 300 } } });
    await using push = await client.push(url(server.port, "live/cam", "push"));
    const maker = new StreamMaker({ keyBytes: 400_000 });
    const first = maker.gop();
    await publish(server, push, [...maker.head(), ...first]);
    const pull = await client.pull(url(server.port, "live/cam", "pull"));
    const rest = maker.gops(40);
    await publish(server, push, rest);
    await push.close();
    assertSamePackets(frames(await Array.fromAsync(pull)), frames(packetsOf([...first, ...rest])));
  });
}

Deno.test("http-flv client: redirections are followed, but not for ever", async () => {
  const plugin = deciding((ctx) => {
    ctx.http.get("/old/:name", (c) => c.redirect(`/live/${c.req.param("name")}`, 302));
    ctx.http.get("/round", (c) => c.redirect("/round", 302));
  });
  await using server = await TestServer.start({ plugins: [plugin] });
  await using push = await httpFlvClient.push(`http://127.0.0.1:${server.port}/live/cam`);
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gop()];
  await publish(server, push, tags);
  await using pull = await httpFlvClient.pull(`http://127.0.0.1:${server.port}/old/cam.flv`);
  assert((await read(pull, 1)).length > 0);
  const round = await assertRejects(() => httpFlvClient.pull(`http://127.0.0.1:${server.port}/round`), ClientError);
  assertEquals(round.code, "protocol");
});

Deno.test("http-flv client: a server that says yes before it has read anything gets all of it", async () => {
  const { promise: received, resolve } = Promise.withResolvers<number>();
  const server = createHttpServer((request, response) => {
    response.writeHead(200).flushHeaders();
    let bytes = 0;
    request.on("data", (piece: Uint8Array) => bytes += piece.length);
    request.on("end", () => {
      resolve(bytes);
      response.destroy();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => listening()));
  const { port } = server.address() as AddressInfo;
  const push = await httpFlvClient.push(`http://127.0.0.1:${port}/live/cam`);
  const maker = new StreamMaker();
  let sent = 0;
  for (const gop of [maker.head(), maker.gop(), maker.gop()]) {
    await write(push, gop);
    sent += gop.reduce((sum, { body }) => sum + body.length + TAG_OVERHEAD_BYTES, 0);
    await new Promise((turn) => setTimeout(turn));
  }
  await push.close();
  assertEquals(await patiently(received, () => "the upload does not end"), sent + FLV_HEADER_BYTES + 4);
  assertEquals((await push.closed).code, "left");
  server.close();
});

Deno.test("http-flv client: a server that says yes while the end of an upload is still on its way gets that too", async () => {
  const { promise: connection, resolve: connected } = Promise.withResolvers<Socket>();
  const server = createServer({ pauseOnConnect: true }, connected);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => listening()));
  const { port } = server.address() as AddressInfo;
  const push = await httpFlvClient.push(`http://127.0.0.1:${port}/live/cam`);
  const [header] = packetsOf(new StreamMaker().head());
  const large = { ...header, body: new Uint8Array(HIGH_WATER), data: new Uint8Array(HIGH_WATER) };
  let written = 0;
  const socket = await connection;
  // Until what the system takes in is full, whatever that is.
  for (let isFull = false; !isFull && written < 256 * HIGH_WATER; written += large.body.length) {
    const room = push.write(large);
    await new Promise((turn) => setTimeout(turn));
    isFull = room !== undefined &&
      !await Promise.race([room.then(() => true), new Promise((turn) => setTimeout(turn, 50, false))]);
  }
  const closing = push.close();
  let received = 0;
  const over = new Promise((end) =>
    socket.on("data", (bytes: Uint8Array) => {
      received += bytes.length;
      if (new TextDecoder().decode(bytes.slice(-5)) === "0\r\n\r\n") end(socket.end());
    }).on("close", end)
  );
  socket.pause();
  await new Promise((sent) => socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", sent));
  for (let turns = 0; turns < 20; turns++) await new Promise((turn) => setTimeout(turn, 1));
  socket.resume();
  await patiently(over, () => "the upload does not end");
  assertGreaterOrEqual(received, written);
  await closing;
  assertEquals((await push.closed).code, "left");
  server.close();
});

Deno.test("an address of another kind is refused, and not shown", async () => {
  for (const { client } of Object.values(CLIENTS)) {
    for (const address of ["gopher://user:secret@here/live/cam?key=secret", "no address with a secret"]) {
      const error = await client.pull(address).catch((error) => error);
      assertInstanceOf(error, TypeError);
      assert(!error.message.includes("secret"), error.message);
    }
  }
});

/** Passes connections on until it cuts them. */
class CuttingProxy implements AsyncDisposable {
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();

  static async before(port: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy();
    const { connect } = await import("node:net");
    proxy.#server.on("connection", (near) => {
      const far = connect({ host: "127.0.0.1", port });
      for (const socket of [near, far]) {
        proxy.#sockets.add(socket);
        socket.on("error", () => {});
      }
      near.pipe(far);
      far.pipe(near);
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    proxy.#server.listen({ host: "127.0.0.1", port: 0 }, resolve);
    await promise;
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.cut();
    await promise;
  }
}
