import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ConfigSource } from "../kernel/control.ts";
import { ConfigError } from "../kernel/config/config.ts";
import { auth } from "../plugins/auth/plugin.ts";
import { api } from "../plugins/api/plugin.ts";
import { eventually } from "./support/eventually.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer, type TestServerOptions } from "./support/test_server.ts";
import { TestSocket } from "./support/test_socket.ts";
import { readHead, sendRequest } from "./support/http_exchange.ts";
import { Refused } from "./support/transports/transport.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";
import { definePlugin, type Plugin } from "../kernel/plugin/plugin.ts";
import { CertificateFolder } from "./support/certificates.ts";
import { z } from "zod";

const ANY_PORT = { host: "127.0.0.1", port: 0 };
const BASE = { http: ANY_PORT, rtmp: ANY_PORT, log: { level: "debug" }, dataDir: "/nonexistent" };

/** A plugin that takes new settings, unless they are wrong for it. */
function greeter(greetings: string[]): Plugin {
  return definePlugin({
    name: "greeter",
    config: z.object({ greeting: z.string().default("hello") }),
    setup(_ctx, { greeting }) {
      greetings.push(greeting);
      return {
        reload({ greeting }) {
          if (greeting === "boo") throw new TypeError("Nobody is greeted with boo");
          return () => void greetings.push(greeting);
        },
      };
    },
  })();
}

const stubborn = definePlugin({
  name: "stubborn",
  config: z.object({ mood: z.string().default("calm") }),
  setup: () => {},
});

Deno.test("new settings are taken, those that need a new start are named, and the rest stays", async () => {
  const greetings: string[] = [];
  await using server = await TestServer.start({ late: [greeter(greetings), stubborn()] });
  const report = await server.server.reload({
    ...BASE,
    graceSeconds: 30,
    limits: { streams: 7 },
    dataDir: "/elsewhere",
    http: { ...ANY_PORT, host: "127.0.0.2" },
    greeter: { greeting: "good day" },
    stubborn: { mood: "angry" },
  });
  assertEquals([...report.changed].sort(), ["graceSeconds", "greeter.greeting", "limits.streams"]);
  assertEquals([...report.restart].sort(), ["dataDir", "http.host", "stubborn.mood"]);
  assertEquals(greetings, ["hello", "good day"]);
  const { config } = server.server;
  assertEquals([config.graceSeconds, config.limits.streams, config.dataDir], [30, 7, "/nonexistent"]);
  assertEquals(
    server.told.filter(({ name }) => name === "config:reload").length,
    0,
    "the witness hears of other events",
  );
  const again = await server.server.reload({ ...BASE, graceSeconds: 30, limits: { streams: 7 } });
  assertEquals(again, { changed: ["greeter.greeting"], restart: [] });
});

const BAD: { what: string; config: object; words: string }[] = [
  {
    what: "a wrong value",
    config: { graceSeconds: -1 },
    words: "graceSeconds is -1, but must be a number from 0 to 3600",
  },
  { what: "an unknown setting", config: { graceSecond: 1 }, words: "graceSecond is not a setting" },
  { what: "what a plugin cannot take", config: { greeter: { greeting: "boo" } }, words: "Nobody is greeted with boo" },
  {
    what: "a pattern that is none",
    config: { streams: { "live": { viewers: 1 } } },
    words: "must be a pattern of streams",
  },
];

for (const { what, config, words } of BAD) {
  Deno.test(`of settings with ${what} none is taken`, async () => {
    const greetings: string[] = [];
    await using server = await TestServer.start({ late: [greeter(greetings)] });
    await assertRejects(() => server.server.reload({ ...BASE, waitSeconds: 77, ...config }), Error, words);
    assertEquals([greetings, server.server.config.waitSeconds], [["hello"], 10]);
  });
}

Deno.test("a certificate that cannot be used is not taken, and nothing else with it", async () => {
  await using files = await CertificateFolder.make();
  const tls = { ...ANY_PORT, cert: files.cert, key: files.key };
  await using server = await TestServer.start({ config: { tls } });
  const next = { ...BASE, tls: { ...tls, cert: files.key }, graceSeconds: 30 };
  await assertRejects(() => server.server.reload(next), Error, "it is no certificate in PEM");
  assertEquals([server.server.config.graceSeconds, server.server.config.tls.cert], [5, files.cert]);
});

