import { assert, assertEquals } from "@std/assert";
import { Closed } from "../../../kernel/reasons.ts";
import { ByteWriter, concat } from "../../../media/bytes.ts";
import { parseTagBody } from "../../../media/flv/body.ts";
import type { FlvTagType } from "../../../media/flv/tag.ts";
import { tagTypeOf } from "../../../media/flv/tag.ts";
import type { MediaPacket } from "../../../media/packet.ts";
import { bytes } from "../../../media/testing.ts";
import { eventually } from "../../../tests/support/eventually.ts";
import { assertDecodable, assertSamePackets, frames, hasBodyOf } from "../../../tests/support/packets.ts";
import { packetsOf, StreamMaker, type Tag } from "../../../tests/support/stream_maker.ts";
import { multitrack } from "../../../tests/support/test_bodies.ts";
import { TestServer } from "../../../tests/support/test_server.ts";
import { RtmpPlayer, type RtmpPlayerOptions } from "./player.ts";
import { WirePeer } from "../testing_wire.ts";

interface EnhancedCodec {
  readonly kind: "audio" | "video";
  readonly fourCc: string;
}

const ENHANCED: readonly EnhancedCodec[] = [
  ...["hvc1", "av01", "vp09", "vp08", "vvc1", "avc1"].map((fourCc) => ({ kind: "video", fourCc } as const)),
  ...["Opus", "fLaC", "ac-3", "ec-3", ".mp3", "mp4a"].map((fourCc) => ({ kind: "audio", fourCc } as const)),
];

/** Packet types of enhanced bodies. */
const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
const CODED_FRAMES_X = 3;
const METADATA = 4;

for (const codec of ENHANCED) {
  Deno.test(`enhanced ${codec.fourCc} passes byte for byte`, async () => {
    await using server = await TestServer.start();
    await using publisher = await publishing(server);
    const sent = codec.kind === "video" ? videoOf(codec) : audioOf(codec);
    send(publisher, sent);
    await server.received("live/cam", sent[sent.length - 1]);
    await using player = await playing(server);
    await eventually(() => bodies(player, codec.kind).length >= sent.length, "the stream did not come");
    assertEquals(bodies(player, codec.kind), sent.map(({ body }) => body));
  });
}

for (const [who, capsEx, tracks] of [["that knows tracks", 2, [0, 1]], ["that does not", 0, [0]]] as const) {
  Deno.test(`a player ${who} gets ${tracks.length === 1 ? "the main track alone" : "every track"}`, async () => {
    await using server = await TestServer.start();
    await using publisher = await publishing(server);
    const maker = new StreamMaker({ video: multitrack });
    const sent = [...maker.head(), ...maker.gop()];
    send(publisher, sent);
    const last = packetsOf(sent).filter(({ kind, track }) => kind === "video" && track === 0).at(-1);
    await server.received("live/cam", last as MediaPacket);
    await using player = await playing(server, { capsEx });
    await eventually(() => received(player).some(hasBodyOf(last as MediaPacket)), "the stream did not come");
    const more = maker.gop();
    send(publisher, more);
    const end = packetsOf(more).at(-1) as MediaPacket;
    await eventually(() => received(player).some(hasBodyOf(end)), "the stream did not go on");
    const expected = packetsOf([...sent, ...more]).filter(({ track }) => (tracks as readonly number[]).includes(track));
    assertSamePackets(frames(received(player)), frames(expected));
  });
}

Deno.test("a player that pauses gets nothing, and goes on at the newest picture that can be decoded", async () => {
  await using server = await TestServer.start();
  await using publisher = await publishing(server);
  const maker = new StreamMaker();
  const [first, missed, last] = [[...maker.head(), ...maker.gop()], maker.gops(2), maker.gop()];
  send(publisher, first);
  await server.received("live/cam", first[first.length - 1]);
  await using player = await playing(server);
  await eventually(() => received(player).some(hasBodyOf(first[first.length - 1])), "the stream did not come");
  player.say((script) => script.command(0, 8, 1, "pause", 0, null, true, 0));
  await player.hears("NetStream.Pause.Notify");
  const before = player.media.length;
  send(publisher, missed);
  send(publisher, last);
  await server.received("live/cam", last[last.length - 1]);
  await server.settled();
  assertEquals(player.media.length, before);
  player.say((script) => script.command(0, 8, 1, "pause", 0, null, false, 0));
  await player.hears("NetStream.Unpause.Notify");
  await eventually(() => received(player).some(hasBodyOf(last[last.length - 1])), "the player did not go on");
  const after = received(player).slice(before);
  assertDecodable(after);
  assertSamePackets(frames(after), packetsOf(last));
});

