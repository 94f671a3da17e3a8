import { assert, assertEquals } from "@std/assert";
import { hasBodyOf } from "../support/packets.ts";
import { StreamMaker } from "../support/stream_maker.ts";
import { TestServer } from "../support/test_server.ts";
import type { TransportUnderTest } from "../support/transports/transport.ts";

/** How a player of this protocol ends when neither it nor its publisher wants to. */
export function endTests(viewer: TransportUnderTest, publishing: TransportUnderTest): void {
  Deno.test(`${viewer.name}: a player is told when an operator closes it, and the stream goes on`, async () => {
    await using server = await TestServer.start();
    const maker = new StreamMaker();
    await using publisher = await publishing.publish(server, "live/cam");
    publisher.write([...maker.head(), ...maker.gop()]);
    await using kicked = await viewer.play(server, "live/cam");
    const { session } = await server.event("play:start");
    await using other = await viewer.play(server, "live/cam");
    session.close("kicked");
    assertEquals((await kicked.over()).status, viewer.playerEnds.kicked);
    assertEquals((await server.event("play:end")).reason, "kicked");
    const last = maker.gop();
    publisher.write(last);
    await other.until(hasBodyOf(last[last.length - 1]));
  });

  Deno.test(`${viewer.name}: a player is told when the server stops`, async () => {
    const server = await TestServer.start();
    const maker = new StreamMaker();
    await using publisher = await publishing.publish(server, "live/cam");
    const gop = maker.gop();
    publisher.write([...maker.head(), ...gop]);
    await using player = await viewer.play(server, "live/cam");
    await player.until(hasBodyOf(gop[gop.length - 1]));
    await server[Symbol.asyncDispose]();
    assertEquals((await player.over()).status, viewer.playerEnds.shutdown);
    assertEquals((await publisher.over()).status, publishing.publisherEnds.shutdown);
    assertEquals((await server.event("play:end")).reason, "shutdown");
  });

  Deno.test(`${viewer.name}: a player who leaves is counted out`, async () => {
    await using server = await TestServer.start();
    const maker = new StreamMaker();
    await using publisher = await publishing.publish(server, "live/cam");
    publisher.write([...maker.head(), ...maker.gop()]);
    const player = await viewer.play(server, "live/cam");
    const stream = server.server.streams.get("live/cam");
    assertEquals(stream?.viewers, 1);
    await player.until(({ role }) => role === "key");
    await player[Symbol.asyncDispose]();
    const { reason, bytes } = await server.event("play:end");
    assertEquals(reason, "left");
    assert(bytes > 0);
    assertEquals(stream?.viewers, 0);
  });

  Deno.test(`${viewer.name}: a key in a query stands in no line of the log`, async () => {
    await using server = await TestServer.start();
    const maker = new StreamMaker();
    await using publisher = await publishing.publish(server, "live/cam", { key: "sesame1", name: "sesame2" });
    publisher.write([...maker.head(), ...maker.gop()]);
    const player = await viewer.play(server, "live/cam", { token: "sesame3" });
    await player[Symbol.asyncDispose]();
    await server.event("play:end");
    await publisher.end();
    await server.event("stream:end");
    assert(server.logged.length > 5);
    server.assertNeverLogged("sesame");
  });
}
