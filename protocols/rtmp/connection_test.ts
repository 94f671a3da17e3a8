import { assertEquals } from "@std/assert";
import { eventually } from "../../tests/support/eventually.ts";
import { StreamMaker, type Tag } from "../../tests/support/stream_maker.ts";
import { deciding, TestServer } from "../../tests/support/test_server.ts";
import { MessageType } from "./message.ts";
import type { ChunkScript } from "./testing.ts";
import { WirePeer } from "./testing_wire.ts";
import { tagTypeOf } from "../../media/flv/tag.ts";

const [PICTURE] = new StreamMaker().gop();

for (const order of [["one", "two"], ["two", "one"]] as const) {
  Deno.test(`the last publish on a message stream counts when ${order[0]} is decided first`, async () => {
    const gates = new Map(order.map((name) => [name as string, Promise.withResolvers<void>()]));
    const plugin = deciding((ctx) => ctx.decide("publish", ({ key }) => gates.get(key.name)?.promise));
    await using server = await TestServer.start({ plugins: [plugin] });
    await using peer = await WirePeer.connect(server);
    peer.say((script) => {
      script.command(0, 4, 1, "publish", 0, null, "one").command(0, 4, 1, "publish", 0, null, "two");
      picture(script, 1);
    });
    for (const name of order) {
      gates.get(name)?.resolve();
      await server.settled();
    }
    await peer.hears("NetStream.Publish.Start");
    await server.received("live/two", PICTURE);
    assertEquals(peer.codes.filter((code) => code === "NetStream.Publish.Start").length, 1);
  });
}

Deno.test("a refusal of what the peer has taken back is not told", async () => {
  const gate = Promise.withResolvers<void>();
  const plugin = deciding((ctx) =>
    ctx.decide("publish", async ({ key }) => {
      if (key.name !== "one") return;
      await gate.promise;
      throw new Error("no");
    })
  );
  await using server = await TestServer.start({ plugins: [plugin] });
  await using peer = await WirePeer.connect(server);
  peer.say((script) => {
    script.command(0, 4, 1, "publish", 0, null, "one").command(0, 4, 1, "publish", 0, null, "two");
  });
  await peer.hears("NetStream.Publish.Start");
  gate.resolve();
  await server.settled();
  peer.say((script) => picture(script, 1));
  await server.received("live/two", PICTURE);
  assertEquals(peer.codes, ["_result", "NetStream.Publish.Start"]);
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
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const plugin = deciding((ctx) =>
    ctx.decide("publish", () => {
      asked.resolve();
      return gate.promise;
    })
  );
  await using server = await TestServer.start({ plugins: [plugin] });
  await using peer = await WirePeer.connect(server);
  peer.say((script) => script.command(0, 4, 1, "publish", 0, null, "cam"));
  await asked.promise;
  peer.say((script) =>
    script.command(0, 3, 0, "deleteStream", 0, null, 1).command(0, 3, 0, "getStreamLength", 5, null)
  );
  await peer.hears("_result", 2);
  gate.resolve();
  await server.event("stream:end", ({ stream }) => stream.path === "live/cam");
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

function picture(script: ChunkScript, streamId: number, { kind, body }: Tag = PICTURE): ChunkScript {
  return script.message(0, 6, { type: tagTypeOf(kind), streamId }, body);
}
