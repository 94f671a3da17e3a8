import { assertEquals } from "@std/assert";
import type { Verdict } from "../../../kernel/plugin/hooks.ts";
import type { Plugin } from "../../../kernel/plugin/plugin.ts";
import { tagTypeOf } from "../../../media/flv/tag.ts";
import { eventually } from "../../../tests/support/eventually.ts";
import { StreamMaker, type Tag } from "../../../tests/support/stream_maker.ts";
import { deciding, TestServer } from "../../../tests/support/test_server.ts";
import { MessageType } from "../wire/message.ts";
import type { ChunkScript } from "../testing.ts";
import { WirePeer } from "../testing_wire.ts";

const [PICTURE] = new StreamMaker().gop();

for (const order of [["one", "two"], ["two", "one"]] as const) {
  Deno.test(`the last publish on a message stream counts when ${order[0]} is decided first`, async () => {
    const gates = new Gates("publish");
    await using server = await TestServer.start({ plugins: [gates.plugin] });
    await using peer = await WirePeer.connect(server);
    await ask(peer, gates, "publish", "one");
    await ask(peer, gates, "publish", "two");
    peer.say((script) => picture(script, 1));
    for (const name of order) {
      gates.answer(name);
      await server.settled();
    }
    await peer.hears("NetStream.Publish.Start");
    await server.received("live/two", PICTURE);
    assertEquals(peer.codes.filter((code) => code === "NetStream.Publish.Start").length, 1);
  });
}

for (const kind of ["publish", "play"] as const) {
  Deno.test(`a refusal of a ${kind} that the peer has taken back is not told`, async () => {
    const gates = new Gates(kind);
    await using server = await TestServer.start({ plugins: [gates.plugin] });
    await using peer = await WirePeer.connect(server);
    await ask(peer, gates, kind, "one");
    await ask(peer, gates, kind, "two");
    gates.answer("one", { deny: "no" });
    await server.settled();
    peer.say((script) => script.command(0, 3, 0, "getStreamLength", 5, null));
    await peer.hears("_result", 2);
    assertEquals(peer.codes, ["_result", "_result"]);
    gates.answer("two", { deny: "not this either" });
    await peer.hears(kind === "publish" ? "NetStream.Publish.Denied" : "NetStream.Play.Failed");
    assertEquals(peer.words, "not this either");
  });
}

Deno.test("a player that leaves while it is decided on is not counted", async () => {
  const gates = new Gates("play");
  await using server = await TestServer.start({ plugins: [gates.plugin] });
  await using publisher = await WirePeer.connect(server);
  publisher.say((script) => picture(script.command(0, 4, 1, "publish", 0, null, "one"), 1));
  await publisher.hears("NetStream.Publish.Start");
  await using peer = await WirePeer.connect(server);
  await ask(peer, gates, "play", "one");
  peer.say((script) =>
    script.command(0, 3, 0, "deleteStream", 0, null, 1).command(0, 3, 0, "getStreamLength", 5, null)
  );
  await peer.hears("_result", 2);
  gates.answer("one");
  await server.event("play:end");
  assertEquals(peer.codes, ["_result", "_result"]);
});

Deno.test("one stream of a connection is finished, and the others go on", async () => {
  await using server = await TestServer.start();
  await using peer = await WirePeer.connect(server);
  peer.say((script) => {
    script.command(0, 4, 1, "publish", 0, null, "one").command(0, 4, 2, "publish", 0, null, "two");
    picture(picture(script, 1), 2);
  });
  await peer.hears("NetStream.Publish.Start", 2);
  await server.received("live/one", PICTURE);
  await server.received("live/two", PICTURE);
  peer.say((script) => script.command(0, 3, 0, "deleteStream", 0, null, 1));
  await server.event("stream:end", ({ stream }) => stream.path === "live/one");
  peer.say((script) => picture(script.command(0, 4, 1, "publish", 0, null, "three"), 1));
  await peer.hears("NetStream.Publish.Start", 3);
  await server.received("live/three", PICTURE);
  assertEquals(server.server.streams.get("live/two")?.state, "live");
});

