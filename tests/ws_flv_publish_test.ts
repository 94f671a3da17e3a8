import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { concat } from "../media/bytes.ts";
import type { MediaPacket } from "../media/packet.ts";
import { MAX_MESSAGE_BYTES, MAX_PIECES } from "../protocols/ws_flv/connection.ts";
import { flvFile } from "./support/transports/flv_bytes.ts";
import { eventually } from "./support/eventually.ts";
import { assertSamePackets } from "./support/packets.ts";
import { packetsOf, StreamMaker } from "./support/stream_maker.ts";
import { deciding, keepingPackets, TestServer } from "./support/test_server.ts";
import { latin1 } from "./support/test_socket.ts";
import { cutAt } from "./support/upload.ts";
import { WsClient } from "./support/transports/ws_client.ts";
import { clientClose, type ClientFrame, clientFrame, WS } from "./support/transports/ws_frames.ts";

const maker = new StreamMaker({ keyBytes: 24, gopPictures: 2 });
const TAGS = [...maker.head(), ...maker.gop()];
const PACKETS = packetsOf(TAGS);
const FILE = flvFile(TAGS);

const CUTS = fc.array(fc.nat(FILE.length), { maxLength: 12 });

/** Sends bytes, which end in a close frame, in the given pieces, and fails unless they arrive as {@linkcode FILE}. */
async function assertArrives(
  server: TestServer,
  kept: Map<string, MediaPacket[]>,
  pieces: readonly Uint8Array[],
): Promise<void> {
  const path = `live/s${kept.size}`;
  await using client = await WsClient.open(server.port, `/${path}`);
  for (const piece of pieces) if (piece.length > 0) await client.sendAlone(piece);
  assertEquals((await client.over()).status, "1000");
  // Who reads along may hear of the last ones a moment after their publisher has.
  await eventually(() => (kept.get(path)?.length ?? 0) >= PACKETS.length, `not all of ${path} is read`);
  assertSamePackets(kept.get(path) ?? [], PACKETS);
}

/** A message for each part. */
function messages(parts: readonly Uint8Array[]): Uint8Array[] {
  return [...parts.map((payload) => clientFrame({ opcode: WS.binary, payload })), clientClose(1000)];
}

/** One message in fragments, a ping between any two. */
function fragments(parts: readonly Uint8Array[]): Uint8Array[] {
  const ping = clientFrame({ opcode: WS.ping, payload: latin1("?") });
  const frames = parts.flatMap((payload, i) => {
    const opcode = i === 0 ? WS.binary : WS.continuation;
    return [clientFrame({ opcode, payload, isFinal: i === parts.length - 1 }), ping];
  });
  return [...frames, clientClose(1000)];
}

Deno.test("a stream means the same wherever it is cut into two messages", async () => {
  const kept = new Map<string, MediaPacket[]>();
  await using server = await TestServer.start({ plugins: [keepingPackets(kept)] });
  for (let at = 0; at <= FILE.length; at++) {
    await assertArrives(server, kept, [concat(messages(cutAt(FILE, [at])))]);
  }
});

Deno.test("a stream means the same in messages of one byte", async () => {
  const kept = new Map<string, MediaPacket[]>();
  await using server = await TestServer.start({ plugins: [keepingPackets(kept)] });
  await assertArrives(server, kept, messages(Array.from(FILE, (byte) => Uint8Array.of(byte))));
});

Deno.test("a stream means the same however it is cut into messages, and these into fragments and packets", async () => {
  const kept = new Map<string, MediaPacket[]>();
  await using server = await TestServer.start({ plugins: [keepingPackets(kept)] });
  const property = fc.asyncProperty(CUTS, fc.boolean(), CUTS, async (parts, isWhole, packets) => {
    const wire = concat((isWhole ? messages : fragments)(cutAt(FILE, parts)));
    await assertArrives(server, kept, cutAt(wire, packets));
  });
  await fc.assert(property, { numRuns: 100 });
});

Deno.test("a stream may begin in the same packet as the request", async () => {
  const kept = new Map<string, MediaPacket[]>();
  await using server = await TestServer.start({ plugins: [keepingPackets(kept)] });
  await using client = await WsClient.open(server.port, "/live/cam", concat(messages([FILE])));
  assertEquals((await client.over()).status, "1000");
  assertSamePackets(kept.get("live/cam") ?? [], packetsOf(TAGS));
});

Deno.test("a stream that comes while it is decided on waits for the decision", async () => {
  const kept = new Map<string, MediaPacket[]>();
  const decision = Promise.withResolvers<void>();
  const slow = deciding((ctx) => ctx.decide("publish", () => decision.promise));
  await using server = await TestServer.start({ plugins: [keepingPackets(kept), slow] });
  await using client = await WsClient.open(server.port, "/live/cam", concat(messages([FILE])));
  await server.settled();
  assertEquals(kept.size, 0);
  decision.resolve();
  assertEquals((await client.over()).status, "1000");
  assertSamePackets(kept.get("live/cam") ?? [], packetsOf(TAGS));
});

const CLOSES: readonly { readonly code?: number; readonly answer: string; readonly isEnd: boolean }[] = [
  { code: 1000, answer: "1000", isEnd: true },
  { answer: "1000", isEnd: true },
  { code: 1001, answer: "1001", isEnd: false },
  { code: 4000, answer: "4000", isEnd: false },
];

