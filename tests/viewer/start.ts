import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { eventually } from "../support/eventually.ts";
import { assertDecodable, assertSamePackets, frames, from, hasBodyOf } from "../support/packets.ts";
import { packetsOf, StreamMaker } from "../support/stream_maker.ts";
import { TestServer } from "../support/test_server.ts";
import { Refused, type TransportUnderTest } from "../support/transports/transport.ts";

/** How a player of this protocol begins to play what a publisher of that one sends. */
export function startTests(viewer: TransportUnderTest, publishing: TransportUnderTest): void {
  const title = `${viewer.name} plays ${publishing.name}`;

  Deno.test(`${title}: a player gets configuration, key and all since at once`, async () => {
    await using server = await TestServer.start();
    const maker = new StreamMaker();
    await using publisher = await publishing.publish(server, "live/cam");
    publisher.write([...maker.head(), ...maker.gops(2)]);
    const newest = maker.gop().slice(0, 17);
    publisher.write(newest);
    await server.received("live/cam", newest[16]);
    await using player = await viewer.play(server, "live/cam");
    await player.until(hasBodyOf(newest[16]));
    assertDecodable(player.packets);
    assertSamePackets(frames(player.packets), packetsOf(newest));
  });

  Deno.test(`${title}: players who come at different times see the same from their key on`, async () => {
    await using server = await TestServer.start();
    const maker = new StreamMaker();
    await using publisher = await publishing.publish(server, "live/cam");
    const first = maker.gop();
    publisher.write([...maker.head(), ...first]);
    await using early = await viewer.play(server, "live/cam");
    await early.until(hasBodyOf(first[0]));
    const second = maker.gop();
    publisher.write(second);
    await server.received("live/cam", second[0]);
    await using late = await viewer.play(server, "live/cam");
    await late.until(hasBodyOf(second[0]));
    const third = maker.gop();
    publisher.write(third);
    for (const player of [early, late]) await player.until(hasBodyOf(third[third.length - 1]));
    assertSamePackets(frames(early.packets), packetsOf([...first, ...second, ...third]));
    assertSamePackets(frames(from(late.packets, second[0])), packetsOf([...second, ...third]));
    assertDecodable(early.packets);
    assertDecodable(late.packets);
  });

  Deno.test(`${title}: a player waits for its stream to begin`, async () => {
    await using server = await TestServer.start();
    const accepted = viewer.play(server, "live/cam");
    await server.awaited("live/cam");
    const maker = new StreamMaker();
    await using publisher = await publishing.publish(server, "live/cam");
    const gop = maker.gop();
    publisher.write([...maker.head(), ...gop]);
    await using player = await accepted;
    await player.until(hasBodyOf(gop[gop.length - 1]));
    assertSamePackets(frames(player.packets), packetsOf(gop));
    assertDecodable(player.packets);
  });
}

/** How a player of this protocol waits for what does not come. */
export function waitTests(viewer: TransportUnderTest): void {
  Deno.test(`${viewer.name}: a player who waited in vain is told so`, async () => {
    await using server = await TestServer.start({ config: { waitSeconds: 7 } });
    const refusal = assertRejects(() => viewer.play(server, "live/none"), Refused);
    await server.awaited("live/none");
    server.clock.advance(6_999);
    assertEquals(server.server.streams.get("live/none")?.state, "waiting");
    server.clock.advance(1);
    const { status, message } = await refusal;
    assertEquals(status, viewer.refused.play["not-found"]);
    assertStringIncludes(message, "Nobody publishes live/none");
    assert(!server.server.streams.has("live/none"));
  });

  Deno.test(`${viewer.name}: a player who waits is told when the server stops`, async () => {
    const server = await TestServer.start();
    const refusal = assertRejects(() => viewer.play(server, "live/none"), Refused);
    await server.awaited("live/none");
    await server[Symbol.asyncDispose]();
    const { status, message } = await refusal;
    assertEquals(status, viewer.refused.play.shutdown);
    assertMatch(message, /the server is stopping/i);
  });

  Deno.test(`${viewer.name}: a stream is forgotten when the last one who waited for it goes`, async () => {
    await using server = await TestServer.start();
    const leaving = new AbortController();
    const left = assertRejects(() => viewer.play(server, "live/none", {}, leaving.signal));
    await server.awaited("live/none");
    leaving.abort();
    await left;
    await server.event("session:end", ({ reason }) => reason === "left");
    await eventually(() => server.server.streams.size === 0, "the stream is still there");
  });
}
