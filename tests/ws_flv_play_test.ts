import { assert, assertEquals } from "@std/assert";
import type { MediaPacket } from "../media/packet.ts";
import { assertDecodable } from "./support/packets.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { StrictFlv } from "./support/transports/strict_flv.ts";
import { deciding, TestServer } from "./support/test_server.ts";
import { latin1 } from "./support/test_socket.ts";
import type { TestPublisher } from "./support/transports/transport.ts";
import { httpFlvTransport } from "./support/transports/http_flv_transport.ts";
import { UPGRADE, WsClient } from "./support/transports/ws_client.ts";
import { type ServerFrame, WS } from "./support/transports/ws_frames.ts";

/** Publishes a first group of pictures. */
async function publishing(server: TestServer): Promise<TestPublisher> {
  const maker = new StreamMaker();
  const publisher = await httpFlvTransport.publish(server, "live/cam");
  const gop = maker.gop();
  publisher.write([...maker.head(), ...gop]);
  await server.received("live/cam", gop[gop.length - 1]);
  return publisher;
}

/** The next frame of this type. */
function next(client: WsClient, opcode: number): Promise<ServerFrame> {
  const { promise, resolve } = Promise.withResolvers<ServerFrame>();
  client.listen((frame) => frame.opcode === opcode && resolve(frame));
  return promise;
}

const WRONG: readonly {
  readonly name: string;
  readonly target?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
}[] = [
  { name: "another version", headers: { ...UPGRADE, "Sec-WebSocket-Version": "8" }, status: 426 },
  { name: "no version", headers: without("Sec-WebSocket-Version"), status: 426 },
  { name: "no key", headers: without("Sec-WebSocket-Key"), status: 400 },
  { name: "a key that is too short", headers: { ...UPGRADE, "Sec-WebSocket-Key": "c2hvcnQ=" }, status: 400 },
  { name: "an address with too many parts", target: "/a/live/cam.flv", headers: UPGRADE, status: 404 },
  { name: "an address with one part", target: "/cam.flv", headers: UPGRADE, status: 404 },
];

for (const { name, target = "/live/cam.flv", headers, status } of WRONG) {
  Deno.test(`a handshake with ${name} is answered with ${status}`, async () => {
    await using server = await TestServer.start();
    const { head, socket } = await WsClient.request(server.port, target, headers);
    await using _ = socket;
    assertEquals(head?.status, status);
    if (status === 426) assertEquals(head?.headers.get("sec-websocket-version"), "13");
    assertEquals(await socket.over(), "end");
    assertEquals(server.told, []);
  });
}

for (const target of ["/live/cam.flv", "/live/other"]) {
  Deno.test(`a ping on ${target} is answered with what it carried`, async () => {
    await using server = await TestServer.start();
    await using _publisher = await publishing(server);
    await using client = await WsClient.open(server.port, target);
    const pong = next(client, WS.pong);
    client.sendFrame({ opcode: WS.ping, payload: latin1("are you there") });
    assertEquals(new TextDecoder().decode((await pong).payload), "are you there");
  });
}

Deno.test("what a player sends is passed over, and a ping behind it answered", async () => {
  await using server = await TestServer.start();
  await using _publisher = await publishing(server);
  await using client = await WsClient.open(server.port, "/live/cam.flv");
  const pong = next(client, WS.pong);
  client.send(latin1("anything"));
  client.sendFrame({ opcode: WS.pong });
  client.sendFrame({ opcode: WS.ping });
  assertEquals((await pong).payload.length, 0);
  assertEquals([...server.server.sessions].length, 2);
});

const CLOSES: readonly { readonly code?: number; readonly answer: string }[] = [
  { code: 1000, answer: "1000" },
  { answer: "1000" },
  { code: 1001, answer: "1001" },
];

for (const { code, answer } of CLOSES) {
  Deno.test(`a player that closes with ${code ?? "no code"} is answered, and has left`, async () => {
    await using server = await TestServer.start();
    await using publisher = await publishing(server);
    await using client = await WsClient.open(server.port, "/live/cam.flv");
    await next(client, WS.binary);
    client.close(code);
    const maker = new StreamMaker({ seed: 1, startMs: 400 });
    publisher.write(maker.gop());
    assertEquals((await client.over()).status, answer);
    assertEquals(await client.disconnected(), "end");
    assertEquals((await server.event("play:end")).reason, "left");
  });
}

Deno.test("a player that sends text is closed with 1003, and nothing follows", async () => {
  await using server = await TestServer.start();
  await using publisher = await publishing(server);
  await using client = await WsClient.open(server.port, "/live/cam.flv");
  await next(client, WS.binary);
  client.sendFrame({ opcode: WS.text, payload: latin1("hello") });
  publisher.write(new StreamMaker({ seed: 1, startMs: 400 }).gop());
  assertEquals((await client.over()).status, "1003");
  assertEquals(await client.disconnected(), "end");
  assertEquals((await server.event("play:end")).reason, "protocol-error");
});

Deno.test("a player that closes while it waits for its stream has left", async () => {
  await using server = await TestServer.start();
  await using client = await WsClient.open(server.port, "/live/none.flv");
  await server.awaited("live/none");
  client.close(1000);
  assertEquals((await client.over()).status, "1000");
  assertEquals((await server.event("session:end")).reason, "left");
  await server.settled();
  assertEquals(server.server.streams.size, 0);
});

for (const [name, frame] of Object.entries({ "sends text": { opcode: WS.text }, "closes": { opcode: WS.close } })) {
  Deno.test(`a player that ${name} while it is decided on plays nothing`, async () => {
    const decision = Promise.withResolvers<void>();
    const slow = deciding((ctx) => ctx.decide("connect", () => decision.promise));
    await using server = await TestServer.start({ plugins: [slow] });
    await using client = await WsClient.open(server.port, "/live/cam.flv");
    client.answersClose = false;
    client.sendFrame(frame);
    await client.over();
    decision.resolve();
    await server.event("session:end");
    assertEquals(server.told.map((told) => told.name), ["session:start", "session:end"]);
  });
}

Deno.test("a long reason is cut at a character's border", async () => {
  await using server = await TestServer.start();
  await using _publisher = await publishing(server);
  await using client = await WsClient.open(server.port, "/live/cam.flv");
  const { session } = await server.event("play:start");
  session.close("kicked", "é".repeat(100));
  assertEquals(await client.over(), { status: "4403", message: "é".repeat(61) });
});

Deno.test("a browser's WebSocket plays", async () => {
  await using server = await TestServer.start();
  await using publisher = await publishing(server);
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live/cam.flv`);
  socket.binaryType = "arraybuffer";
  const flv = new StrictFlv();
  const packets: MediaPacket[] = [];
  const key = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<CloseEvent>();
  socket.onmessage = ({ data }) => {
    packets.push(...flv.read(new Uint8Array(data)));
    if (packets.some(({ role }) => role === "key")) key.resolve();
  };
  socket.onclose = closed.resolve;
  await key.promise;
  await publisher.end();
  const { code, reason, wasClean } = await closed.promise;
  assertEquals({ code, reason, wasClean }, { code: 1000, reason: "the stream ended", wasClean: true });
  assert(flv.isWhole);
  assertDecodable(packets);
});

function without(name: string): Record<string, string> {
  const headers: Record<string, string> = { ...UPGRADE };
  delete headers[name];
  return headers;
}
