import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { ByteWriter, concat } from "../../media/bytes.ts";
import type { LiveStream } from "../../kernel/streams/live_stream.ts";
import { MAX_MESSAGE_BYTES, MessageType } from "../../protocols/rtmp/wire/message.ts";
import { UserControl } from "../../protocols/rtmp/wire/messages.ts";
import { ChunkScript } from "../../protocols/rtmp/testing.ts";
import { WirePeer } from "../../protocols/rtmp/testing_wire.ts";
import { rtmpTransport } from "../support/transports/rtmp_transport.ts";
import { StreamMaker } from "../support/stream_maker.ts";
import { TestServer } from "../support/test_server.ts";
import { Bystanders } from "./bystanders.ts";
import { insist } from "./insist.ts";

const { VIDEO } = MessageType;

function header(chunkStream: number, type: number, length: number): Uint8Array {
  return new ByteWriter(12).u8(chunkStream).u24(0).u24(length).u8(type).u32le(1).view();
}

/** A peer that publishes `live/NAME` on message stream 1. */
async function publisher(server: TestServer, name: string): Promise<WirePeer> {
  const peer = await WirePeer.connect(server);
  peer.say((script) => script.command(0, 4, 1, "publish", 0, null, name));
  await peer.hears("NetStream.Publish.Start");
  return peer;
}

Deno.test("a publisher that announces 16 MB and sends none of it is gone after publishTimeoutSeconds", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  await using peer = await publisher(server, "flood");
  await peer.socket.sendAlone(header(6, VIDEO, MAX_MESSAGE_BYTES));
  await server.settled();
  await bystanders.pass(10_000);
  await peer.socket.over();
  assertEquals((await server.event("session:end")).reason, "idle");
  await bystanders.assertUnharmed();
});

Deno.test("a publisher that leaves message after message unfinished is dropped", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  await using peer = await publisher(server, "flood");
  peer.say((script) => script.control(0, MessageType.SET_CHUNK_SIZE, 65_536));
  let chunkStream = 64;
  await insist(peer.socket, () => {
    const longHeader = concat([Uint8Array.of(0, chunkStream++ - 64), header(0, VIDEO, MAX_MESSAGE_BYTES).subarray(1)]);
    return concat([longHeader, new Uint8Array(65_536)]);
  });
  assertStringIncludes((await server.event("session:end")).detail, "unfinished messages");
  await bystanders.assertUnharmed();
});

Deno.test("a publisher's endless messages of 16 MB take no more memory than the buffer, and one of them", async () => {
  const bytes = 2 ** 22;
  await using server = await TestServer.start({ config: { buffer: { bytes } } });
  await using bystanders = await Bystanders.start(server);
  await using peer = await publisher(server, "flood");
  await using player = await rtmpTransport.play(server, "live/flood");
  peer.say((script) => script.control(0, MessageType.SET_CHUNK_SIZE, MAX_MESSAGE_BYTES));
  for (let i = 0; i < 6; i++) {
    const picture = new Uint8Array(MAX_MESSAGE_BYTES).fill(i).fill(0x17, 0, 1).fill(1, 1, 2);
    await peer.socket.sendAlone(concat([header(6, VIDEO, MAX_MESSAGE_BYTES), picture]));
    await bystanders.goOn();
    const { size } = server.server.streams.get("live/flood") as LiveStream;
    assertLess(size, bytes + 4 * MAX_MESSAGE_BYTES);
  }
  await peer.socket.cut();
  await player[Symbol.asyncDispose]();
  await bystanders.assertUnharmed();
});

for (const isPlaying of [false, true]) {
  const who = isPlaying ? "a player" : "a peer";
  Deno.test(`${who} that pings without end and reads nothing is dropped`, async () => {
    await using server = await TestServer.start();
    await using bystanders = await Bystanders.start(server);
    await using peer = await WirePeer.connect(server);
    if (isPlaying) {
      peer.say((script) => script.command(0, 4, 1, "play", 0, null, "bystander"));
      await peer.hears("NetStream.Play.Start");
    }
    peer.socket.pause();
    const pings = new ChunkScript();
    for (let i = 0; i < 3000; i++) pings.userControl(0, UserControl.PING_REQUEST, i);
    await insist(peer.socket, () => pings.bytes);
    assertEquals((await server.event("session:end")).reason, "too-slow");
    await bystanders.assertUnharmed();
  });
}

const TOGGLES: readonly { readonly name: string; says(script: ChunkScript): unknown }[] = [
  {
    name: "pauses and goes on",
    says: (script) => script.command(0, 4, 1, "pause", 0, null, true).command(0, 4, 1, "pause", 0, null, false),
  },
  {
    name: "switches sound off and on",
    says: (script) =>
      script.command(0, 4, 1, "receiveAudio", 0, null, false).command(0, 4, 1, "receiveAudio", 0, null, true),
  },
  { name: "plays the same", says: (script) => script.command(0, 4, 1, "play", 0, null, "big") },
  {
    name: "closes and plays again",
    says: (script) => script.command(0, 4, 1, "closeStream", 0, null).command(0, 4, 1, "play", 0, null, "big"),
  },
];

for (const { name, says } of TOGGLES) {
  Deno.test(`a player that ${name} 3,000 times costs hardly more than one that does so once`, async () => {
    await using server = await TestServer.start();
    await using bystanders = await Bystanders.start(server);
    await using big = await rtmpTransport.publish(server, "live/big");
    const maker = new StreamMaker({ keyBytes: 1_000_000, gopPictures: 20 });
    const gop = maker.gop();
    big.write([...maker.head(), ...gop]);
    await server.received("live/big", gop[gop.length - 1]);
    await using peer = await WirePeer.connect(server);
    peer.say((script) => script.command(0, 4, 1, "play", 0, null, "big"));
    await peer.hears("NetStream.Play.Start");
    peer.say((script) => {
      for (let i = 0; i < 3000; i++) says(script);
    });
    await bystanders.goOn();
    await peer.socket.cut();
    await big.end();
    await bystanders.assertUnharmed();
  });
}

Deno.test("a peer that publishes, plays and closes in any order, 10,000 times, leaves nothing behind", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  await using peer = await WirePeer.connect(server);
  for (let round = 0; round < 100; round++) {
    peer.say((script) => {
      for (let i = 0; i < 100; i++) {
        const streamId = 1 + i * 7 % 20;
        const verb = ["play", "publish", "closeStream", "deleteStream"][(round + i) % 4];
        script.command(0, 4, streamId, verb, 0, null, verb === "deleteStream" ? streamId : `s${i % 5}`);
      }
    });
    if (round % 10 === 0) await bystanders.goOn();
  }
  await peer.socket.cut();
  await bystanders.assertUnharmed();
});
