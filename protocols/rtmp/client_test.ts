import { assert, assertEquals, assertLess, assertNotMatch, assertRejects, assertThrows } from "@std/assert";
import { createServer as createTlsServer } from "node:tls";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { eventually, turn } from "../../tests/support/eventually.ts";
import { assertSamePackets, frames } from "../../tests/support/packets.ts";
import { packetsOf, StreamMaker } from "../../tests/support/stream_maker.ts";
import { TestServer } from "../../tests/support/test_server.ts";
import { parseRtmpAddress } from "./client/client_address.ts";
import { ClientConnection } from "./client/client_connection.ts";
import { RtmpClientError, type RtmpClientOptions, RtmpPlayClient, RtmpPublishClient } from "./client.ts";
import type { ServerEvent } from "./server/server_events.ts";
import { TEST_CERTIFICATE, TEST_KEY } from "./testing_tls.ts";
import { type Answering, Peer } from "./testing_peer.ts";

const PICTURE: MediaPacket = packetsOf(new StreamMaker().gop())[0];

Deno.test("what one client publishes another plays, until the publisher closes", async () => {
  await using server = await TestServer.start();
  const url = `rtmp://127.0.0.1:${server.server.address("rtmp").port}/live/cam`;
  const maker = new StreamMaker();
  const sent = packetsOf([...maker.head(), ...maker.gop()]);
  const playing = RtmpPlayClient.connect(url);
  await server.awaited("live/cam");
  await using publisher = await RtmpPublishClient.connect(url);
  await using player = await playing;
  for (const packet of sent) await publisher.write(packet);
  await publisher.close();
  const received: MediaPacket[] = [];
  for await (const packet of player) received.push(packet);
  assertSamePackets(frames(received), frames(sent));
  assertEquals((await publisher.closed).code, "left");
  assertEquals((await player.closed).code, "NetStream.Play.UnpublishNotify");
});

Deno.test("a refused client hears the server's words, without its key, and is gone", async () => {
  await using server = await TestServer.start();
  const url = `rtmp://127.0.0.1:${server.server.address("rtmp").port}/live/c.m?key=swordfish`;
  const refused = await assertRejects(() => RtmpPublishClient.connect(url), RtmpClientError);
  assertEquals(refused.code, "NetStream.Publish.BadName");
  assertNotMatch(refused.message, /swordfish/);
  assertEquals(
    (await assertRejects(() => RtmpPlayClient.connect(url), RtmpClientError)).code,
    "NetStream.Play.StreamNotFound",
  );
});

Deno.test("an address that is none is refused before anything is connected", async () => {
  await assertRejects(() => RtmpPlayClient.connect("http://localhost/live/cam"), TypeError, "not one of RTMP");
  await assertRejects(() => RtmpPublishClient.connect("rtmp://localhost/live"), TypeError, "names no host");
});

Deno.test("a server that cannot be reached is named", async () => {
  await using server = await Peer.listen(() => {});
  const { address, port } = server;
  await server[Symbol.asyncDispose]();
  const error = await assertRejects(() => RtmpPlayClient.connect(address), RtmpClientError);
  assertEquals(error.code, "unreachable");
  assert(error.message.startsWith(`Cannot connect to 127.0.0.1:${port}: `), error.message);
});

Deno.test("a server that goes during the handshake is lost", async () => {
  await using server = await Peer.listen((socket) => socket.destroy());
  const error = await assertRejects(() => RtmpPlayClient.connect(server.address), RtmpClientError);
  assertEquals(error.code, "lost");
});

Deno.test("a server that closes instead of answering is lost, and the error says what was missing", async () => {
  await using server = await Peer.rtmp(({ type }, _machine, socket) => {
    if (type === "publish") socket.end();
    return type === "connect";
  });
  const error = await assertRejects(() => RtmpPublishClient.connect(server.address), RtmpClientError);
  assertEquals(error.code, "lost");
  assert(error.message.endsWith("closed the connection while publish was not answered"), error.message);
});

