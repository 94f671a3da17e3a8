import { assertEquals, assertStringIncludes } from "@std/assert";
import { eventually } from "../support/eventually.ts";
import { StreamMaker } from "../support/stream_maker.ts";
import { TestServer } from "../support/test_server.ts";
import type { TransportUnderTest } from "../support/transports/transport.ts";

/** How publishing over this protocol ends, and what is told of it. */
export function endTests(transport: TransportUnderTest): void {
  Deno.test(`${transport.name}: a publisher is told when an operator closes it, and its stream waits for it`, async () => {
    await using server = await TestServer.start();
    await using publisher = await transport.publish(server, "live/cam");
    publisher.write(new StreamMaker().head());
    (await server.event("stream:start")).session.close("kicked");
    const { status, message } = await publisher.over();
    assertEquals(status, transport.publisherEnds.kicked);
    if (message) assertStringIncludes(message, "closed by the operator");
    assertEquals((await server.event("stream:interrupt")).reason, "kicked");
  });

  Deno.test(`${transport.name}: a publisher that falls silent is told so, and its stream waits for it`, async () => {
    await using server = await TestServer.start({ config: { publishTimeoutSeconds: 4 } });
    await using publisher = await transport.publish(server, "live/cam");
    server.clock.advance(3000);
    assertEquals(server.server.streams.get("live/cam")?.state, "live");
    server.clock.advance(1000);
    assertEquals((await publisher.over()).status, transport.publisherEnds.idle);
    assertEquals((await server.event("stream:interrupt")).reason, "idle");
  });

  Deno.test(`${transport.name}: a publisher that vanishes is told of as one that left`, async () => {
    await using server = await TestServer.start({ config: { graceSeconds: 2 } });
    const publisher = await transport.publish(server, "live/cam");
    publisher.write(new StreamMaker().head());
    await publisher.vanish();
    assertEquals((await server.event("stream:interrupt")).reason, "left");
    server.clock.advance(2000);
    assertEquals((await server.event("stream:end")).reason, "stream-ended");
    assertEquals((await server.event("session:end")).reason, "left");
    assertEquals(server.server.sessions.size, 0);
  });

  Deno.test(`${transport.name}: every start that is told has exactly one end`, async () => {
    await using server = await TestServer.start();
    const publisher = await transport.publish(server, "live/cam");
    const maker = new StreamMaker();
    publisher.write([...maker.head(), ...maker.gop()]);
    await using player = await transport.play(server, "live/cam");
    await publisher.end();
    await player.over();
    await player[Symbol.asyncDispose]();
    await eventually(() => server.server.sessions.size === 0, "a session is still open");
    const count = (name: string) => server.told.filter((told) => told.name === name).length;
    for (const kind of ["session", "stream", "play"]) assertEquals(count(`${kind}:start`), count(`${kind}:end`), kind);
    assertEquals(count("stream:start"), 1);
    assertEquals(count("stream:interrupt"), 0);
  });
}