Deno.test("a publish that is taken back while it is decided ends its stream", async () => {
  const gates = new Gates("publish");
  await using server = await TestServer.start({ plugins: [gates.plugin] });
  await using peer = await WirePeer.connect(server);
  await ask(peer, gates, "publish", "cam");
  peer.say((script) =>
    script.command(0, 3, 0, "deleteStream", 0, null, 1).command(0, 3, 0, "getStreamLength", 5, null)
  );
  await peer.hears("_result", 2);
  gates.answer("cam");
  await server.event("stream:end", ({ stream }) => stream.path === "live/cam");
  assertEquals(peer.codes, ["_result", "_result"]);
});

Deno.test("a publish that is taken back in the same breath is not decided at all", async () => {
  const asked: string[] = [];
  const plugin = deciding((ctx) => ctx.decide("publish", ({ stream }) => void asked.push(stream)));
  await using server = await TestServer.start({ plugins: [plugin] });
  await using peer = await WirePeer.connect(server);
  peer.say((script) => {
    script.command(0, 4, 1, "publish", 0, null, "one").command(0, 3, 0, "deleteStream", 0, null, 1);
    script.command(0, 4, 1, "publish", 0, null, "two");
  });
  await peer.hears("NetStream.Publish.Start");
  assertEquals(asked, ["live/two"]);
});

Deno.test("a player that pauses before it has been let in hears nothing until it goes on", async () => {
  await using server = await TestServer.start();
  await using publisher = await WirePeer.connect(server);
  await using player = await WirePeer.connect(server);
  player.say((script) => {
    script.command(0, 4, 1, "play", 0, null, "cam").command(0, 4, 1, "pause", 0, null, true, 0);
  });
  await server.awaited("live/cam");
  publisher.say((script) => picture(script.command(0, 4, 1, "publish", 0, null, "cam"), 1));
  await player.hears("NetStream.Pause.Notify");
  await server.received("live/cam", PICTURE);
  assertEquals(player.media, []);
  player.say((script) => script.command(0, 4, 1, "pause", 0, null, false, 0));
  await eventually(() => player.media.some(({ type }) => type === MessageType.VIDEO), "the player did not go on");
});

Deno.test("a peer that asks for stream after stream without waiting is cut off", async () => {
  await using server = await TestServer.start();
  await using peer = await WirePeer.connect(server);
  for (let i = 0; i <= 64; i++) {
    peer.say((script) => script.command(0, 4, 1, "play", 0, null, `cam${i}`));
    if (i < 64) await server.awaited(`live/cam${i}`);
  }
  await peer.socket.over();
  const { reason } = await server.event("session:end");
  assertEquals(reason, "protocol-error");
});

/** Keeps the decisions of one kind open, by the stream's name, until the test answers them. */
class Gates {
  readonly plugin: Plugin;
  readonly #asked = new Map<string, PromiseWithResolvers<void>>();
  readonly #answers = new Map<string, PromiseWithResolvers<Verdict>>();

  constructor(kind: "publish" | "play") {
    this.plugin = deciding((ctx) =>
      ctx.decide(kind, ({ key }) => {
        at(this.#asked, key.name).resolve();
        return at(this.#answers, key.name).promise;
      })
    );
  }

  /** Settles when the stream has been asked for. */
  asked(name: string): Promise<void> {
    return at(this.#asked, name).promise;
  }

  answer(name: string, verdict?: Verdict): void {
    at(this.#answers, name).resolve(verdict);
  }
}

function at<T>(map: Map<string, PromiseWithResolvers<T>>, name: string): PromiseWithResolvers<T> {
  const found = map.get(name) ?? Promise.withResolvers<T>();
  map.set(name, found);
  return found;
}

/** Asks for a stream on message stream 1, and waits until that is being decided. */
async function ask(peer: WirePeer, gates: Gates, kind: "publish" | "play", name: string): Promise<void> {
  peer.say((script) => script.command(0, 4, 1, kind, 0, null, name));
  await gates.asked(name);
}

function picture(script: ChunkScript, streamId: number, { kind, body }: Tag = PICTURE): ChunkScript {
  return script.message(0, 6, { type: tagTypeOf(kind), streamId }, body);
}