Deno.test("levels of the log change at once, for loggers that are there too", async () => {
  await using server = await TestServer.start();
  const lines = async () => {
    server.logged.length = 0;
    await (await TRANSPORTS[1].publish(server, "live/cam"))[Symbol.asyncDispose]();
    await eventually(() => server.server.sessions.size === 0, "the publisher did not leave");
    return server.logged.map(({ level }) => level);
  };
  assert((await lines()).includes("debug"));
  await server.server.reload({ ...BASE, log: { level: "error" } });
  assertEquals(await lines(), []);
  await server.server.reload({ ...BASE, log: { level: "error", levels: { "http-flv": "info" } } });
  assert((await lines()).every((level) => level === "info"));
});

Deno.test("rules for some streams count for those that are live", async () => {
  await using server = await TestServer.start();
  const [, http] = TRANSPORTS;
  const maker = new StreamMaker();
  await using publisher = await http.publish(server, "live/vip");
  publisher.write([...maker.head(), ...maker.gop()]);
  await server.event("stream:start");
  await server.server.reload({ ...BASE, graceSeconds: 0, streams: { "live/*": { graceSeconds: 60 } } });
  await publisher.vanish();
  await server.event("stream:interrupt");
  server.clock.advance(30_000);
  assertEquals(server.server.streams.get("live/vip")?.state, "interrupted");
  server.clock.advance(31_000);
  await server.event("stream:end");
});

Deno.test("500 players notice nothing of a reload", async () => {
  await using server = await TestServer.start({ config: { publishTimeoutSeconds: 3600 } });
  const [rtmp] = TRANSPORTS;
  const maker = new StreamMaker();
  await using publisher = await rtmp.publish(server, "live/cam");
  const first = maker.gop();
  publisher.write([...maker.head(), ...first]);
  await server.event("stream:start");
  await server.received("live/cam", first[first.length - 1]);
  const counts = new Array<number>(500).fill(0);
  const sockets = await Promise.all(counts.map((_, at) => player(server, at, counts)));
  const areEven = () => new Set(counts).size === 1;
  await eventually(areEven, "players began with more than others");
  const [before] = counts;
  for (let round = 0; round < 5; round++) {
    const [reported] = await Promise.all([
      server.server.reload({
        ...BASE,
        publishTimeoutSeconds: 3600,
        graceSeconds: 10 + round,
        limits: { viewers: 500 },
      }),
      Promise.resolve(publisher.write(maker.gop())),
    ]);
    assert(reported.changed.includes("graceSeconds"));
  }
  const last = maker.gop();
  publisher.write(last);
  await server.received("live/cam", last[last.length - 1]);
  await eventually(() => {
    // What so many players get is gathered for a moment.
    server.clock.advance(10);
    return areEven() && counts[0] > before;
  }, "players got less than others");
  assertEquals(server.told.filter(({ name }) => name === "play:end" || name === "stream:interrupt"), []);
  await using late = await TestSocket.open(server.port);
  sendRequest(late, "GET", "/live/cam.flv");
  assertEquals((await readHead(late))?.status, 503);
  await Promise.all(sockets.map((socket) => socket.cut()));
});

async function player(server: TestServer, at: number, counts: number[]): Promise<TestSocket> {
  const socket = await TestSocket.open(server.port);
  sendRequest(socket, "GET", "/live/cam.flv");
  assertEquals((await readHead(socket))?.status, 200);
  socket.flow((bytes) => void (counts[at] += bytes.length));
  return socket;
}

