import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { definePlugin } from "../kernel/plugin/plugin.ts";
import { RtmpClientError, RtmpPlayClient, RtmpPublishClient } from "../protocols/rtmp/client.ts";
import { metrics } from "../plugins/metrics/plugin.ts";
import { eventually } from "./support/eventually.ts";
import { hasBodyOf } from "./support/packets.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { Refused, type TransportUnderTest } from "./support/transports/transport.ts";
import { readHead } from "./support/http_exchange.ts";
import { TestSocket } from "./support/test_socket.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

async function refusal(asking: Promise<AsyncDisposable>): Promise<Refused> {
  return await assertRejects(() => asking, Refused);
}

/** Publishes a stream and waits until it is there. */
async function live(server: TestServer, transport: TransportUnderTest, path: string) {
  const maker = new StreamMaker();
  const publisher = await transport.publish(server, path);
  publisher.write([...maker.head(), ...maker.gop()]);
  await server.event("stream:start", ({ stream }) => stream.id === path);
  return { publisher, maker };
}

for (const transport of TRANSPORTS) {
  const { name, refused } = transport;

  Deno.test(`${name}: no more streams than may be, until one has ended`, async () => {
    await using server = await TestServer.start({ config: { limits: { streams: 1 } } });
    const { publisher } = await live(server, transport, "live/one");
    const { status, message } = await refusal(transport.publish(server, "live/two"));
    assertEquals(status, refused.publish.limit);
    assertMatch(message, /Cannot publish live\/two: all 1 streams of this server are in use/);
    assertEquals(server.server.streams.size, 1);
    await publisher.end();
    await server.event("stream:end");
    await using _next = await transport.publish(server, "live/two");
  });

  Deno.test(`${name}: no more players of a stream than may be, and its own number where a rule says so`, async () => {
    await using server = await TestServer.start({
      config: { limits: { viewersPerStream: 1 }, streams: { "live/vip*": { viewers: 2 } } },
    });
    for (const [path, most] of [["live/cam", 1], ["live/vip1", 2]] as const) {
      const { publisher } = await live(server, transport, path);
      await using _publisher = publisher;
      const players = [];
      for (let count = 0; count < most; count++) players.push(await transport.play(server, path));
      const { status, message } = await refusal(transport.play(server, path));
      assertEquals(status, refused.play.limit);
      assertMatch(message, new RegExp(`Cannot play ${path}: it has its ${most} players`));
      await players[0][Symbol.asyncDispose]();
      await eventually(() => (server.server.streams.get(path)?.viewers ?? 0) < most, "the player did not leave");
      await using _next = await transport.play(server, path);
      for (const player of players.slice(1)) await player[Symbol.asyncDispose]();
    }
  });

  Deno.test(`${name}: no more players than the server may have`, async () => {
    await using server = await TestServer.start({ config: { limits: { viewers: 1 } } });
    const one = await live(server, transport, "live/one");
    await using _one = one.publisher;
    const two = await live(server, transport, "live/two");
    await using _two = two.publisher;
    await using _player = await transport.play(server, "live/one");
    const { status, message } = await refusal(transport.play(server, "live/two"));
    assertEquals(status, refused.play.limit);
    assertMatch(message, /Cannot play live\/two: this server has its 1 players/);
  });

  Deno.test(`${name}: a publisher that sends more than it may is sent away in words`, async () => {
    await using server = await TestServer.start({ config: { streams: { "live/slow": { publishKbps: 100 } } } });
    const maker = new StreamMaker({ keyBytes: 200_000 });
    await using publisher = await transport.publish(server, "live/slow");
    publisher.write([...maker.head(), ...maker.gop()]);
    await using other = await transport.publish(server, "live/fast");
    const fast = new StreamMaker({ keyBytes: 200_000 });
    const gop = fast.gop();
    other.write([...fast.head(), ...gop]);
    await server.event("stream:start", ({ stream }) => stream.id === "live/fast");
    await server.received("live/fast", gop[gop.length - 1]);
    server.clock.advance(1000);
    publisher.write(maker.gop());
    await eventually(() => {
      server.clock.advance(100);
      return server.told.some(({ name }) => name === "stream:end");
    }, "the publisher was not sent away");
    const { message } = await publisher.over();
    assertMatch(message, /the publisher sends more than 100 kbit\/s/);
    const { stream, reason } = await server.event("stream:end");
    assertEquals([stream.id, reason], ["live/slow", "limit"]);
    assertEquals(server.server.streams.get("live/fast")?.state, "live");
  });

  Deno.test(`${name}: no further player where the server sends what it may; later there is room again`, async () => {
    await using server = await TestServer.start({ config: { limits: { egressMbps: 1 }, publishTimeoutSeconds: 3600 } });
    const maker = new StreamMaker({ keyBytes: 500_000 });
    await using publisher = await transport.publish(server, "live/cam");
    publisher.write([...maker.head(), ...maker.gop()]);
    await server.event("stream:start");
    await using player = await transport.play(server, "live/cam");
    await player.until(({ role }) => role === "key");
    server.clock.advance(1000);
    const { status, message } = await refusal(transport.play(server, "live/cam"));
    assertEquals(status, refused.play.limit);
    assertMatch(message, /Cannot play live\/cam: this server sends its 1 Mbit\/s/);
    server.clock.advance(4000);
    await using _next = await transport.play(server, "live/cam");
  });

  Deno.test(`${name}: a server that is being emptied lets nobody in and disturbs nobody`, async () => {
    await using server = await TestServer.start();
    const { publisher, maker } = await live(server, transport, "live/cam");
    await using player = await transport.play(server, "live/cam");
    server.server.drain();
    for (const ask of [() => transport.publish(server, "live/two"), () => transport.play(server, "live/cam")]) {
      const { message } = await refusal(ask());
      assertMatch(message, /This server is being emptied and lets nobody in: try again/);
    }
    const gop = maker.gop();
    publisher.write(gop);
    await player.until(hasBodyOf(gop[gop.length - 1]));
    server.server.resume();
    await using _again = await transport.play(server, "live/cam");
    await publisher.end();
  });

  Deno.test(`${name}: those who are to leave within some seconds are told to, players before publishers`, async () => {
    await using server = await TestServer.start();
    const { publisher } = await live(server, transport, "live/cam");
    await using _publisher = publisher;
    const players = [];
    for (let count = 0; count < 3; count++) players.push(await transport.play(server, "live/cam"));
    for (const player of players) await player.until(({ role }) => role === "key");
    server.server.drain({ seconds: 4 });
    for (const left of [3, 2, 1, 0]) {
      server.clock.advance(1000);
      await eventually(() => server.server.sessions.size === left, `not ${left} sessions are left`);
    }
    assertEquals(server.told.flatMap((told) => told.name === "session:end" ? [told.event.reason] : []), [
      "shutdown",
      "shutdown",
      "shutdown",
      "shutdown",
    ]);
    for (const player of players) await player.over();
    await publisher.over();
  });
}