const SILENCES: readonly { name: string; last?: ServerEvent["type"]; says: string }[] = [
  { name: "the handshake", says: "the handshake was not complete after 500 ms" },
  { name: "connect", last: "connect", says: "connect was not answered after 500 ms" },
  { name: "play", last: "play", says: "play was not answered after 500 ms" },
];

for (const { name, last, says } of SILENCES) {
  Deno.test(`a server that does not answer ${name} is given up`, async () => {
    const asked = Promise.withResolvers<void>();
    const answer: Answering = ({ type }) => {
      if (type === last) asked.resolve();
      return type !== last;
    };
    await using server = last
      ? await Peer.rtmp(answer)
      : await Peer.listen((socket) => socket.once("data", () => asked.resolve()));
    const clock = new FakeClock();
    const connecting = RtmpPlayClient.connect(server.address, { timeoutMs: 500, clock });
    const words = `Cannot play from 127.0.0.1:${server.port}: ${says}`;
    const refused = assertRejects(() => connecting, RtmpClientError, words);
    await asked.promise;
    await turn();
    clock.advance(500);
    assertEquals((await refused).code, "timeout");
    assertEquals(clock.pending, 0);
  });
}

Deno.test("a server that speaks another protocol is told so", async () => {
  await using server = await Peer.listen((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const error = await assertRejects(() => RtmpPlayClient.connect(server.address), RtmpClientError, "which is HTTP");
  assertEquals(error.code, "protocol");
});

Deno.test("a server that sends elsewhere is heard, and the address stands apart from the words", async () => {
  const redirect = "rtmp://elsewhere/live/cam?key=swordfish";
  await using server = await Peer.rtmp((_event, machine) => {
    machine.rejectConnect("try there", redirect);
    return false;
  });
  const error = await assertRejects(() => RtmpPlayClient.connect(server.address), RtmpClientError, "try there");
  assertEquals([error.code, error.redirect], ["NetConnection.Connect.Rejected", redirect]);
  assertNotMatch(error.message, /swordfish/);
});

Deno.test("connecting is given up by a signal that was aborted before, or is aborted meanwhile", async () => {
  await using server = await Peer.listen(() => {});
  const reason = new RangeError("enough");
  await assertRejects(() => RtmpPlayClient.connect(server.address, { signal: AbortSignal.abort(reason) }), RangeError);
  assertEquals(server.connections, 0);
  const controller = new AbortController();
  const connecting = RtmpPlayClient.connect(server.address, { signal: controller.signal });
  const refused = assertRejects(() => connecting, RangeError, "enough");
  await server.connected;
  controller.abort(reason);
  await refused;
});

Deno.test("aborting the signal later cuts the connection", async () => {
  await using server = await Peer.rtmp();
  const controller = new AbortController();
  const client = await RtmpPublishClient.connect(server.address, { signal: controller.signal });
  controller.abort();
  assertEquals((await client.closed).code, "left");
  assertThrows(() => client.write(PICTURE), RtmpClientError);
  await server.gone;
});

Deno.test("a client that has ended holds on to no signal", async () => {
  await using server = await Peer.rtmp();
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  signal.addEventListener = (_type: string, listener: unknown) => void listeners.add(listener);
  signal.removeEventListener = (_type: string, listener: unknown) => void listeners.delete(listener);
  const client = await RtmpPublishClient.connect(server.address, { signal });
  assertEquals(listeners.size, 1);
  await client.close();
  assertEquals(listeners.size, 0);
});

Deno.test("a client that is ready has all the time in the world", async () => {
  await using server = await Peer.rtmp();
  const clock = new FakeClock();
  await using client = await RtmpPublishClient.connect(server.address, { timeoutMs: 500, clock });
  assertEquals(clock.pending, 0);
  assertEquals(client.write(PICTURE), undefined);
});

Deno.test("a publisher that closes says goodbye behind all that it has written", async () => {
  const told: ServerEvent[] = [];
  await using server = await Peer.rtmp((event) => {
    told.push(event);
    return true;
  });
  const client = await RtmpPublishClient.connect(server.address);
  for (let i = 0; i < 100; i++) client.write(PICTURE);
  await client.close();
  assertEquals(told.map(({ type }) => type), ["connect", "publish", ...Array(100).fill("media"), "unpublish"]);
  await client.close();
});

Deno.test("a publisher whose server vanishes hears it, and can write no more", async () => {
  await using server = await Peer.rtmp();
  await using client = await RtmpPublishClient.connect(server.address);
  server.cut();
  const { code, message } = await client.closed;
  assertEquals(code, "lost");
  assertThrows(() => client.write(PICTURE), RtmpClientError, message);
});

Deno.test("a client that fails takes nobody with it", async () => {
  await using server = await Peer.rtmp();
  const fail = () => {
    throw new RangeError("a bad day");
  };
  const connection = await ClientConnection.open("play", parseRtmpAddress(server.address), {}, fail);
  server.play(PICTURE);
  const { code, message } = await connection.closed;
  assertEquals(code, "error");
  assert(message.endsWith("failed: a bad day"), message);
});

Deno.test("a client that cuts its connection says no goodbye", async () => {
  const told: string[] = [];
  await using server = await Peer.rtmp(({ type }) => {
    told.push(type);
    return true;
  });
  const publisher = await RtmpPublishClient.connect(server.address);
  publisher.destroy();
  assertEquals((await publisher.closed).code, "left");
  await server.gone;
  assertEquals(told, ["connect", "publish"]);
  const player = await RtmpPlayClient.connect(server.address);
  const next = player[Symbol.asyncIterator]().next();
  player.destroy();
  assertEquals(await next, { done: true, value: undefined });
});

Deno.test("a publisher that the server ends hears the server's words", async () => {
  await using server = await Peer.rtmp();
  await using client = await RtmpPublishClient.connect(server.address);
  server.say((machine) => machine.rejectPublish(1, "NetStream.Unpublish.Success", "another publisher took over"));
  const { code, message } = await client.closed;
  assertEquals(code, "NetStream.Unpublish.Success");
  assert(message.includes("ended the stream: another publisher took over"), message);
});

Deno.test("a publisher waits for a server that does not read, and goes on when it does", async () => {
  await using server = await Peer.rtmp();
  await using client = await RtmpPublishClient.connect(server.address);
  server.pause();
  const large = { ...PICTURE, body: new Uint8Array(256 * 1024) };
  let waiting: Promise<void> | undefined;
  for (let i = 0; i < 1000 && !waiting; i++) {
    waiting = client.write(large);
    await turn();
  }
  assert(waiting, "no write had to wait");
  server.resume();
  await waiting;
  assertEquals(client.write(PICTURE), undefined);
  server.pause();
  let isHeldUp = false;
  for (let i = 0; i < 1000 && !isHeldUp; i++) {
    const again = client.write(large);
    isHeldUp = again !== undefined;
    again?.then(() => isHeldUp = false);
    // What the system takes in a moment later was no reason to wait.
    for (let turns = 0; turns < 20 && isHeldUp; turns++) await turn();
    if (!again) await turn();
  }
  assert(isHeldUp, "a second wait was none");
  server.resume();
});

Deno.test("a publisher that waits is let go when the connection ends", async () => {
  await using server = await Peer.rtmp();
  await using client = await RtmpPublishClient.connect(server.address);
  server.pause();
  const large = { ...PICTURE, body: new Uint8Array(256 * 1024) };
  let waiting: Promise<void> | undefined;
  for (let i = 0; i < 1000 && !waiting; i++) {
    waiting = client.write(large);
    await turn();
  }
  server.cut();
  await waiting;
  await client.closed;
  assertThrows(() => client.write(PICTURE), RtmpClientError);
});

Deno.test("closing cuts off a server that reads nothing more", async () => {
  await using server = await Peer.rtmp();
  const clock = new FakeClock();
  const client = await RtmpPublishClient.connect(server.address, { clock });
  server.pause();
  const large = { ...PICTURE, body: new Uint8Array(256 * 1024) };
  while (!client.write(large)) await turn();
  const closing = client.close();
  await turn();
  clock.advance(10_000);
  await closing;
  assertEquals(clock.pending, 0);
});

Deno.test("a player that leaves its loop has left", async () => {
  await using server = await Peer.rtmp();
  const client = await RtmpPlayClient.connect(server.address);
  server.play(PICTURE);
  for await (const packet of client) {
    assertSamePackets([packet], [PICTURE]);
    break;
  }
  assertEquals((await client.closed).code, "left");
  await server.gone;
});

Deno.test("a player whose server vanishes reads what has come, and then hears it", async () => {
  await using server = await Peer.rtmp();
  await using client = await RtmpPlayClient.connect(server.address);
  server.play(PICTURE);
  const packets = client[Symbol.asyncIterator]();
  assertSamePackets([(await packets.next()).value as MediaPacket], [PICTURE]);
  const waiting = assertRejects(() => packets.next(), RtmpClientError);
  server.cut();
  assertEquals((await waiting).code, "lost");
  await assertRejects(() => packets.next(), RtmpClientError);
});

Deno.test("a player's stream may be over while the connection is not", async () => {
  await using server = await Peer.rtmp();
  await using client = await RtmpPlayClient.connect(server.address);
  server.play(PICTURE);
  server.say((machine) => machine.endPlay(1, "the stream ended"));
  let packets = 0;
  for await (const _ of client) packets++;
  assertEquals(packets, 1);
  assertEquals((await client.closed).code, "NetStream.Play.UnpublishNotify");
});

Deno.test("a player that reads slowly leaves the rest with the server", async () => {
  await using server = await Peer.rtmp();
  await using client = await RtmpPlayClient.connect(server.address);
  const frame = { ...PICTURE, body: new Uint8Array(64 * 1024).fill(0x17) };
  // Twice what systems hold between two sockets, and more.
  const sent = 1200;
  for (let i = 0; i < sent; i++) server.play(frame);
  await untilStill(server);
  assertLess(8 * 1024 * 1024, server.unread, "the client took in what nobody had read");
  let read = 0;
  for await (const packet of client) {
    assertEquals(packet.body.length, frame.body.length);
    if (++read === sent) break;
  }
});

Deno.test("32-bit timestamps are unwrapped", async () => {
  await using server = await Peer.rtmp();
  await using client = await RtmpPlayClient.connect(server.address);
  for (const ms of [2 ** 32 - 40, 2 ** 32, 2 ** 32 + 40]) server.play({ ...PICTURE, dts: ms * 1000 });
  const times: number[] = [];
  for await (const { dts } of client) if (times.push(dts / 1000) === 3) break;
  assertEquals(times, [2 ** 32 - 40, 2 ** 32, 2 ** 32 + 40]);
});

Deno.test("a client speaks through TLS, and trusts whom it should", async () => {
  await using server = await Peer.rtmp(undefined, tlsServer());
  const address = server.address.replace("rtmp:", "rtmps:");
  const client = await RtmpPublishClient.connect(address, { tls: { ca: TEST_CERTIFICATE } });
  await client.close();
  const error = await assertRejects(() => RtmpPublishClient.connect(address), RtmpClientError);
  assertEquals(error.code, "unreachable");
});

Deno.test("plain RTMP on a port for TLS is not waited for without end", async () => {
  await using server = await Peer.rtmp(undefined, tlsServer());
  const options: RtmpClientOptions = { timeoutMs: 2000 };
  await assertRejects(() => RtmpPublishClient.connect(server.address, options), RtmpClientError);
});

function tlsServer() {
  return createTlsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE });
}

/** Waits until nothing moves any more between a server and its client. */
async function untilStill(server: Peer): Promise<void> {
  let last = -1;
  let still = 0;
  await eventually(() => {
    still = server.unread === last ? still + 1 : 0;
    last = server.unread;
    return still > 50;
  }, "the connection did not come to rest");
}
