import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { eventually } from "../support/eventually.ts";
import { deciding, TestServer } from "../support/test_server.ts";
import { Refused, type TransportUnderTest } from "../support/transports/transport.ts";

const BAD_NAMES = ["live/c.am", "live/ca%20m", `live/${"x".repeat(129)}`, "li+ve/cam"];

/** How a publisher of this protocol is told no. */
export function refusalTests(transport: TransportUnderTest): void {
  for (const path of BAD_NAMES) {
    Deno.test(`${transport.name}: publishing as ${path.slice(0, 20)} is refused in words`, async () => {
      await using server = await TestServer.start();
      const { status, message } = await assertRejects(() => transport.publish(server, path), Refused);
      assertEquals(status, transport.refused.publish["bad-name"]);
      assertStringIncludes(message, "allowed are 1 to 128 of A-Z");
      await eventually(() => server.server.sessions.size === 0, "the session is still open");
    });
  }

  Deno.test(`${transport.name}: a plugin's refusal to publish reaches the publisher in the plugin's words`, async () => {
    const wrongKey = deciding((ctx) => {
      ctx.decide("publish", ({ session }) => {
        if (session.params.get("key") !== "sesame") return { deny: "the key is wrong" };
      });
    });
    await using server = await TestServer.start({ plugins: [wrongKey] });
    const tries = () => transport.publish(server, "live/cam", { key: "simsala" });
    const { status, message } = await assertRejects(tries, Refused);
    assertEquals(status, transport.refused.publish.denied);
    assertStringIncludes(message, "the key is wrong");
    assertEquals(server.server.streams.size, 0);
    await using _publisher = await transport.publish(server, "live/cam", { key: "sesame" });
    server.assertNeverLogged("sesame|simsala");
  });

  Deno.test(`${transport.name}: a plugin's refusal to connect reaches the publisher`, async () => {
    const closed = deciding((ctx) => ctx.decide("connect", () => ({ deny: "closed on Sundays" })));
    await using server = await TestServer.start({ plugins: [closed] });
    const { status, message } = await assertRejects(() => transport.publish(server, "live/cam"), Refused);
    assertEquals(status, transport.refused.connect);
    assertStringIncludes(message, "closed on Sundays");
    assertEquals(server.told, []);
  });

  Deno.test(`${transport.name}: a publisher who leaves while it is decided on is forgotten`, async () => {
    const decision = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const slow = deciding((ctx) => {
      ctx.decide("connect", () => {
        asked.resolve();
        return decision.promise;
      });
    });
    await using server = await TestServer.start({ plugins: [slow] });
    const leaving = new AbortController();
    const left = assertRejects(() => transport.publish(server, "live/cam", {}, leaving.signal));
    await asked.promise;
    leaving.abort();
    await left;
    await server.settled();
    decision.resolve();
    await server.event("session:end");
    await eventually(() => server.server.streams.get("live/cam")?.state !== "live", "the stream is published");
    assertEquals(server.server.sessions.size, 0);
  });
}