Deno.test("newcomers are sent to another server in their own protocol", async () => {
  await using server = await TestServer.start();
  server.server.drain({ redirect: ["rtmp://other.example:1936", "https://other.example"] });
  const [rtmp, http] = TRANSPORTS;
  const { status, message } = await refusal(http.play(server, "live/cam", { key: "k" }));
  assertEquals([status, message], ["302", "https://other.example/live/cam.flv?key=k"]);
  const error = await assertRejects(() => rtmp.publish(server, "live/cam"), Refused);
  assertMatch(error.message, /lets nobody in: another one does.*it names another address to go to/);
});

Deno.test("a plugin that denies may send to another server: over RTMP to connect, to publish and to play, over HTTP too", async () => {
  const there = "rtmp://other.example/live/cam";
  const plugin = definePlugin({
    name: "mover",
    setup(ctx) {
      for (const action of ["publish", "play"] as const) {
        ctx.decide(action, ({ session }) => ({
          deny: "It is elsewhere",
          redirect: session.protocol === "rtmp" ? there : "http://other.example/live/cam.flv",
        }));
      }
    },
  });
  await using server = await TestServer.start({ plugins: [plugin()] });
  const address = `rtmp://127.0.0.1:${server.server.address("rtmp").port}/live/cam`;
  for (const client of [RtmpPublishClient, RtmpPlayClient]) {
    const error = await assertRejects(() => client.connect(address), RtmpClientError, "It is elsewhere");
    assertEquals([error.code, error.redirect], ["NetConnection.Connect.Rejected", there]);
  }
  const [, http] = TRANSPORTS;
  for (const ask of [() => http.publish(server, "live/cam"), () => http.play(server, "live/cam")]) {
    const { status, message } = await refusal(ask());
    assertEquals([status, message], ["302", "http://other.example/live/cam.flv"]);
  }
});

for (const transport of TRANSPORTS) {
  Deno.test(`${transport.name}: who finds all connections in use hears so, and is counted`, async () => {
    const config = { limits: { connections: 1 }, metrics: { open: true } };
    await using server = await TestServer.start({ late: [metrics()], config });
    const one = await TestSocket.open(server.port);
    one.send("GET ");
    for (const action of ["publish", "play"] as const) {
      const error = await assertRejects(() => transport[action](server, "live/cam"), Error);
      if (error instanceof Refused) {
        assertEquals(error.status, transport.name === "rtmp" ? "NetConnection.Connect.Rejected" : "503");
        assertMatch(error.message, /The server is full: all 1 connections are in use/);
      } else assertMatch(error.message, /^No WebSocket: 503 /);
    }
    const text = await (await server.server.request("http://localhost/metrics")).text();
    assertMatch(text, /^sluice_connections_refused_total\{why="full"\} 2$/m);
    await one.cut();
  });
}

Deno.test("an address with too many connections hears so over RTMP, behind a proxy too", async () => {
  const config = {
    limits: { connectionsPerAddress: 1 },
    proxy: { trusted: ["127.0.0.1"], protocol: "optional" },
  };
  await using server = await TestServer.start({ config });
  const proxied = async (text: string) => {
    const socket = await TestSocket.open(server.port);
    socket.send(`PROXY TCP4 203.0.113.9 192.0.2.1 5000 80\r\n${text}`);
    return socket;
  };
  await using _one = await proxied("GET ");
  await server.settled();
  await using two = await proxied("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  assertEquals((await readHead(two))?.status, 429);
});