Deno.test("a player switches video off and on, and gets what it needs to decode", async () => {
  await using server = await TestServer.start();
  await using publisher = await publishing(server);
  const maker = new StreamMaker();
  const parts = [[...maker.head(), ...maker.gop()], maker.gop(), maker.gop()];
  const played = async (tags: readonly Tag[], kind: Tag["kind"]) => {
    const last = tags.findLast((tag) => tag.kind === kind) as Tag;
    await eventually(() => received(player).some(hasBodyOf(last)), `the last ${kind} did not come`);
  };
  send(publisher, parts[0]);
  await server.received("live/cam", parts[0][parts[0].length - 1]);
  await using player = await playing(server);
  await played(parts[0], "video");
  player.say((script) => script.command(0, 8, 1, "receiveVideo", 0, null, false));
  await acknowledged(player);
  const before = player.media.length;
  send(publisher, parts[1]);
  await played(parts[1], "audio");
  assertEquals(received(player).slice(before).filter(({ kind }) => kind === "video"), []);
  player.say((script) => script.command(0, 8, 1, "receiveVideo", 0, null, true));
  await acknowledged(player);
  send(publisher, parts[2]);
  await played(parts[2], "video");
  assertDecodable(received(player).slice(before));
});

Deno.test("a player that wants neither sound nor picture gets nothing, and stays", async () => {
  await using server = await TestServer.start();
  await using publisher = await publishing(server);
  await using player = await playing(server);
  player.say((script) => {
    script.command(0, 8, 1, "receiveAudio", 0, null, false).command(0, 8, 1, "receiveVideo", 0, null, false);
  });
  await acknowledged(player);
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gop()];
  send(publisher, tags);
  await server.received("live/cam", tags[tags.length - 1]);
  await server.settled();
  assertEquals(player.media, []);
  player.say((script) => script.command(0, 8, 1, "receiveAudio", 0, null, true));
  await eventually(() => player.media.length > 0, "the player did not go on");
  assert(received(player).every(({ kind }) => kind === "audio"));
});

Deno.test("one connection plays several streams, each on its own message stream", async () => {
  await using server = await TestServer.start();
  await using publisher = await WirePeer.connect(server);
  const [picture] = new StreamMaker().gop();
  publisher.say((script) => {
    for (const [streamId, name] of [[1, "one"], [2, "two"]] as const) {
      script.command(0, 4, streamId, "publish", 0, null, name);
      script.message(0, 6, { type: 9, streamId, time: streamId }, picture.body);
    }
  });
  await publisher.hears("NetStream.Publish.Start", 2);
  await server.received("live/two", picture);
  await using player = await WirePeer.connect(server);
  player.say((script) => {
    script.command(0, 8, 1, "play", 0, null, "one").command(0, 8, 7, "play", 0, null, "two");
  });
  const of = (id: number) => player.media.filter(({ type, streamId }) => type === 9 && streamId === id);
  await eventually(() => of(1).length > 0 && of(7).length > 0, "a stream did not come");
  player.say((script) => script.command(0, 3, 0, "deleteStream", 0, null, 1));
  await server.event("play:end", ({ stream }) => stream.path === "live/one");
  publisher.say((script) => {
    for (const streamId of [1, 2]) script.message(0, 6, { type: 9, streamId, time: 40 }, picture.body);
  });
  await eventually(() => of(7).length > 1, "the other stream did not go on");
  assertEquals(of(1).length, 1);
});

Deno.test("a player hears that its stream has ended, and may wait for it again", async () => {
  await using server = await TestServer.start();
  await using publisher = await publishing(server);
  await using player = await playing(server);
  publisher.say((script) => script.command(0, 3, 0, "deleteStream", 0, null, 1));
  await player.hears("NetStream.Play.UnpublishNotify");
  await player.hears("NetStream.Play.Stop");
  player.say((script) => script.command(0, 8, 1, "play", 0, null, "cam"));
  await server.awaited("live/cam");
  publisher.say((script) => script.command(0, 4, 1, "publish", 0, null, "cam"));
  await player.hears("NetStream.Play.Start", 2);
});

Deno.test("a player that pauses hears the end of its stream nevertheless", async () => {
  await using server = await TestServer.start();
  await using publisher = await publishing(server);
  await using player = await playing(server);
  player.say((script) => script.command(0, 8, 1, "pause", 0, null, true, 0));
  await player.hears("NetStream.Pause.Notify");
  publisher.say((script) => script.command(0, 3, 0, "deleteStream", 0, null, 1));
  await player.hears("NetStream.Play.UnpublishNotify");
  await server.event("play:end");
});

Deno.test("a player leaves nothing behind, whatever it did before", () => {
  for (const rests of [false, true]) {
    const stage = new Stage();
    const player = new RtmpPlayer(stage.options);
    player.start();
    assertEquals(stage.viewers.size, 1);
    player.receive("video", false);
    assertEquals(stage.viewers.size, 1);
    player.pause(true);
    assertEquals([stage.viewers.size, stage.listeners.size, stage.keepAlive], [0, 1, true]);
    if (!rests) player.pause(false);
    player[Symbol.dispose]();
    assertEquals([stage.viewers.size, stage.listeners.size, stage.isDisposed], [0, 0, true]);
  }
});

