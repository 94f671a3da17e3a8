import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { bytes } from "../../../media/testing.ts";
import { eventually, turn } from "../../../tests/support/eventually.ts";
import { patiently } from "../../../tests/support/patience.ts";
import { StreamMaker } from "../../../tests/support/stream_maker.ts";
import { deciding, TestServer } from "../../../tests/support/test_server.ts";
import { TestSocket } from "../../../tests/support/test_socket.ts";
import { clientHandshake } from "../wire/handshake.ts";
import type { ChunkScript } from "../testing.ts";
import { WirePeer } from "../testing_wire.ts";

/** What a plugin says to everybody. */
const DENIED = "nobody may connect today";

const [PICTURE] = new StreamMaker().gop();

const HALVES: readonly { name: string; bytes: Uint8Array }[] = [
  { name: "a version", bytes: Uint8Array.of(3) },
  { name: "half a handshake", bytes: clientHandshake().take()?.subarray(0, 700) ?? Uint8Array.of() },
  { name: "no answer to the server's handshake", bytes: clientHandshake().take() ?? Uint8Array.of() },
];

for (const { name, bytes } of HALVES) {
  Deno.test(`a peer that sends ${name} and nothing more is closed after connectSeconds`, async () => {
    await using server = await TestServer.start({ config: { rtmp: { ...LOCAL, connectSeconds: 5 } } });
    await using socket = await TestSocket.open(server.server.address("rtmp").port);
    await socket.sendAlone(bytes);
    await eventually(() => server.clock.pending > 0, "the server has not accepted");
    await server.settled();
    server.clock.advance(4_999);
    await socket.sendAlone(Uint8Array.of(0));
    server.clock.advance(1);
    await socket.over();
  });
}

Deno.test("a peer that shakes hands and does not connect is closed after connectSeconds, one that connects is not", async () => {
  await using server = await TestServer.start({ config: { rtmp: { ...LOCAL, connectSeconds: 5 } } });
  await using silent = await WirePeer.open(server);
  await using connected = await WirePeer.connect(server);
  server.clock.advance(5_000);
  await silent.socket.over();
  connected.say((script) => script.command(0, 3, 0, "getStreamLength", 5, null));
  await connected.hears("_result", 2);
});

Deno.test("a peer that waits for the decision on its connect is not closed for it", async () => {
  const gate = Promise.withResolvers<void>();
  const plugin = deciding((ctx) => ctx.decide("connect", () => gate.promise));
  await using server = await TestServer.start({ plugins: [plugin], config: { rtmp: { ...LOCAL, connectSeconds: 5 } } });
  await using peer = await WirePeer.open(server);
  peer.say((script) => script.command(0, 3, 0, "connect", 1, { app: "live" }));
  await server.settled();
  server.clock.advance(5_000);
  gate.resolve();
  await peer.hears("_result");
});

const GARBAGE: readonly { name: string; says(script: ChunkScript): unknown }[] = [
  { name: "chunks that are none", says: (script) => script.message(3, 9, {}, bytes("00112233")) },
  { name: "a command before connect", says: (script) => script.command(0, 3, 0, "publish", 0, null, "cam") },
  { name: "a chunk size of nothing", says: (script) => script.control(0, 1, 0) },
];

for (const { name, says } of GARBAGE) {
  Deno.test(`a peer that sends ${name} is closed, and others do not notice`, async () => {
    await using server = await TestServer.start();
    await using other = await WirePeer.connect(server);
    await using peer = await WirePeer.open(server);
    peer.say(says);
    await peer.socket.over();
    other.say((script) => script.command(0, 3, 0, "getStreamLength", 5, null));
    await other.hears("_result", 2);
    assert(server.logged.some(({ message }) => String(message).includes("refused: ")), "nothing was logged");
  });
}