for (const { code, answer, isEnd } of CLOSES) {
  Deno.test(`a publisher that closes with ${code ?? "no code"} ${isEnd ? "has finished" : "may return"}`, async () => {
    await using server = await TestServer.start();
    await using client = await WsClient.open(server.port, "/live/cam");
    client.send(FILE);
    await server.received("live/cam", TAGS[TAGS.length - 1]);
    client.close(code);
    assertEquals((await client.over()).status, answer);
    assertEquals(await client.disconnected(), "end");
    if (isEnd) assertEquals((await server.event("stream:end")).reason, "stream-ended");
    else assertEquals((await server.event("stream:interrupt")).reason, "left");
    await server.event("session:end");
  });
}

const FAULTS: readonly { readonly name: string; readonly frame: ClientFrame; readonly code: string }[] = [
  { name: "text", frame: { opcode: WS.text, payload: latin1("hello") }, code: "1003" },
  { name: "a frame without a mask", frame: { opcode: WS.binary, payload: FILE, isMasked: false }, code: "1002" },
  { name: "a frame with a reserved bit", frame: { opcode: 0x40 | WS.binary, payload: FILE }, code: "1002" },
  { name: "a frame of an unknown type", frame: { opcode: 3, payload: FILE }, code: "1002" },
  { name: "a continuation of nothing", frame: { opcode: WS.continuation, payload: FILE }, code: "1002" },
  { name: "half a ping", frame: { opcode: WS.ping, isFinal: false }, code: "1002" },
  { name: "a ping that is too long", frame: { opcode: WS.ping, payload: new Uint8Array(126) }, code: "1002" },
  { name: "a code that stands for none", frame: { opcode: WS.close, payload: Uint8Array.of(3, 0xed) }, code: "1002" },
  { name: "half a code", frame: { opcode: WS.close, payload: Uint8Array.of(3) }, code: "1002" },
  {
    name: "a reason that is no text",
    frame: { opcode: WS.close, payload: Uint8Array.of(3, 0xe8, 0xff) },
    code: "1007",
  },
  { name: "too large a message", frame: { opcode: WS.binary, length: MAX_MESSAGE_BYTES + 1 }, code: "1009" },
  { name: "an endless message", frame: { opcode: WS.binary, length: 2 ** 60 }, code: "1009" },
  { name: "what is not FLV", frame: { opcode: WS.binary, payload: latin1("<!doctype html>") }, code: "1002" },
];

for (const { name, frame, code } of FAULTS) {
  Deno.test(`a publisher that sends ${name} is closed with ${code}, in words`, async () => {
    await using server = await TestServer.start();
    await using client = await WsClient.open(server.port, "/live/cam");
    client.sendFrame(frame);
    const { status, message } = await client.over();
    assertEquals(status, code);
    assertEquals(message.length > 5, true, `no words: "${message}"`);
    assertEquals((await server.event("stream:interrupt")).reason, "protocol-error");
    assertEquals((await server.event("session:end")).reason, "protocol-error");
  });
}

Deno.test("a message in too many fragments is closed with 1008", async () => {
  await using server = await TestServer.start();
  await using client = await WsClient.open(server.port, "/live/cam");
  client.sendFrame({ opcode: WS.binary, isFinal: false });
  const fragment = clientFrame({ opcode: WS.continuation, payload: Uint8Array.of(0), isFinal: false });
  await client.sendAlone(concat(Array.from({ length: MAX_PIECES }, () => fragment)));
  assertEquals((await client.over()).status, "1008");
  assertEquals((await server.event("session:end")).reason, "protocol-error");
});

Deno.test("a publisher of something else than FLV is told what it sent", async () => {
  await using server = await TestServer.start();
  await using client = await WsClient.open(server.port, "/live/cam");
  client.send(latin1("<!doctype html>"));
  assertStringIncludes((await client.over()).message, 'begins with the bytes 3c 21 64 instead of "FLV"');
});

Deno.test("a publisher that is refused hears why while it still sends", async () => {
  const noKey = deciding((ctx) => ctx.decide("publish", () => ({ deny: "a key is needed" })));
  await using server = await TestServer.start({ plugins: [noKey] });
  await using client = await WsClient.open(server.port, "/live/cam", clientFrame({ opcode: WS.binary, payload: FILE }));
  client.pause();
  for (let i = 0; i < 64; i++) {
    await client.sendAlone(clientFrame({ opcode: WS.binary, payload: new Uint8Array(64 * 1024) }));
  }
  client.resume();
  assertEquals(await client.over(), { status: "4403", message: "a key is needed" });
  assertEquals(await client.disconnected(), "end");
});

Deno.test("a client that does not answer a close frame is cut off", async () => {
  const noKey = deciding((ctx) => ctx.decide("publish", () => ({ deny: "a key is needed" })));
  await using server = await TestServer.start({ plugins: [noKey], config: { limits: { connections: 1 } } });
  await using client = await WsClient.open(server.port, "/live/cam");
  client.answersClose = false;
  assertEquals((await client.over()).status, "4403");
  server.clock.advance(5000);
  await server.settled();
});

Deno.test("a browser's WebSocket publishes", async () => {
  const kept = new Map<string, MediaPacket[]>();
  await using server = await TestServer.start({ plugins: [keepingPackets(kept)] });
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/live/cam?key=sesame`);
  const closed = Promise.withResolvers<CloseEvent>();
  socket.onopen = () => {
    for (const part of cutAt(FILE, [5, 99, 100, 300])) socket.send(new Uint8Array(part));
    socket.close(1000, "finished");
  };
  socket.onclose = closed.resolve;
  const { code, wasClean } = await closed.promise;
  assertEquals({ code, wasClean }, { code: 1000, wasClean: true });
  await server.event("stream:end");
  assertSamePackets(kept.get("live/cam") ?? [], packetsOf(TAGS));
});
