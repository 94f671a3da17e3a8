import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { StreamMaker } from "../support/stream_maker.ts";
import { deciding, TestServer } from "../support/test_server.ts";
import { Refused, type TransportUnderTest } from "../support/transports/transport.ts";

const BAD_NAMES = ["live/c.am", "live/ca%20m", `live/${"x".repeat(129)}`, "li+ve/cam"];

/** How a player of this protocol is told no. */
export function refusalTests(viewer: TransportUnderTest, publishing: TransportUnderTest): void {
  for (const path of BAD_NAMES) {
    Deno.test(`${viewer.name}: the name ${path.slice(0, 20)} is refused in words`, async () => {
      await using server = await TestServer.start();
      const { status, message } = await assertRejects(() => viewer.play(server, path), Refused);
      assertEquals(status, viewer.refused.play["bad-name"]);
      assertStringIncludes(message, "allowed are 1 to 128 of A-Z");
    });
  }

  Deno.test(`${viewer.name}: a plugin's refusal to play reaches the player in the plugin's words`, async () => {
    const noPlayers = deciding((ctx) =>
      ctx.decide("play", ({ stream }) => ({ deny: `${stream} is for friends only` }))
    );
    await using server = await TestServer.start({ plugins: [noPlayers] });
    await using publisher = await publishing.publish(server, "live/cam");
    publisher.write(new StreamMaker().head());
    const { status, message } = await assertRejects(() => viewer.play(server, "live/cam"), Refused);
    assertEquals(status, viewer.refused.play.denied);
    assertStringIncludes(message, "live/cam is for friends only");
    await server.event("session:end", ({ session }) => session.protocol === viewer.name);
  });

  Deno.test(`${viewer.name}: a plugin's refusal to connect reaches the player`, async () => {
    const closed = deciding((ctx) => ctx.decide("connect", () => ({ deny: "closed on Sundays" })));
    await using server = await TestServer.start({ plugins: [closed] });
    const { status, message } = await assertRejects(() => viewer.play(server, "live/cam"), Refused);
    assertEquals(status, viewer.refused.connect);
    assertStringIncludes(message, "closed on Sundays");
    assertEquals(server.told, []);
  });

  Deno.test(`${viewer.name}: a plugin that fails while it decides refuses, and its words stay inside`, async () => {
    const broken = deciding((ctx) => {
      ctx.decide("play", () => {
        throw new Error("the database is gone");
      });
    });
    await using server = await TestServer.start({ plugins: [broken] });
    const { status, message } = await assertRejects(() => viewer.play(server, "live/cam"), Refused);
    assertEquals(status, viewer.refused.play.error);
    assertEquals(message.includes("database"), false);
  });
}
