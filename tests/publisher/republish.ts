import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { hasBodyOf } from "../support/packets.ts";
import { StreamMaker } from "../support/stream_maker.ts";
import { deciding, TestServer } from "../support/test_server.ts";
import { Refused, type TransportUnderTest } from "../support/transports/transport.ts";

const SAME_KEY = deciding((ctx) => {
  ctx.decide("publish", ({ session }) => ({ credential: session.params.get("key") ?? undefined }));
});

/** What happens when a second publisher, of this protocol, comes to a stream that has one of that protocol. */
export function republishTests(newcomer: TransportUnderTest, first: TransportUnderTest): void {
  const title = `${newcomer.name} after ${first.name}`;

  Deno.test(`${title}: a second publisher is refused in words, and the first goes on`, async () => {
    await using server = await TestServer.start({ plugins: [SAME_KEY] });
    const maker = new StreamMaker();
    await using publisher = await first.publish(server, "live/cam", { key: "mine" });
    publisher.write([...maker.head(), ...maker.gop()]);
    const { status, message } = await assertRejects(
      () => newcomer.publish(server, "live/cam", { key: "yours" }),
      Refused,
    );
    assertEquals(status, newcomer.refused.publish.busy);
    assertStringIncludes(message, "Cannot publish live/cam: it has a publisher");
    const last = maker.gop();
    publisher.write(last);
    await server.received("live/cam", last[last.length - 1]);
  });

  Deno.test(`${title}: a publisher with the same key takes over, and the first one hears it`, async () => {
    await using server = await TestServer.start({ plugins: [SAME_KEY] });
    await using old = await first.publish(server, "live/cam", { key: "mine" });
    await using publisher = await newcomer.publish(server, "live/cam", { key: "mine" });
    const { status, message } = await old.over();
    assertEquals(status, first.publisherEnds.replaced);
    if (message) assertStringIncludes(message, "another publisher took over");
    const maker = new StreamMaker();
    const gop = maker.gop();
    publisher.write([...maker.head(), ...gop]);
    await server.received("live/cam", gop[gop.length - 1]);
  });

  Deno.test(`${title}: a publisher that has been silent is taken over by anybody`, async () => {
    await using server = await TestServer.start();
    await using old = await first.publish(server, "live/cam");
    server.clock.advance(3000);
    await using publisher = await newcomer.publish(server, "live/cam");
    assertEquals((await old.over()).status, first.publisherEnds.replaced);
    const maker = new StreamMaker();
    const gop = maker.gop();
    publisher.write([...maker.head(), ...gop]);
    await server.received("live/cam", gop[gop.length - 1]);
  });
}

/** The policies for a second publisher. */
export function policyTests(transport: TransportUnderTest): void {
  Deno.test(`${transport.name}: two encoders that take over from each other again and again are backed off`, async () => {
    await using server = await TestServer.start({ plugins: [SAME_KEY] });
    const publish = () => transport.publish(server, "live/cam", { key: "mine" });
    for (let i = 0; i < 4; i++) await publish();
    const { status, message } = await assertRejects(publish, Refused);
    assertEquals(status, transport.refused.publish.busy);
    assertStringIncludes(message, "two publishers keep taking it from each other");
    server.clock.advance(30_000);
    await using _publisher = await publish();
  });

  Deno.test(`${transport.name}: where the policy is to reject, the same key does not help`, async () => {
    await using server = await TestServer.start({ plugins: [SAME_KEY], config: { republish: "reject" } });
    await using _publisher = await transport.publish(server, "live/cam", { key: "mine" });
    server.clock.advance(5000);
    await assertRejects(() => transport.publish(server, "live/cam", { key: "mine" }), Refused);
  });

  Deno.test(`${transport.name}: where the policy is to take over, anybody may`, async () => {
    await using server = await TestServer.start({ config: { republish: "takeover" } });
    await using old = await transport.publish(server, "live/cam");
    await using publisher = await transport.publish(server, "live/cam");
    await old.over();
    const maker = new StreamMaker();
    const gop = maker.gop();
    publisher.write([...maker.head(), ...gop]);
    await using player = await transport.play(server, "live/cam");
    await player.until(hasBodyOf(gop[0]));
  });
}
