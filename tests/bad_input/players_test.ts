import { assertEquals } from "@std/assert";
import { WirePeer } from "../../protocols/rtmp/testing_wire.ts";
import { eventually } from "../support/eventually.ts";
import { sendRequest } from "../support/http_exchange.ts";
import { packetsOf, StreamMaker } from "../support/stream_maker.ts";
import { hasBodyOf } from "../support/packets.ts";
import { rtmpTransport } from "../support/transports/rtmp_transport.ts";
import { TestServer } from "../support/test_server.ts";
import { TestSocket } from "../support/test_socket.ts";
import { TRANSPORTS } from "../support/transports/transports.ts";
import { UPGRADE } from "../support/transports/ws_client.ts";
import { Bystanders } from "./bystanders.ts";

const CROWD = 1000;
const STALL_MS = 5000;

/** Asks for a stream in one of the protocols, in turn. */
async function ask(server: TestServer, index: number, name: string): Promise<TestSocket> {
  if (index % 3 === 2) {
    const peer = await WirePeer.connect(server);
    peer.say((script) => script.command(0, 4, 1, "play", 0, null, name));
    return peer.socket;
  }
  const socket = await TestSocket.open(server.port);
  sendRequest(socket, "GET", `/live/${name}.flv`, index % 3 === 0 ? {} : UPGRADE);
  return socket;
}

async function crowd(server: TestServer, nameOf: (index: number) => string): Promise<TestSocket[]> {
  const sockets: TestSocket[] = [];
  for (let i = 0; i < CROWD; i += 50) {
    sockets.push(...await Promise.all(Array.from({ length: 50 }, (_, k) => ask(server, i + k, nameOf(i + k)))));
  }
  const waiting = Bystanders.sessions + CROWD;
  await eventually(() => server.server.sessions.size === waiting, "not everybody has a session");
  return sockets;
}

for (const isOne of [true, false]) {
  const what = isOne ? "one stream that never comes" : "a stream of their own that never comes";
  const nameOf = (index: number) => isOne ? "never" : `never-${index}`;

  Deno.test(`1,000 players who wait for ${what} and leave, leave nothing behind`, async () => {
    await using server = await TestServer.start({ config: { limits: { firstByteSeconds: 600 } } });
    await using bystanders = await Bystanders.start(server);
    const sockets = await crowd(server, nameOf);
    await eventually(() => server.server.streams.size === (isOne ? 2 : CROWD + 1), "not everybody waits");
    await Promise.all(sockets.map((socket) => socket.cut()));
    await bystanders.assertUnharmed();
    assertEquals(server.told.filter(({ name }) => name === "play:start").length, Bystanders.sessions - 1);
  });

  Deno.test(`1,000 players who wait for ${what} are sent away after waitSeconds`, async () => {
    await using server = await TestServer.start({
      config: { waitSeconds: 5, rtmp: { host: "127.0.0.1", port: 0, idleSeconds: 5 } },
    });
    await using bystanders = await Bystanders.start(server);
    const sockets = await crowd(server, nameOf);
    for (const socket of sockets) socket.flow(() => {});
    await eventually(() => server.server.streams.size === (isOne ? 2 : CROWD + 1), "not everybody waits");
    await bystanders.pass(10_000);
    await bystanders.assertUnharmed();
    await Promise.all(sockets.map((socket) => socket.cut()));
  });
}

for (const transport of TRANSPORTS) {
  Deno.test(`${transport.name}: a player that never reads is dropped after stallSeconds, wherever it stopped`, async () => {
    await using server = await TestServer.start({
      config: { stallSeconds: STALL_MS / 1000, buffer: { bytes: 2 ** 20 } },
    });
    await using bystanders = await Bystanders.start(server);
    await using publisher = await rtmpTransport.publish(server, "live/large");
    const maker = new StreamMaker({ keyBytes: 300_000 });
    const first = maker.gop();
    publisher.write([...maker.head(), ...first]);
    await using reading = await transport.play(server, "live/large");
    const stalled = await Promise.all([0, 1, 2].map(() => transport.play(server, "live/large")));
    for (const player of stalled) player.pause();
    const goOn = async () => {
      const gop = maker.gop();
      publisher.write(gop);
      await reading.until(hasBodyOf(packetsOf(gop.slice(-1))[0]));
    };
    for (let bytes = 0; bytes < 20_000_000; bytes += 600_000) await goOn();
    const dropped = () => server.told.filter(({ name, event }) => name === "play:end" && event.reason === "too-slow");
    // The system may still take a little for players that do not read, which counts as progress.
    for (let passed = 0; dropped().length < stalled.length && passed < 10 * STALL_MS; passed += 1000) {
      await goOn();
      await bystanders.pass(1000);
    }
    assertEquals(dropped().length, stalled.length);
    for (const player of stalled) await player[Symbol.asyncDispose]();
    await publisher.end();
    await reading.over();
    await bystanders.assertUnharmed();
  });
}