/** A server with the API and a source of settings. */
async function overseen(texts: { now: string }, options: TestServerOptions = {}) {
  const dataDir = await Deno.makeTempDir();
  const settle = (text: string) => {
    if (text === "bad") return Promise.reject(new ConfigError(["sluice.jsonc:1: port is not a setting."]));
    return Promise.resolve({ ...BASE, dataDir, ...JSON.parse(text) });
  };
  const configSource: ConfigSource = { read: () => settle(texts.now), parse: settle };
  const server = await TestServer.start({
    ...options,
    late: [api(), ...options.late ?? []],
    config: { dataDir, ...options.config },
    configSource,
  });
  const call = async (method: string, path: string, body?: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/api/v1${path}`, { method, body });
    return { status: response.status, body: response.status === 204 ? undefined : await response.json() };
  };
  return {
    server,
    call,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(dataDir, { recursive: true });
    },
  };
}

Deno.test("the API shows the settings without their secrets, checks a document and has settings read anew", async () => {
  const texts = { now: '{ "graceSeconds": 9 }' };
  const secret = "0123456789abcdef-secret";
  await using stage = await overseen(texts, { config: { api: { token: secret } } });
  const { call, server } = stage;
  const shown = await call("GET", "/config");
  assertEquals([shown.status, shown.body.graceSeconds, shown.body.api.token], [200, 5, "***"]);
  assert(!JSON.stringify(shown.body).includes(secret));
  assertEquals(await call("POST", "/config/check", '{ "waitSeconds": 3, "rtmp": { "port": 1, "host": "::" } }'), {
    status: 200,
    body: { valid: true, problems: [], changed: ["waitSeconds", "api.token"], restart: ["rtmp.port", "rtmp.host"] },
  });
  assertEquals((await call("POST", "/config/check", "bad")).body, {
    valid: false,
    problems: ["sluice.jsonc:1: port is not a setting."],
    changed: [],
    restart: [],
  });
  assertEquals(server.server.config.waitSeconds, 10);
  assertEquals((await call("POST", "/reload")).body, { changed: ["graceSeconds", "api.token"], restart: [] });
  assertEquals(server.server.config.graceSeconds, 9);
  texts.now = "bad";
  const refused = await call("POST", "/reload");
  assertEquals([refused.status, refused.body.detail], [400, "sluice.jsonc:1: port is not a setting."]);
  assertEquals(server.server.config.graceSeconds, 9);
});

Deno.test("settings that a program gave cannot be read anew", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    await using server = await TestServer.start({ late: [api()], config: { dataDir } });
    const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/reload`, { method: "POST" });
    assertEquals([response.status, (await response.json()).detail], [
      409,
      "The settings of this server were given by a program: they cannot be read anew",
    ]);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

Deno.test("who may publish changes with a reload, and who publishes stays", async () => {
  await using server = await TestServer.start({
    plugins: [auth()],
    config: { auth: { publish: { keys: { "live/*": "first-key" } } } },
  });
  const [, http] = TRANSPORTS;
  const maker = new StreamMaker();
  await using publisher = await http.publish(server, "live/cam", { key: "first-key" });
  publisher.write([...maker.head(), ...maker.gop()]);
  await server.event("stream:start");
  const { changed } = await server.server.reload({ ...BASE, auth: { publish: { keys: { "live/*": "second-key" } } } });
  assertEquals(changed, ["auth.publish.keys.live/*"]);
  const refused = await assertRejects(() => http.publish(server, "live/two", { key: "first-key" }), Refused);
  assertEquals(refused.status, "401");
  await using _second = await http.publish(server, "live/two", { key: "second-key" });
  assertEquals(server.server.streams.get("live/cam")?.state, "live");
  const bad = { ...BASE, auth: { publish: { keys: { "live/*": "third-key" } } }, graceSeconds: -1 };
  await assertRejects(() => server.server.reload(bad), ConfigError);
  await using _again = await http.publish(server, "live/three", { key: "second-key" });
});

Deno.test("a plugin that is to run no more, or for the first time, is named as what needs a new start", async () => {
  await using server = await TestServer.start({ plugins: [auth()] });
  assertEquals(await server.server.reload({ ...BASE, auth: { enabled: false } }), { changed: [], restart: ["auth"] });
  const { config: { plugins } } = server.server;
  const report = await server.server.reload({ ...BASE, plugins: [...plugins, "hls"], hls: { segmentSeconds: 4 } });
  assertEquals(report, { changed: [], restart: ["plugins"] });
});

Deno.test("each HTTP request is a line of the log where that is wanted, without its query", async () => {
  await using server = await TestServer.start();
  const lines = () => server.logged.map(({ message }) => message.join("")).filter((line) => line.startsWith("GET "));
  const ask = async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/nothing/here/at/all?key=s3cret`);
    await response.body?.cancel();
  };
  await ask();
  assertEquals(lines(), []);
  await server.server.reload({ ...BASE, log: { level: "debug", access: true } });
  await ask();
  await eventually(() => lines().length > 0, "the request was not logged");
  assertEquals(lines(), ["GET /nothing/here/at/all 404"]);
  server.assertNeverLogged("s3cret");
});
