import { assertEquals, assertRejects } from "@std/assert";
import { auth } from "../plugins/auth/plugin.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { Refused, type TransportUnderTest } from "./support/transport.ts";
import { TRANSPORTS } from "./support/transports.ts";

/** What is expected: let in, or refused because the credential does not count or because nobody like this may. */
type Verdict = "in" | "unauthorized" | "denied";

type Params = Readonly<Record<string, string>>;

const KEY = { key: "sesame" };
for (const transport of TRANSPORTS) {
  Deno.test(`${transport.name}: keys`, async () => {
    await using server = await TestServer.start({
      plugins: [auth()],
      config: { auth: { publish: { keys: { "live/*": "sesame" } } } },
    });
    assertEquals(await publishing(transport, server, {}), "unauthorized");
    assertEquals(await publishing(transport, server, { key: "sesamf" }), "unauthorized");
    assertEquals(await publishing(transport, server, KEY), "in");
    server.assertNeverLogged("sesam");
  });
}

async function publishing(
  transport: TransportUnderTest,
  server: TestServer,
  params: Params,
): Promise<Verdict | string> {
  try {
    await using publisher = await transport.publish(server, "live/cam", params);
    publisher.write(new StreamMaker().head());
    return "in";
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { refused } = transport;
    for (const code of ["unauthorized", "denied"] as const) if (refused.publish[code] === error.status) return code;
    return error.status;
  }
}
