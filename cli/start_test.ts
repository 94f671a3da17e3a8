import { assertEquals } from "@std/assert";
import { PortError } from "../kernel/front.ts";
import { main } from "./main.ts";
import type { StartedServer } from "./start.ts";
import { FakeHost } from "./testing/fake_host.ts";
import { FakeProgram } from "./testing/fake_program.ts";

const ADDRESSES = [
  { name: "http", url: "http://localhost:8501" },
  { name: "rtmp", url: "rtmp://localhost:1935" },
];

/** A server that closes when the test lets it. */
class FakeServer implements StartedServer {
  readonly addresses = ADDRESSES;
  readonly closing = Promise.withResolvers<void>();
  closes = 0;

  close(): Promise<void> {
    this.closes++;
    return this.closing.promise;
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

function start(server: () => Promise<StartedServer>, args: string[] = []) {
  const host = new FakeHost({ args: ["start", ...args] });
  return { host, code: main(new FakeProgram(server), host) };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} closes the server, exit code 0`, async () => {
    const server = new FakeServer();
    const { host, code } = start(() => Promise.resolve(server));
    await settled();
    assertEquals([host.listening, server.closes], [2, 0]);
    host.signal(signal);
    await settled();
    assertEquals(server.closes, 1);
    server.closing.resolve();
    assertEquals(await code, 0);
    assertEquals([host.exits, host.stderr, host.listening, host.clock.pending], [[], [], 0, 0]);
  });
}

Deno.test("a second signal, half a second later, ends the process at once", async () => {
  const server = new FakeServer();
  const { host, code } = start(() => Promise.resolve(server));
  await settled();
  host.signal("SIGINT");
  host.clock.advance(500);
  host.signal("SIGTERM");
  assertEquals(host.exits, [143]);
  host.signal("SIGINT");
  assertEquals(host.exits, [143, 130]);
  server.closing.resolve();
  await code;
});

Deno.test("a signal that comes twice at once, from the terminal and from a task runner, counts once", async () => {
  const server = new FakeServer();
  const { host, code } = start(() => Promise.resolve(server));
  await settled();
  host.signal("SIGINT");
  host.clock.advance(499);
  host.signal("SIGINT");
  assertEquals(host.exits, []);
  server.closing.resolve();
  assertEquals(await code, 0);
});

Deno.test("a signal before the ports are open stops the server once they are", async () => {
  const ready = Promise.withResolvers<StartedServer>();
  const server = new FakeServer();
  server.closing.resolve();
  const { host, code } = start(() => ready.promise);
  await settled();
  host.signal("SIGTERM");
  ready.resolve(server);
  assertEquals(await code, 0);
  assertEquals(server.closes, 1);
});

Deno.test("a server that does not stop within its time is left, exit code 1", async () => {
  const { host, code } = start(() => Promise.resolve(new FakeServer()), ["--shutdown-seconds", "3"]);
  await settled();
  host.signal("SIGINT");
  await settled();
  host.clock.advance(4000);
  assertEquals(await code, 1);
  assertEquals(host.stderr, ["The server did not stop within 3 s and is left."]);
});

const BUSY = [
  {
    listener: "http",
    sentence:
      "Cannot listen on port 80 for http: another program uses it. Choose another port with --http-port or SLUICE_HTTP_PORT.",
  },
  {
    listener: "rtmp",
    sentence:
      "Cannot listen on port 80 for rtmp: another program uses it. Choose another port with --rtmp-port or SLUICE_RTMP_PORT.",
  },
  { listener: "other", sentence: "Cannot listen on port 80 for other: another program uses it." },
];

for (const { listener, sentence } of BUSY) {
  Deno.test(`a busy port: ${sentence}`, async () => {
    const cause = Object.assign(new Error("address in use"), { code: "EADDRINUSE" });
    const { host, code } = start(() => Promise.reject(new PortError(listener, 80, { cause })));
    assertEquals(await code, 1);
    assertEquals([host.stderr, host.stdout, host.listening], [[sentence], [], 0]);
  });
}

Deno.test("a plugin that cannot be set up is said in one line, exit code 1", async () => {
  const { host, code } = start(() => Promise.reject(new TypeError("The plugin hls has no folder")));
  assertEquals(await code, 1);
  assertEquals([host.stderr, host.listening], [["sluice: The plugin hls has no folder"], 0]);
});
