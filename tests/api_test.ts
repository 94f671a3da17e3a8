import { assert, assertEquals, assertMatch } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { SinkControl } from "../kernel/streams/sinks.ts";
import { definePlugin, type Plugin, type PluginContext } from "../kernel/plugin/plugin.ts";
import { api } from "../plugins/api/plugin.ts";
import { eventually } from "./support/eventually.ts";
import { type HttpAnswer, httpGet } from "./support/http_get.ts";
import { readHead, sendRequest } from "./support/http_exchange.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { TestSocket } from "./support/test_socket.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

const TOKENS = { token: "write-write-write", readToken: "read-read-read-read" };

interface Operation {
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema: object }>> }>>;
}

interface ApiDocument {
  readonly openapi: string;
  readonly components: object;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** A server whose API is asked over real connections; every answer is held against the API's own description. */
class Stage implements AsyncDisposable {
  readonly sink = new FakeSink();
  server!: TestServer;
  readonly #ajv = new Ajv2020({ strict: false });
  #document!: ApiDocument;

  static async start(config: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Promise<Stage> {
    const stage = new Stage();
    const plugins = [stage.sink.plugin()];
    const all = { api: { ...TOKENS, ...config }, publishTimeoutSeconds: 3600, ...more };
    stage.server = await TestServer.start({ plugins, late: [api()], config: all });
    addFormats.default(stage.#ajv);
    const { text } = await httpGet(stage.server.port, "/api/v1/openapi.json", { headers: { Host: "localhost" } });
    stage.#document = JSON.parse(text);
    return stage;
  }

  /** Asks from the machine itself; `path` is one of the description's, with what fills it in. */
  async ask(method: string, path: string, values: Record<string, string> = {}, query = ""): Promise<HttpAnswer> {
    const target = `/api/v1${path.replace(/\{(\w+)\}/g, (_, name) => values[name])}${query}`;
    const answer = await httpGet(this.server.port, target, { method, headers: { Host: "localhost" } });
    this.#check(method, `/api/v1${path}`, answer);
    return answer;
  }

  /** What a question is answered; its shape has been checked. */
  // deno-lint-ignore no-explicit-any
  async json(path: string, values: Record<string, string> = {}, query = ""): Promise<any> {
    const { status, text } = await this.ask("GET", path, values, query);
    assertEquals(status, 200, text);
    return JSON.parse(text);
  }

  #check(method: string, path: string, { status, text, headers }: HttpAnswer): void {
    const { responses } = this.#document.paths[path][method.toLowerCase()];
    const described = responses[String(status)] ?? responses.default;
    const type = headers.get("content-type")?.split(";")[0];
    const schema = type && described.content?.[type]?.schema;
    assertEquals(schema === undefined, text === "", `${method} ${path} answered ${status} with ${type}`);
    if (!schema) return;
    const validate = this.#ajv.compile({ ...schema, components: this.#document.components });
    assert(validate(JSON.parse(text)), `${method} ${path}: ${JSON.stringify(validate.errors)} in ${text}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
  }
}

class FakeSink implements SinkControl {
  readonly name = "tapes";
  readonly written = new Map<string, Date>();
  tell!: PluginContext["tell"];

  get runs() {
    return Array.from(this.written, ([stream, since]) => ({ stream, state: "writing" as const, since }));
  }

  start(stream: string): void {
    this.written.set(stream, new Date());
  }

  stop(stream: string): Promise<void> {
    this.written.delete(stream);
    return Promise.resolve();
  }

  plugin(): Plugin {
    return definePlugin({
      name: "tapes",
      setup: (ctx) => {
        ctx.sink(this);
        this.tell = ctx.tell;
      },
    })();
  }
}

Deno.test("the API shows a stream with its tracks, its rates, and its viewers by protocol", async () => {
  await using stage = await Stage.start();
  await using publisher = await rtmpTransport.publish(stage.server, "live/cam");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gops(3)]);
  const players = await Promise.all(TRANSPORTS.map((transport) => transport.play(stage.server, "live/cam")));
  await eventually(() => stage.server.server.streams.get("live/cam")?.viewers === TRANSPORTS.length, "nobody plays");
  const stream = await stage.json("/streams/{app}/{name}", { app: "live", name: "cam" });
  assertEquals([stream.id, stream.state, stream.publisher.protocol], ["live/cam", "live", "rtmp"]);
  assertEquals(stream.viewers, { total: 3, peak: 3, byProtocol: { rtmp: 1, "http-flv": 1, "ws-flv": 1 } });
  assertEquals(stream.tracks.map(({ kind, codec }: { kind: string; codec: string }) => [kind, codec]), [
    ["video", "avc"],
    ["audio", "aac"],
  ]);
  for (const player of players) await player[Symbol.asyncDispose]();
  await eventually(() => stage.server.server.streams.get("live/cam")?.viewers === 0, "the players stay");
  const later = await stage.json("/streams/{app}/{name}", { app: "live", name: "cam" });
  assertEquals(later.viewers, { total: 0, peak: 3, byProtocol: {} });
});

Deno.test("lists come in pages, filtered, with totals", async () => {
  await using stage = await Stage.start();
  const publishers = [];
  for (const name of ["live/a", "live/b", "show/c"]) publishers.push(await rtmpTransport.publish(stage.server, name));
  const page = await stage.json("/streams", {}, "?limit=2&offset=1");
  assertEquals([page.items.map(({ id }: { id: string }) => id), page.total, page.offset, page.limit], [
    ["live/b", "show/c"],
    3,
    1,
    2,
  ]);
  assertEquals((await stage.json("/streams", {}, "?app=show&state=live")).total, 1);
  assertEquals((await stage.json("/sessions", {}, "?role=publish")).total, 3);
  assertEquals((await stage.json("/sessions", {}, "?stream=live/a")).items[0].stream, "live/a");
  assertEquals((await stage.json("/sessions", {}, "?protocol=ws-flv")).total, 0);
  for (const query of ["?limit=0", "?limit=1001", "?limit=x", "?offset=-1", "?state=dead"]) {
    const { status, text } = await stage.ask("GET", "/streams", {}, query);
    assertEquals([status, JSON.parse(text).title], [400, "Bad request"], query);
  }
  for (const publisher of publishers) await publisher.end();
});

Deno.test("a session is kicked, and hears why", async () => {
  await using stage = await Stage.start();
  await using publisher = await rtmpTransport.publish(stage.server, "live/cam");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gop()]);
  await using player = await TRANSPORTS[0].play(stage.server, "live/cam");
  const { items: [session] } = await stage.json("/sessions", {}, "?role=play");
  assertEquals((await stage.json("/sessions/{id}", { id: session.id })).id, session.id);
  assertEquals((await stage.ask("DELETE", "/sessions/{id}", { id: session.id }, "?reason=go%20home")).status, 204);
  const { reason, detail } = await stage.server.event("play:end");
  assertEquals([reason, detail], ["kicked", "go home"]);
  await player.over();
  assertEquals((await stage.ask("GET", "/sessions/{id}", { id: session.id })).status, 404);
  assertEquals((await stage.ask("DELETE", "/sessions/{id}", { id: session.id })).status, 404);
});

Deno.test("a stream is stopped", async () => {
  await using stage = await Stage.start();
  await using _publisher = await rtmpTransport.publish(stage.server, "live/cam");
  assertEquals((await stage.ask("DELETE", "/streams/{app}/{name}", { app: "live", name: "cam" })).status, 204);
  assertEquals((await stage.server.event("stream:end")).reason, "kicked");
  assertEquals((await stage.server.event("session:end")).reason, "kicked");
  assertEquals((await stage.ask("DELETE", "/streams/{app}/{name}", { app: "live", name: "cam" })).status, 404);
  const bad = await stage.ask("GET", "/streams/{app}/{name}", { app: "live", name: "c.am" });
  assertEquals(bad.status, 400);
  assertMatch(bad.text, /c\.am/);
});

Deno.test("what writes a stream down is started and stopped", async () => {
  await using stage = await Stage.start();
  await using _publisher = await rtmpTransport.publish(stage.server, "live/cam");
  const path = "/streams/{app}/{name}/sinks/{sink}";
  const values = { app: "live", name: "cam", sink: "tapes" };
  assertEquals((await stage.ask("DELETE", path, values)).status, 409);
  assertEquals((await stage.ask("PUT", path, values)).status, 204);
  const stream = await stage.json("/streams/{app}/{name}", values);
  assertEquals([stream.sinks.length, stream.sinks[0].sink, stream.sinks[0].state], [1, "tapes", "writing"]);
  assertEquals((await stage.ask("DELETE", path, values)).status, 204);
  assertEquals(stage.sink.runs, []);
  const unknown = await stage.ask("PUT", path, { ...values, sink: "stone" });
  assertEquals([unknown.status, JSON.parse(unknown.text).detail], [
    404,
    "No plugin stone writes streams down: there are tapes",
  ]);
});

Deno.test("the server tells of itself, and its description is there for people too", async () => {
  await using stage = await Stage.start();
  const server = await stage.json("/server");
  assertEquals([server.name, server.streams, server.sessions, server.viewers], ["Sluice", 0, 0, 0]);
  assertEquals([server.sinks, server.role], [["tapes"], "write"]);
  const page = await httpGet(stage.server.port, "/api/v1/docs", { headers: { Host: "localhost" } });
  assertEquals([page.status, page.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
  assertMatch(page.text, /\/api\/v1\/streams\/\{app\}\/\{name\}/);
});

Deno.test("from elsewhere nothing is answered without a token, and no answer holds one", async () => {
  await using stage = await Stage.start();
  const ask = (method: string, target: string, headers: Record<string, string>) =>
    httpGet(stage.server.port, target, {
      method,
      headers: { Host: "tv.example", "X-Forwarded-For": "203.0.113.7", ...headers },
    });
  for (
    const target of ["/api/v1/server", "/api/v1/openapi.json", "/api/v1/docs", "/api/v1/streams", "/api/v1/sessions"]
  ) {
    const closed = await ask("GET", target, {});
    assertEquals([closed.status, closed.headers.get("www-authenticate")], [401, 'Bearer realm="Sluice API"'], target);
    const open = await ask("GET", target, { Authorization: `Bearer ${TOKENS.readToken}` });
    assertEquals([open.status, open.headers.get("cache-control")], [200, "no-store"], target);
    assertEquals(open.text.includes(TOKENS.token) || open.text.includes(TOKENS.readToken), false);
  }
  const role = async (token: string) => {
    return JSON.parse((await ask("GET", "/api/v1/server", { Authorization: `Bearer ${token}` })).text).role;
  };
  assertEquals([await role(TOKENS.readToken), await role(TOKENS.token)], ["read", "write"]);
  const change = (token: string) => ask("DELETE", "/api/v1/sessions/none", { Authorization: `Bearer ${token}` });
  assertEquals([(await change(TOKENS.readToken)).status, (await change(TOKENS.token)).status], [403, 404]);
  stage.server.assertNeverLogged(TOKENS.token);
});

Deno.test("tools that were made for SRS find its answers on a port of their own", async () => {
  await using stage = await Stage.start({ srsPort: 0 });
  await using publisher = await rtmpTransport.publish(stage.server, "live/cam");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gop()]);
  await using player = await TRANSPORTS[1].play(stage.server, "live/cam");
  await eventually(() => stage.server.server.streams.get("live/cam")?.viewers === 1, "nobody plays");
  const { port } = stage.server.server.address("srs-api");
  const ask = async (method: string, target: string) => {
    const { status, text } = await httpGet(port, target, { method, headers: { Host: `localhost:${port}` } });
    assertEquals(status, 200);
    return JSON.parse(text);
  };
  const { code, server, streams: [stream] } = await ask("GET", "/api/v1/streams/?start=0&count=10");
  assertEquals([code, stream.name, stream.app, stream.clients, stream.publish.active], [0, "cam", "live", 2, true]);
  assertEquals([stream.video.codec, stream.audio.codec, stream.audio.sample_rate], ["H264", "AAC", 48_000]);
  assertEquals((await ask("GET", `/api/v1/streams/${stream.id}`)).stream.id, stream.id);
  const { clients } = await ask("GET", "/api/v1/clients/");
  assertEquals(clients.map(({ type, publish }: { type: string; publish: boolean }) => [type, publish]), [
    ["fmle-publish", true],
    ["flv-play", false],
  ]);
  assertEquals(clients[0].id, stream.publish.cid);
  assertEquals(clients[1].stream, stream.id);
  assertEquals((await ask("GET", "/api/v1/versions")).data.major, 0);
  assertEquals((await ask("GET", "/api/v1/summaries")).data.self.pid, Deno.pid);
  assertEquals((await ask("GET", "/api/v1/streams/none")).code, 2048);
  assertEquals((await ask("GET", "/api/v1/clients/none")).code, 2049);
  assertEquals((await ask("DELETE", `/api/v1/clients/${clients[1].id}`)).code, 0);
  assertEquals((await stage.server.event("play:end")).reason, "kicked");
  await player.over();
  assertEquals((await ask("GET", "/api/v1/versions")).server, server);
  assertEquals((await stage.json("/streams")).total, 1, "our own API is at its own port");
});

Deno.test("who asks as proxies do that say nothing of it is not local: HTTP/1.0 is theirs", async () => {
  await using server = await TestServer.start({ late: [api()], config: { api: TOKENS } });
  const ask = async (version: string, more = "") => {
    await using socket = await TestSocket.open(server.port);
    socket.send(
      `GET /api/v1/streams HTTP/${version}\r\nHost: 127.0.0.1:${server.port}\r\n${more}Connection: close\r\n\r\n`,
    );
    return (await readHead(socket))?.status;
  };
  assertEquals(await ask("1.1"), 200);
  assertEquals(await ask("1.0"), 401);
  assertEquals(await ask("1.0", `Authorization: Bearer ${TOKENS.readToken}\r\n`), 200);
});

Deno.test("a body that is too long is not read", async () => {
  await using server = await TestServer.start({ late: [api()] });
  for (const [path, most] of [["drain", 65_536], ["config/check", 1024 * 1024]] as const) {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let left = most + 1; left > 0; left -= 65_536) controller.enqueue(new Uint8Array(65_536).fill(32));
        controller.close();
      },
    });
    const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/${path}`, { method: "POST", body });
    assertEquals([answer.status, (await answer.json()).detail], [413, `The body is longer than ${most} bytes`]);
  }
});

Deno.test("events come as they happen, and a client that returns misses none", async () => {
  await using stage = await Stage.start();
  const listen = async (headers: Record<string, string>) => {
    const socket = await TestSocket.open(stage.server.port);
    sendRequest(socket, "GET", "/api/v1/events?names=stream:*&stream=live/cam", { Host: "localhost", ...headers });
    let text = "";
    socket.flow((bytes) => text += new TextDecoder().decode(bytes));
    const hears = (what: RegExp) => eventually(() => what.test(text), `${what} was not heard`);
    await hears(/text\/event-stream/);
    return { socket, hears, text: () => text };
  };
  const first = await listen({});
  const publisher = await rtmpTransport.publish(stage.server, "live/cam");
  await first.hears(/event: stream:start\ndata: \{.*"stream":"live\/cam","session":\{.*"protocol":"rtmp"/);
  const lastId = /id: (\S+)/.exec(first.text())![1];
  await first.socket.cut();
  await publisher.end();
  await stage.server.event("stream:end");
  const second = await listen({ "Last-Event-ID": lastId });
  await second.hears(/event: stream:end\ndata: \{.*"reason":"stream-ended"/);
  assert(!second.text().includes("stream:start"), "what was heard comes again");
  await second.socket.cut();
});

Deno.test("recordings are listed, and removed unless they are being written", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    const folder = `${dataDir}/flv/live/cam`;
    await Deno.mkdir(folder, { recursive: true });
    for (const name of ["20260101_100000.flv", "20260101_110000.flv"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "FLV");
    }
    await Deno.writeTextFile(`${dataDir}/secret.flv`, "not a recording");
    await using stage = await Stage.start({}, { dataDir });
    const { items, total } = await stage.json("/recordings", {}, "?stream=live/cam&kind=flv");
    assertEquals([total, items.map(({ name }: { name: string }) => name)], [
      2,
      ["20260101_110000.flv", "20260101_100000.flv"],
    ]);
    const remove = (path: string) => stage.ask("DELETE", "/recordings", {}, `?path=${encodeURIComponent(path)}`);
    stage.sink.tell("artifact:open", { stream: "live/cam", by: "tapes", path: "flv/live/cam/20260101_110000.flv" });
    assertEquals((await remove(items[0].path)).status, 409);
    assertEquals((await remove(items[1].path)).status, 204);
    assertEquals((await remove(items[1].path)).status, 404);
    for (const path of ["/secret.flv", "/flv/../secret.flv", "/flv/live/cam", "flv/live/cam/%2e%2e/x.flv", ""]) {
      assertEquals((await remove(path)).status, 400, path);
    }
    assertEquals((await stage.server.event("artifact:remove")).path, "flv/live/cam/20260101_100000.flv");
    assertEquals(Array.from(Deno.readDirSync(folder), ({ name }) => name), ["20260101_110000.flv"]);
    assertEquals((await stage.ask("GET", "/recordings", {}, "?stream=nonsense")).status, 400);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