Deno.test("a connected peer that breaks the protocol is closed for it, and its stream waits for it", async () => {
  await using server = await TestServer.start();
  await using peer = await WirePeer.connect(server);
  peer.say((script) => script.command(0, 4, 1, "publish", 0, null, "cam"));
  await peer.hears("NetStream.Publish.Start");
  peer.say((script) => script.control(0, 1, 0));
  await peer.socket.over();
  const { reason, detail } = await server.event("session:end");
  assertEquals(reason, "protocol-error");
  assertStringIncludes(detail, "chunk size of 0");
  assertEquals((await server.event("stream:interrupt")).reason, "protocol-error");
});

Deno.test("a refused connect is told why, and closed when that has been read", async () => {
  const plugin = deciding((ctx) => ctx.decide("connect", () => ({ deny: "not today", redirect: "rtmp://there/live" })));
  await using server = await TestServer.start({ plugins: [plugin] });
  await using peer = await WirePeer.open(server);
  peer.say((script) => script.command(0, 3, 0, "connect", 1, { app: "live" }));
  assertEquals(await peer.socket.over(), "end");
  assertEquals([peer.codes, peer.words], [["NetConnection.Connect.Rejected"], "not today"]);
});

Deno.test("a refused publisher is told why, and closed, though it sends its media already", async () => {
  const plugin = deciding((ctx) => ctx.decide("publish", () => ({ deny: "not today" })));
  await using server = await TestServer.start({ plugins: [plugin] });
  await using peer = await WirePeer.connect(server);
  peer.say((script) => {
    script.command(0, 4, 1, "publish", 0, null, "cam");
    for (let i = 0; i < 1000; i++) script.message(0, 6, { type: 9, streamId: 1, time: i }, PICTURE.body);
  });
  assertEquals(await peer.socket.over(), "end");
  assertEquals([peer.codes.at(-1), peer.words], ["NetStream.Publish.Denied", "not today"]);
});

Deno.test("a refused player is told why, and may ask for another stream", async () => {
  const deny = { deny: "not this" };
  const plugin = deciding((ctx) => ctx.decide("play", ({ key }) => key.name === "no" ? deny : undefined));
  await using server = await TestServer.start({ plugins: [plugin] });
  await using peer = await WirePeer.connect(server);
  peer.say((script) => script.command(0, 4, 1, "play", 0, null, "no"));
  await peer.hears("NetStream.Play.Failed");
  assertEquals(peer.words, "not this");
  peer.say((script) => {
    script.command(0, 4, 1, "play", 0, null, "cam").command(0, 4, 2, "publish", 0, null, "cam");
  });
  await peer.hears("NetStream.Play.Start");
});

Deno.test("a player of a stream that does not begin is told so after waitSeconds", async () => {
  await using server = await TestServer.start({ config: { waitSeconds: 7 } });
  await using peer = await WirePeer.connect(server);
  peer.say((script) => script.command(0, 4, 1, "play", 0, null, "cam"));
  await server.awaited("live/cam");
  server.clock.advance(6_999);
  await turn();
  assertEquals(peer.codes, ["_result"]);
  server.clock.advance(1);
  await peer.hears("NetStream.Play.StreamNotFound");
  assertEquals(peer.words, "Nobody publishes live/cam: waited 7 s");
});

Deno.test("a player that leaves while it waits is told nothing more", async () => {
  await using server = await TestServer.start({ config: { waitSeconds: 7 } });
  await using peer = await WirePeer.connect(server);
  peer.say((script) => script.command(0, 4, 1, "play", 0, null, "cam"));
  await server.awaited("live/cam");
  peer.say((script) =>
    script.command(0, 3, 0, "deleteStream", 5, null, 1).command(0, 3, 0, "getStreamLength", 6, null)
  );
  await peer.hears("_result", 2);
  server.clock.advance(7_000);
  await server.settled();
  peer.say((script) => script.command(0, 3, 0, "getStreamLength", 7, null));
  await peer.hears("_result", 3);
  assertEquals(peer.codes, ["_result", "_result", "_result"]);
});