Deno.test("a player that rests while its stream has ended hears so at once", () => {
  const stage = new Stage();
  const player = new RtmpPlayer(stage.options);
  player.pause(true);
  stage.controller.abort(new Closed("stream-ended"));
  player.start();
  assertEquals(stage.ended?.reason, "stream-ended");
});

/** Everything around a player, without a server. */
class Stage {
  readonly viewers = new Set<unknown>();
  readonly listeners = new Set<unknown>();
  readonly controller = new AbortController();
  isDisposed = false;
  keepAlive = false;
  ended?: Closed;

  get options(): RtmpPlayerOptions {
    const { signal } = this.controller;
    signal.addEventListener = (_type: string, listener: unknown) => void this.listeners.add(listener);
    signal.removeEventListener = (_type: string, listener: unknown) => void this.listeners.delete(listener);
    return {
      streamId: 1,
      socket: { setKeepAlive: (isOn: boolean) => this.keepAlive = isOn },
      session: {},
      playback: { stream: { signal }, read: () => ({}), [Symbol.dispose]: () => this.isDisposed = true },
      viewers: {
        add: (viewer: unknown) => (this.viewers.add(viewer), viewer),
        remove: (viewer: unknown) => this.viewers.delete(viewer),
      },
      knowsTracks: false,
      onEnd: (closed: Closed) => this.ended = closed,
    } as unknown as RtmpPlayerOptions;
  }
}

async function publishing(server: TestServer): Promise<WirePeer> {
  const peer = await WirePeer.connect(server);
  peer.say((script) => script.command(0, 4, 1, "publish", 0, null, "cam"));
  await peer.hears("NetStream.Publish.Start");
  return peer;
}

async function playing(server: TestServer, more: Readonly<Record<string, number>> = {}): Promise<WirePeer> {
  const peer = await WirePeer.connect(server, more);
  peer.say((script) => script.command(0, 8, 1, "play", 0, null, "cam"));
  await peer.hears("NetStream.Play.Start");
  return peer;
}

function send(peer: WirePeer, tags: readonly Tag[]): void {
  peer.say((script) => {
    for (const { kind, dts, body } of tags) {
      script.message(0, 6, { type: tagTypeOf(kind), streamId: 1, time: dts / 1000 }, body);
    }
  });
}

/** Waits until the server has read all that a peer has said. */
async function acknowledged(peer: WirePeer): Promise<void> {
  const count = peer.codes.filter((code) => code === "_result").length;
  peer.say((script) => script.command(0, 3, 0, "getStreamLength", 9, null));
  await peer.hears("_result", count + 1);
}

function received(peer: WirePeer): MediaPacket[] {
  return peer.media.flatMap(({ type, timestamp, body }) => parseTagBody(type as FlvTagType, timestamp, body));
}

function bodies(peer: WirePeer, kind: "audio" | "video"): Uint8Array[] {
  return peer.media.filter(({ type }) => type === tagTypeOf(kind)).map(({ body }) => body);
}

function videoOf({ fourCc }: EnhancedCodec): Tag[] {
  const picture = (isKey: boolean, packetType: number, payload: string): Uint8Array =>
    enhanced(0x80 | (isKey ? 0x10 : 0x20) | packetType, fourCc, payload);
  const hasComposition = fourCc === "hvc1" || fourCc === "avc1" || fourCc === "vvc1";
  const coded = hasComposition ? "000028 00000002 4101" : "4101";
  return [
    { kind: "video", dts: 0, body: picture(true, SEQUENCE_START, "01640020 ffe1") },
    { kind: "video", dts: 0, body: picture(true, METADATA, '02 0009 "colorInfo" 03 000009') },
    { kind: "video", dts: 0, body: picture(true, CODED_FRAMES, coded) },
    { kind: "video", dts: 40_000, body: picture(false, CODED_FRAMES_X, "00000002 4102") },
    { kind: "video", dts: 80_000, body: picture(false, CODED_FRAMES, coded) },
  ];
}

function audioOf({ fourCc }: EnhancedCodec): Tag[] {
  const sound = (packetType: number, payload: string) => enhanced(0x90 | packetType, fourCc, payload);
  return [
    { kind: "audio", dts: 0, body: sound(SEQUENCE_START, "4f707573 4865") },
    { kind: "audio", dts: 0, body: sound(CODED_FRAMES, "fc01") },
    { kind: "audio", dts: 20_000, body: sound(CODED_FRAMES, "fc02") },
  ];
}

function enhanced(header: number, fourCc: string, payload: string): Uint8Array {
  return concat([new ByteWriter(1).u8(header).view(), new TextEncoder().encode(fourCc), bytes(payload)]);
}
