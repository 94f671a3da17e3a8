import { assertEquals, assertMatch } from "@std/assert";
import type { RefusalCode } from "../kernel/reasons.ts";
import { upstream } from "../plugins/upstream/plugin.ts";
import { eventually } from "./support/eventually.ts";
import { readHead, sendRequest } from "./support/http_exchange.ts";
import { SilentServer } from "./support/silent_server.ts";
import { deciding, TestServer } from "./support/test_server.ts";
import { TestSocket } from "./support/test_socket.ts";
import type { Refused, TransportUnderTest } from "./support/transports/transport.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

const SCHEMES = ["rtmp", "http", "ws"] as const;

/** An edge of one server that is asked by this protocol. */
function edge(scheme: string, port: number, query = ""): Promise<TestServer> {
  const servers = [`${scheme}://127.0.0.1:${port}${query}`];
  return TestServer.start({ late: [upstream()], config: { upstream: { routes: [{ servers }] } } });
}

/** A port at which nobody listens. */
async function deadPort(): Promise<number> {
  await using server = await SilentServer.listen();
  return server.port;
}

/** Waits until the server behind a server has failed once more than `before`; gives how often it has by then. */
async function failed(near: TestServer, before = 0): Promise<number> {
  const count = () =>
    near.logged.filter(({ message }) => /cannot be pulled: .* trying again/.test(String(message))).length;
  await eventually(() => count() > before, "no attempt has failed");
  return count();
}

/** How a player of this protocol is refused who waits for so many seconds. */
function refusal(near: TestServer, transport: TransportUnderTest, wait: number): Promise<Refused | undefined> {
  return transport.play(near, "live/cam", { wait: String(wait) }).then(() => undefined, (error: Refused) => error);
}

function assertRefused(refused: Refused | undefined, transport: TransportUnderTest, code: RefusalCode, words: RegExp) {
  assertEquals(refused?.status, transport.refused.play[code], transport.name);
  assertMatch(refused?.message ?? "", words);
}

for (const scheme of SCHEMES) {
  Deno.test(`an edge whose ${scheme} server cannot be reached says so, and not that there is no such stream`, async () => {
    await using near = await edge(scheme, await deadPort());
    let failures = 0;
    for (const transport of TRANSPORTS) {
      const refused = refusal(near, transport, 1);
      failures = await failed(near, failures);
      near.clock.advance(1000);
      const words = /Cannot play live\/cam: the server behind this one cannot be reached/;
      assertRefused(await refused, transport, "unreachable", words);
    }
  });

  Deno.test(`an edge whose ${scheme} server does not answer says so`, async () => {
    for (const transport of TRANSPORTS) {
      await using silent = await SilentServer.listen();
      await using near = await edge(scheme, silent.port);
      const refused = refusal(near, transport, 9);
      await silent.visited;
      near.clock.advance(8000);
      await failed(near);
      near.clock.advance(1000);
      const words = /Cannot play live\/cam: the server behind this one does not answer/;
      assertRefused(await refused, transport, "no-answer", words);
    }
  });

  Deno.test(`an edge whose ${scheme} server has no such stream, or refuses it, says that`, async () => {
    const decides = deciding((ctx) =>
      ctx.decide("play", ({ session }) => session.params.has("key") ? { deny: "Not with this key" } : undefined)
    );
    await using home = await TestServer.start({ plugins: [decides], config: { waitSeconds: 0 } });
    await using near = await edge(scheme, home.port);
    await using other = await edge(scheme, home.port, "?key=void");
    for (const transport of TRANSPORTS) {
      assertRefused(await refusal(near, transport, 9), transport, "not-live", /Nobody publishes live\/cam/);
      assertRefused(await refusal(other, transport, 9), transport, "denied", /Not with this key/);
    }
  });

  Deno.test(`an edge of an edge hears by ${scheme} that the server behind that is gone, and passes it on at once`, async () => {
    await using middle = await edge("http", await deadPort());
    await using bottom = await edge(scheme, middle.port);
    const [, httpFlv] = TRANSPORTS;
    const refused = refusal(bottom, httpFlv, 1);
    await failed(middle);
    middle.clock.advance(1000);
    assertRefused(await refused, httpFlv, "unreachable", /cannot be reached/);
    assertEquals(bottom.clock.now(), 0);
  });
}

Deno.test("what an edge says of a server that is gone is kept by no cache, and may be asked for again soon", async () => {
  await using near = await edge("http", await deadPort());
  await using socket = await TestSocket.open(near.port);
  sendRequest(socket, "GET", "/live/cam.flv?wait=1");
  await failed(near);
  near.clock.advance(1000);
  const head = await readHead(socket);
  const headers = ["cache-control", "retry-after", "access-control-allow-origin"];
  assertEquals([head?.status, ...headers.map((name) => head?.headers.get(name))], [502, "no-store", "5", "*"]);
});

Deno.test("nor does a cache keep that a stream is not there", async () => {
  await using server = await TestServer.start({ config: { waitSeconds: 0 } });
  for (const method of ["GET", "HEAD"]) {
    await using socket = await TestSocket.open(server.port);
    sendRequest(socket, method, "/live/cam.flv");
    const head = await readHead(socket);
    assertEquals([head?.status, head?.headers.get("cache-control")], [404, "no-store"], method);
  }
});
