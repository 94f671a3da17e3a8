import { assertEquals } from "@std/assert";
import type { ReloadReport } from "../kernel/reload.ts";
import { PortError } from "../kernel/front/front.ts";
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
  readonly sessions = { size: 2 };
  readonly reloads: unknown[] = [];
  report = { changed: [] as string[], restart: [] as string[] };
  drains = 0;
  readonly closing = Promise.withResolvers<void>();
  closes = 0;

  reload(config: unknown): Promise<ReloadReport> {
    this.reloads.push(config);
    return Promise.resolve(this.report);
  }

  drain(): void {
    this.drains++;
  }

  close(): Promise<void> {
    this.closes++;
    return this.closing.promise;
  }
}

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

function start(server: () => Promise<StartedServer>, args: string[] = [], files: Record<string, string> = {}) {
  const host = new FakeHost({ args: ["start", ...args], files });
  return { host, code: main(new FakeProgram(server), host) };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`${signal} closes the server, exit code 0`, async () => {
    const server = new FakeServer();
    const { host, code } = start(() => Promise.resolve(server));
    await settled();
    assertEquals([host.listening, server.closes], [4, 0]);
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
  {
    listener: "http",
    fault: "ENOTFOUND",
    sentence:
      "Cannot listen on port 80 for http: there is no such host. Choose another host with --http-host or SLUICE_HTTP_HOST.",
  },
  {
    listener: "rtmp",
    fault: "EADDRNOTAVAIL",
    sentence: "Cannot listen on port 80 for rtmp: this machine has no such address.",
  },
];

for (const { listener, fault = "EADDRINUSE", sentence } of BUSY) {
  Deno.test(`a port that cannot be opened: ${sentence}`, async () => {
    const cause = Object.assign(new Error("address in use"), { code: fault });
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

const FILE = "/srv/media/sluice.jsonc";
const WITH_FILE = ["--config", "sluice.jsonc"];

async function running(files: Record<string, string>) {
  const server = new FakeServer();
  server.closing.resolve();
  const { host, code } = start(() => Promise.resolve(server), WITH_FILE, files);
  await settled();
  const stop = async () => {
    host.signal("SIGTERM");
    assertEquals(await code, 0);
    assertEquals(host.clock.pending, 0);
  };
  return { server, host, code, stop };
}

Deno.test("SIGHUP reads the settings anew and says what came of it", async () => {
  const files = { [FILE]: '{ "graceSeconds": 1 }' };
  const { server, host, stop } = await running(files);
  files[FILE] = '{ "graceSeconds": 9, "http": { "port": 80 } }';
  server.report = { changed: ["graceSeconds"], restart: ["http.port"] };
  host.signal("SIGHUP");
  await settled();
  assertEquals((server.reloads[0] as { graceSeconds: number }).graceSeconds, 9);
  assertEquals(host.stderr, ["SIGHUP: graceSeconds changed.", "A new start is needed for http.port."]);
  await stop();
});

Deno.test("SIGHUP with a file that cannot be followed changes nothing and says why", async () => {
  const files = { [FILE]: "{}" };
  const { server, host, stop } = await running(files);
  files[FILE] = '{ "graceSeconds": -1,\n "prot": 1 }';
  host.signal("SIGHUP");
  await settled();
  assertEquals(server.reloads, []);
  assertEquals(host.stderr[0], "SIGHUP, but the settings stay as they were:");
  assertEquals(host.stderr.length, 3);
  await stop();
});

Deno.test("a settings file counts once it has changed and stayed as it is", async () => {
  const files = { [FILE]: "{}" };
  const { server, host, stop } = await running(files);
  const look = async () => {
    host.clock.advance(5000);
    await settled();
  };
  await look();
  files[FILE] = '{ "graceSeconds": 8';
  await look();
  files[FILE] = '{ "graceSeconds": 8 }';
  await look();
  assertEquals(server.reloads, []);
  await look();
  await look();
  assertEquals(server.reloads.length, 1);
  await stop();
});

Deno.test("SIGUSR2 empties the server, which stops when everybody has left", async () => {
  const { server, host, code } = await running({ [FILE]: "{}" });
  host.signal("SIGUSR2");
  host.clock.advance(60_000);
  await settled();
  assertEquals([server.drains, server.closes], [1, 0]);
  server.sessions.size = 0;
  host.clock.advance(1000);
  assertEquals(await code, 0);
  assertEquals([server.closes, host.clock.pending, host.listening], [1, 0, 0]);
});
