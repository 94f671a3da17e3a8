import { assertEquals } from "@std/assert";
import { definePlugin, type Plugin } from "../kernel/plugin/plugin.ts";
import type { MediaPacket } from "../media/packet.ts";
import { FEW_PUBLISHERS, GATHER_MS } from "../protocols/shared/merged_reads.ts";
import { eventually } from "./support/eventually.ts";
import { assertSamePackets, frames, hasBodyOf } from "./support/packets.ts";
import { packetsOf, StreamMaker, type Tag } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import type { TestPublisher } from "./support/transports/transport.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

/** Keeps the packets of every stream, in no hurry. */
function recording(kept: Map<string, MediaPacket[]>): Plugin {
  return definePlugin({
    name: "recording",
    setup(ctx) {
      ctx.on("stream:start", async ({ stream }) => {
        const packets: MediaPacket[] = [];
        kept.set(stream.id, packets);
        for await (const packet of stream.packets({ patient: true })) packets.push(packet);
      });
    },
  })();
}

for (const transport of TRANSPORTS) {
  Deno.test(`${transport.name}: of many publishers that nobody watches, nothing is lost`, async () => {
    const kept = new Map<string, MediaPacket[]>();
    await using server = await TestServer.start({ plugins: [recording(kept)] });
    await using publishers = new AsyncDisposableStack();
    const all: { readonly maker: StreamMaker; readonly publisher: TestPublisher; readonly sent: Tag[] }[] = [];
    for (let i = 0; i <= FEW_PUBLISHERS; i++) {
      const publisher = publishers.use(await transport.publish(server, `live/cam${i}`));
      all.push({ publisher, maker: new StreamMaker({ keyBytes: 20_000 }), sent: [] });
    }
    for (const { publisher, maker } of all) publisher.write(maker.head());
    for (let round = 0; round < 5; round++) {
      for (const { publisher, maker, sent } of all) {
        const gop = maker.gop();
        sent.push(...gop);
        publisher.write(gop);
      }
      const last = hasBodyOf(packetsOf(all[0].sent.slice(-1))[0]);
      await eventually(() => {
        server.clock.advance(GATHER_MS / 10);
        return all.every((_, i) => kept.get(`live/cam${i}`)?.some(last));
      }, "something has not been read");
    }
    for (const [i, { sent }] of all.entries()) {
      assertSamePackets(frames(kept.get(`live/cam${i}`) ?? []), packetsOf(sent));
    }
  });

  Deno.test(`${transport.name}: of many publishers one that is watched is read at once`, async () => {
    await using server = await TestServer.start();
    await using others = new AsyncDisposableStack();
    for (let i = 0; i < FEW_PUBLISHERS; i++) others.use(await transport.publish(server, `live/other${i}`));
    const maker = new StreamMaker();
    await using publisher = await transport.publish(server, "live/cam");
    publisher.write([...maker.head(), ...maker.gop()]);
    await eventually(() => {
      server.clock.advance(GATHER_MS / 10);
      return server.server.streams.get("live/cam")?.hasVideo ?? false;
    }, "nothing arrived");
    await using player = await transport.play(server, "live/cam");
    server.clock.advance(GATHER_MS);
    for (let round = 0; round < 10; round++) {
      const gop = maker.gop();
      publisher.write(gop);
      await player.until(hasBodyOf(packetsOf(gop.slice(-1))[0]));
    }
    assertEquals(server.server.streams.get("live/cam")?.isWatched, true);
  });
}