Deno.test("a refused peer that does not hang up is cut off a second later", async () => {
  const plugin = deciding((ctx) => ctx.decide("connect", () => ({ deny: DENIED })));
  await using server = await TestServer.start({ plugins: [plugin], config: { limits: { connections: 1 } } });
  await using peer = await WirePeer.open(server);
  peer.say((script) => script.command(0, 3, 0, "connect", 1, { app: "live" }));
  await peer.socket.over();
  assert(!(await whyRefused(server)).includes(DENIED), "there is room for a second one");
  server.clock.advance(1_000);
  const served = async () => {
    while (!(await whyRefused(server)).includes(DENIED)) await turn();
  };
  await patiently(served(), () => "the refused peer was not cut off");
});

for (const isPlaying of [false, true]) {
  const who = isPlaying ? "a player" : "a peer";
  Deno.test(`${who} that asks and asks and reads no answer is cut off`, async () => {
    await using server = await TestServer.start();
    await using peer = await WirePeer.connect(server);
    peer.say((script) => {
      if (isPlaying) script.command(0, 4, 2, "publish", 0, null, "cam").command(0, 4, 1, "play", 0, null, "cam");
    });
    if (isPlaying) await peer.hears("NetStream.Play.Start");
    peer.socket.pause();
    const longName = "x".repeat(60_000);
    let isOver = false;
    peer.socket.ended.then(() => isOver = true);
    server.event("session:end").then(() => isOver = true);
    for (let i = 0; i < 1000 && !isOver; i++) {
      peer.say((script) => script.chunkSize(100_000).command(0, 3, 0, "FCPublish", 3, null, longName).chunkSize(128));
      await turn();
    }
    assert(isOver, "the server kept 60 MB of answers");
    assertEquals((await server.event("session:end")).reason, "too-slow");
  });
}

const LOCAL = { host: "127.0.0.1", port: 0 };

/** What somebody hears who connects: the denial of the plugin, unless there is no room. */
async function whyRefused(server: TestServer): Promise<string> {
  await using peer = await WirePeer.open(server);
  peer.say((script) => script.command(0, 3, 0, "connect", 1, { app: "live" }));
  await peer.hears("NetConnection.Connect.Rejected");
  return peer.words;
}

Deno.test("a connected peer that asks for nothing is closed after idleSeconds, and is told so", async () => {
  await using server = await TestServer.start({ config: { rtmp: { ...LOCAL, idleSeconds: 5 } } });
  await using peer = await WirePeer.connect(server);
  server.clock.advance(5_000);
  await peer.socket.over();
  assertEquals((await server.event("session:end")).reason, "idle");
});

Deno.test("a peer that publishes, plays or waits is not idle, one that has finished is", async () => {
  await using server = await TestServer.start({
    config: { rtmp: { ...LOCAL, idleSeconds: 5 }, publishTimeoutSeconds: 60, waitSeconds: 60 },
  });
  await using publisher = await WirePeer.connect(server);
  publisher.say((script) => script.command(0, 4, 1, "publish", 0, null, "cam"));
  await publisher.hears("NetStream.Publish.Start");
  await using player = await WirePeer.connect(server);
  player.say((script) => script.command(0, 4, 1, "play", 0, null, "cam"));
  await player.hears("NetStream.Play.Start");
  await using waiter = await WirePeer.connect(server);
  waiter.say((script) => script.command(0, 4, 1, "play", 0, null, "later"));
  await server.awaited("live/later");
  server.clock.advance(10_000);
  await server.settled();
  assertEquals(server.told.filter(({ name }) => name === "session:end"), []);
  publisher.say((script) => script.command(0, 3, 0, "deleteStream", 0, null, 1));
  await player.hears("NetStream.Play.UnpublishNotify");
  server.clock.advance(5_000);
  await Promise.all([publisher.socket.over(), player.socket.over()]);
  waiter.say((script) => script.command(0, 3, 0, "getStreamLength", 5, null));
  await waiter.hears("_result", 2);
});
