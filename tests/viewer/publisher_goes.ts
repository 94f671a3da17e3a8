import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import { assertDecodable, assertMonotonic, assertSamePackets, frames, from, hasBodyOf } from "../support/packets.ts";
import { packetsOf, StreamMaker } from "../support/stream_maker.ts";
import { deciding, TestServer } from "../support/test_server.ts";
import type { TransportUnderTest } from "../support/transports/transport.ts";

/** What a player of this protocol sees when a publisher of that one goes, and when it comes again. */
export function publisherGoesTests(viewer: TransportUnderTest, publishing: TransportUnderTest): void {
  const title = `${viewer.name} plays ${publishing.name}`;

  Deno.test(`${title}: a publisher that finishes ends its players after the last byte`, async () => {
    await using server = await TestServer.start();
    const maker = new StreamMaker();
    await using publisher = await publishing.publish(server, "live/cam");
    const gop = maker.gop();
    publisher.write([...maker.head(), ...gop]);
    await server.received("live/cam", gop[0]);
    await using player = await viewer.play(server, "live/cam");
    const last = maker.gop();
    publisher.write(last);
    assertEquals((await publisher.end()).status, publishing.publisherEnds.left);
    assertEquals((await player.over()).status, viewer.playerEnds["stream-ended"]);
    assertSamePackets(frames(from(player.packets, last[0])), packetsOf(last));
    assertEquals((await server.event("stream:end")).reason, "stream-ended");
    assertEquals(server.server.streams.size, 0);
  });

  Deno.test(`${title}: a publisher that vanishes and returns goes on for the same players`, async () => {
    await using server = await TestServer.start();
    const maker = new StreamMaker({ startMs: 5000 });
    const lost = await publishing.publish(server, "live/cam");
    const before = maker.gop();
    lost.write([...maker.head(), ...before]);
    await server.received("live/cam", before[before.length - 1]);
    await using player = await viewer.play(server, "live/cam");
    await player.until(hasBodyOf(before[before.length - 1]));
    await lost.vanish();
    await server.event("stream:interrupt");
    server.clock.advance(4000);
    const again = new StreamMaker({ gopPictures: 5, seed: 1 });
    await using back = await publishing.publish(server, "live/cam");
    await server.event("stream:resume");
    const config = again.changeVideo();
    const after = again.gops(2);
    back.write([...config, ...again.audioConfig(), ...after]);
    await player.until(hasBodyOf(after[after.length - 1]));
    server.clock.advance(60_000);
    assertSamePackets(frames(player.packets), packetsOf([...before, ...after]), { times: false });
    assertGreaterOrEqual(from(player.packets, config[0]).length, packetsOf(after).length);
    assertMonotonic(player.packets);
    assertDecodable(player.packets);
  });

  Deno.test(`${title}: a player who comes while the publisher is away sees the newest pictures, then the new ones`, async () => {
    await using server = await TestServer.start();
    const maker = new StreamMaker();
    const lost = await publishing.publish(server, "live/cam");
    const before = maker.gop();
    lost.write([...maker.head(), ...before]);
    await server.received("live/cam", before[before.length - 1]);
    await lost.vanish();
    await server.event("stream:interrupt");
    await using player = await viewer.play(server, "live/cam");
    await player.until(hasBodyOf(before[before.length - 1]));
    await using back = await publishing.publish(server, "live/cam");
    const after = maker.gop();
    back.write([...maker.head(), ...after]);
    await player.until(hasBodyOf(after[after.length - 1]));
    assertSamePackets(frames(player.packets), packetsOf([...before, ...after]), { times: false });
    assertMonotonic(player.packets);
  });
}

/** The same, where one publisher's protocol is as good as another. */
export function publisherStaysAwayTests(viewer: TransportUnderTest, publishing: TransportUnderTest): void {
  Deno.test(`${viewer.name}: a publisher that does not return in time ends its players`, async () => {
    await using server = await TestServer.start({ config: { graceSeconds: 3 } });
    const maker = new StreamMaker();
    const lost = await publishing.publish(server, "live/cam");
    const gop = maker.gop();
    lost.write([...maker.head(), ...gop]);
    await server.received("live/cam", gop[0]);
    await using player = await viewer.play(server, "live/cam");
    await lost.vanish();
    await server.event("stream:interrupt");
    server.clock.advance(2999);
    assertEquals(server.server.streams.get("live/cam")?.state, "interrupted");
    server.clock.advance(1);
    assertEquals((await player.over()).status, viewer.playerEnds["stream-ended"]);
    assertEquals(server.server.streams.size, 0);
  });

  Deno.test(`${viewer.name}: players stay when a publisher with the same key takes over`, async () => {
    const sameKey = deciding((ctx) =>
      ctx.decide("publish", ({ session }) => ({ credential: session.params.get("key")! }))
    );
    await using server = await TestServer.start({ plugins: [sameKey] });
    const maker = new StreamMaker();
    await using old = await publishing.publish(server, "live/cam", { key: "mine" });
    const before = maker.gop();
    old.write([...maker.head(), ...before]);
    await server.received("live/cam", before[before.length - 1]);
    await using player = await viewer.play(server, "live/cam");
    await player.until(hasBodyOf(before[before.length - 1]));
    await using newcomer = await publishing.publish(server, "live/cam", { key: "mine" });
    assertEquals((await old.over()).status, publishing.publisherEnds.replaced);
    const after = maker.gop();
    newcomer.write([...maker.head(), ...after]);
    await player.until(hasBodyOf(after[after.length - 1]));
    assertSamePackets(frames(player.packets), packetsOf([...before, ...after]), { times: false });
    assertMonotonic(player.packets);
    assertDecodable(player.packets);
  });
}
