import { assertEquals, assertStringIncludes } from "@std/assert";
import { encodeAmf0 } from "../../media/amf/amf0.ts";
import { ByteWriter, concat } from "../../media/bytes.ts";
import { MessageType } from "../../protocols/rtmp/wire/message.ts";
import { ChunkScript } from "../../protocols/rtmp/testing.ts";
import { WirePeer } from "../../protocols/rtmp/testing_wire.ts";
import { StreamMaker } from "../support/stream_maker.ts";
import { TestServer } from "../support/test_server.ts";
import { Bystanders } from "./bystanders.ts";

const { SET_CHUNK_SIZE, USER_CONTROL, AUDIO, VIDEO, DATA_AMF0, COMMAND_AMF0, AGGREGATE } = MessageType;
const [PICTURE] = new StreamMaker().gop();

/** What a peer sends, byte by byte as RTMP has it. */
function written(write: (script: ChunkScript) => unknown): Uint8Array {
  const script = new ChunkScript();
  write(script);
  return script.bytes;
}

/** The header of a message on a chunk stream of any number. */
function header(chunkStream: number, type: number, length: number): Uint8Array {
  const out = new ByteWriter(14).u8(1).u8(chunkStream - 64 & 0xff).u8(chunkStream - 64 >> 8);
  return out.u24(0).u24(length).u8(type).u32le(1).view();
}

/** An object in an object in an object …, cut off at its innermost. */
function nested(depth: number): Uint8Array {
  const out = new ByteWriter(depth * 4);
  for (let i = 0; i < depth; i++) out.u8(3).u16(1).u8(0x61);
  return out.u8(5).view();
}

function command(...values: Parameters<typeof encodeAmf0>): (script: ChunkScript) => unknown {
  return (script) => script.command(0, 3, 1, ...values);
}

const BREACHES: readonly { readonly name: string; readonly bytes: Uint8Array; readonly words: string }[] = [
  { name: "a chunk size of 0", bytes: written((script) => script.control(0, SET_CHUNK_SIZE, 0)), words: "size of 0" },
  {
    name: "a chunk size with its first bit set",
    bytes: written((script) => script.control(0, SET_CHUNK_SIZE, 0x8000_0001)),
    words: "size of 2147483649",
  },
  {
    name: "a chunk size of one byte",
    bytes: written((script) => script.message(0, 2, { type: SET_CHUNK_SIZE }, Uint8Array.of(1))),
    words: "chunk size in 1 bytes",
  },
  { name: "a chunk without a header before it", bytes: Uint8Array.of(0xc9), words: "needs another before it" },
  {
    name: "10,000 chunk streams",
    bytes: concat(Array.from({ length: 10_000 }, (_, i) => concat([header(64 + i, AUDIO, 129), new Uint8Array(128)]))),
    words: "chunk streams",
  },
  { name: "a second connect", bytes: written(command("connect", 1, { app: "live" })), words: "a second time" },
  {
    name: "10,000 times createStream",
    bytes: concat(Array.from({ length: 10_000 }, () => written(command("createStream", 2, null)))),
    words: "message streams",
  },
  {
    name: "a command that is cut off",
    bytes: written((script) => script.message(0, 3, { type: COMMAND_AMF0 }, Uint8Array.of(2, 0, 99, 0x61))),
    words: "bad command",
  },
  {
    name: "a stream name of 100,000 characters",
    bytes: written((script) => script.command(0, 3, 1, "play", 0, null, "x".repeat(100_000))),
    words: "a command of 1000",
  },
  {
    name: "an aggregate that is cut off",
    bytes: written((script) => script.message(0, 3, { type: AGGREGATE }, new Uint8Array(15).fill(9))),
    words: "aggregate",
  },
];

