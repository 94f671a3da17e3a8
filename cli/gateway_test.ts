import { assertEquals, assertMatch } from "@std/assert";
import type { Session } from "../kernel/sessions/session.ts";
import type { Stream } from "../kernel/streams/stream.ts";
import { createLogger } from "../kernel/log/log.ts";
import type { PluginContext } from "../kernel/plugin/plugin.ts";
import { PortError } from "../kernel/front/front.ts";
import type { GatewayOptions } from "../clients/gateway.ts";
import { gatewayCommand } from "./gateway.ts";
import { main } from "./main.ts";
import { FakeHost } from "./testing/fake_host.ts";

/** Runs the command beside a server that is none, until `during` has settled and a signal has come. */
async function run(
  args: string[],
  during: (host: FakeHost, sessions: Set<Session>, options: GatewayOptions) => Promise<void>,
) {
  const host = new FakeHost({ args: ["gateway", ...args] });
  const sessions = new Set<Session>();
  const streams = new Map([["live/cam", { state: "live", viewers: 2 } as Stream]]);
  const started: GatewayOptions[] = [];
  let closed = 0;
  const command = gatewayCommand({
    startGateway: (options) => {
      started.push(options);
      const close = () => Promise.resolve(void closed++);
      const address = (name: string) =>
        name === "http"
          ? { name, host: "::", port: 8080, url: "http://localhost:8080" }
          : { name, host: "::", port: 1935, url: "rtmp://localhost:1935" };
      return Promise.resolve({ address, close, sessions, streams });
    },
  });
  const running = main({ name: "sluice", version: "1.2.3", commands: [command], plugins: [] }, host);
  while (host.stdout.length === 0) await Promise.resolve();
  await during(host, sessions, started[0]);
  host.signal("SIGINT");
  return { code: await running, out: host.stdout, err: host.stderr, started, closed, pending: host.clock.pending };
}

const player = (bytesOut: number) => ({ id: "p", bytesOut }) as { -readonly [K in keyof Session]: Session[K] };

Deno.test("a gateway says where it is, and every ten seconds what goes through it", async () => {
  const { code, out, started, closed, pending } = await run(
    ["8080", "http://origin?key=sesame"],
    async (host, sessions) => {
      const session = player(1_000_000);
      sessions.add(session);
      await host.clock.advanceAsync(10_000, 1000);
      session.bytesOut = 3_500_000;
      await host.clock.advanceAsync(10_000, 1000);
    },
  );
  assertMatch(out[0], /^Sluice 1\.2\.3 is the gateway of http:\/\/origin\/\n {2}HTTP-FLV {7}http:\/\/localhost:8080\//);
  assertEquals(out.slice(1), ["1 stream, 2 viewers, 0.8 Mbit/s", "1 stream, 2 viewers, 2.0 Mbit/s"]);
  assertEquals([code, closed, pending], [0, 1, 0]);
  assertEquals([started[0].port, started[0].upstreams], [8080, ["http://origin?key=sesame"]]);
});

Deno.test("a gateway listens on a host that is written as in addresses", async () => {
  const { started } = await run(["8080", "http://origin", "--host", "[::1]"], () => Promise.resolve());
  assertEquals(started[0].host, "::1");
});

Deno.test("a gateway has RTMP on one more port when that is wanted, and says where", async () => {
  const { started, out } = await run(["8080", "http://origin", "--rtmp-port", "1935"], () => Promise.resolve());
  assertEquals(started[0].rtmpPort, 1935);
  assertMatch(out[0], /RTMP {11}rtmp:\/\/localhost:8080\/\{app\}\/\{stream\}\n {17}rtmp:\/\/localhost:1935\//);
  const json = await run(["8080", "http://origin", "--rtmp-port", "1935", "--json"], () => Promise.resolve());
  assertEquals(JSON.parse(json.out[0]), { event: "start", port: 8080, rtmpPort: 1935 });
});

for (
  const [flags, words] of [
    [["--rtmp-port", "70000"], /"70000" is no port/],
    [["--rtmp-port"], /--rtmp-port is missing its value/],
    [["--rtmp-port", "8080"], /on which RTMP is in any case/],
  ] as const
) {
  Deno.test(`a gateway with ${flags.join(" ")} does not start, and says why`, async () => {
    const host = new FakeHost({ args: ["gateway", "8080", "http://origin", ...flags] });
    const command = gatewayCommand({ startGateway: () => Promise.reject(new Error("it is started")) });
    assertEquals(await main({ name: "sluice", version: "1", commands: [command], plugins: [] }, host), 2);
    assertMatch(host.stderr.join("\n"), words);
  });
}

Deno.test("with --json a gateway tells programs the same", async () => {
  const { out } = await run(["8080", "http://origin", "--json"], async (host, sessions) => {
    sessions.add(player(500));
    await host.clock.advanceAsync(10_000, 1000);
  });
  assertEquals(out.map((line) => JSON.parse(line)), [
    { event: "start", port: 8080 },
    { event: "figures", streams: 1, viewers: 2, bytesOut: 500, seconds: 10 },
  ]);
});

Deno.test("players who have left within the ten seconds are in the figures", async () => {
  const { out } = await run(["8080", "http://origin"], async (host, sessions, { plugins = [] }) => {
    const events = new Map<string, (event: { session: Session }) => void>();
    const ctx = { on: (name: string, handler: (event: { session: Session }) => void) => events.set(name, handler) };
    for (const plugin of plugins) await plugin.setup(ctx as unknown as PluginContext, {});
    const leave = (session: Session) => {
      sessions.delete(session);
      events.get("session:end")?.({ session });
    };
    const [one, other] = [player(1_000_000), { id: "q", bytesOut: 250_000 } as Session];
    sessions.add(one);
    leave(other);
    await host.clock.advanceAsync(10_000, 1000);
    leave(Object.assign(one, { bytesOut: 1_500_000 }));
    await host.clock.advanceAsync(10_000, 1000);
  });
  assertEquals(out.slice(1), ["1 stream, 2 viewers, 1.0 Mbit/s", "1 stream, 2 viewers, 0.4 Mbit/s"]);
});

Deno.test("of what the gateway logs, warnings are told, a line each", async () => {
  const { err } = await run(["8080", "http://origin"], (host, _, { log }) => {
    const logger = createLogger({ sink: log!, clock: host.clock }).child("upstream");
    for (const level of ["debug", "info", "warn"] as const) logger[level]("live/cam cannot be pulled");
    return Promise.resolve();
  });
  assertEquals(err.length, 1);
  assertMatch(err[0], /upstream: live\/cam cannot be pulled$/);
});

Deno.test("a port that is taken is one sentence, exit code 1", async () => {
  const host = new FakeHost({ args: ["gateway", "8080", "http://origin"] });
  const failure = new PortError("http", 8080, { cause: Object.assign(new Error("taken"), { code: "EADDRINUSE" }) });
  const command = gatewayCommand({ startGateway: () => Promise.reject(failure) });
  assertEquals(await main({ name: "sluice", version: "1", commands: [command], plugins: [] }, host), 1);
  assertMatch(host.stderr.join("\n"), /^Cannot listen on port 8080 for http: .*\.$/);
  assertEquals(host.listening, 0);
});