for (const { name, bytes, words } of BREACHES) {
  Deno.test(`an RTMP peer that sends ${name} is dropped`, async () => {
    await using server = await TestServer.start();
    await using bystanders = await Bystanders.start(server);
    await using peer = await WirePeer.connect(server);
    peer.socket.send(bytes);
    await peer.socket.over();
    const { reason, detail } = await server.event("session:end");
    assertEquals(reason, "protocol-error");
    assertStringIncludes(detail, words);
    await bystanders.assertUnharmed();
  });
}

const SWALLOWED: readonly { readonly name: string; readonly bytes: Uint8Array }[] = [
  ...[0, 7, 10, 16, 19, 21, 23, 99, 255].map((type) => ({
    name: `a message of type ${type}`,
    bytes: written((script) => script.message(0, 5, { type, streamId: 1 }, new Uint8Array(300))),
  })),
  { name: "empty messages", bytes: concat([AUDIO, VIDEO, DATA_AMF0, COMMAND_AMF0, USER_CONTROL].map(empty)) },
  {
    name: "an event of no length",
    bytes: written((script) => script.message(0, 2, { type: USER_CONTROL }, bytesOf(0))),
  },
  { name: "an event that nobody knows", bytes: written((script) => script.userControl(0, 999, 1, 2, 3)) },
  { name: "an unknown command", bytes: written(command("makeCoffee", 3, null, "black")) },
  { name: "a command without a name", bytes: written((script) => script.command(0, 3, 1, 42, "x")) },
  {
    name: "a command of a prototype's name",
    bytes: concat(["__proto__", "constructor", "toString"].map((name) => written(command(name, 0, null)))),
  },
  { name: "an answer to nothing", bytes: written(command("_result", 99, null, { code: "NetStream.Play.Start" })) },
  {
    name: "a command nested 10,000 deep",
    bytes: written((script) =>
      script.message(0, 3, { type: COMMAND_AMF0 }, concat([encodeAmf0("call", 2), nested(10_000)]))
    ),
  },
  {
    name: "media on message streams that do not exist",
    bytes: concat(
      [0, 2, 77, 0xffff_ffff].map((streamId) =>
        written((script) => script.message(0, 6, { type: VIDEO, streamId }, PICTURE.body))
      ),
    ),
  },
  { name: "an abort of nothing", bytes: written((script) => script.control(0, MessageType.ABORT, 12_345)) },
  { name: "a window of nothing", bytes: written((script) => script.control(0, 5, 0)) },
  { name: "a window of 4 GB", bytes: written((script) => script.control(0, 5, 0xffff_ffff)) },
  { name: "a bandwidth of nothing", bytes: written((script) => script.control(0, 6, 0)) },
  {
    name: "a stream that is closed, deleted and unpublished and never was",
    bytes: concat([
      written(command("closeStream", 0, null)),
      written(command("deleteStream", 0, null, Number.NaN)),
      written(command("deleteStream", 0, null, "x")),
      written(command("FCUnpublish", 0, null, { a: 1 })),
      written(command("pause", 0, null, "yes", -1)),
      written(command("seek", 0, null, Number.POSITIVE_INFINITY)),
      written(command("receiveVideo", 0, null)),
    ]),
  },
];

function empty(type: number): Uint8Array {
  return written((script) => script.message(0, 5, { type, streamId: 1 }, bytesOf()));
}

function bytesOf(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

Deno.test("an RTMP peer that says what means nothing is heard again when it makes sense", async () => {
  await using server = await TestServer.start();
  await using bystanders = await Bystanders.start(server);
  await using peer = await WirePeer.connect(server);
  for (const [i, { name, bytes }] of SWALLOWED.entries()) {
    peer.socket.send(bytes);
    peer.say(command("getStreamLength", 1000 + i, null));
    await peer.hears("_result", i + 2).catch(() => Promise.reject(new Error(`no answer after ${name}`)));
  }
  peer.say((script) => script.command(0, 3, 1, "publish", 0, null, "late"));
  await peer.hears("NetStream.Publish.Start");
  await peer.socket.cut();
  await bystanders.assertUnharmed();
});
