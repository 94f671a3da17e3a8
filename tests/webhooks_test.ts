import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHmac } from "node:crypto";
import { webhooks } from "../plugins/webhooks/plugin.ts";
import { Backend } from "./support/backend.ts";
import { eventually } from "./support/eventually.ts";
import { httpGet } from "./support/http_get.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";
import { api } from "../plugins/api/plugin.ts";

/** A backend, a server that calls it, and a data folder that both outlive. */
class Stage implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();

  private constructor(readonly backend: Backend, readonly dataDir: string) {}

  static async start(): Promise<Stage> {
    const stage = new Stage(await Backend.start(), await Deno.makeTempDir());
    stage.#stack.defer(() => Deno.remove(stage.dataDir, { recursive: true }));
    stage.#stack.use(stage.backend);
    return stage;
  }

  server(settings: Record<string, unknown>): Promise<TestServer> {
    return TestServer.start({
      late: [webhooks(), api()],
      config: { dataDir: this.dataDir, webhooks: settings, graceSeconds: 0 },
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

const HOOKS = ["onConnect", "onClose", "onPublish", "onUnpublish", "onPlay", "onStop", "onDvr", "onHls"];

function srs(backend: Backend, ...hooks: string[]): Record<string, unknown> {
  return { srs: Object.fromEntries(hooks.map((hook) => [hook, [backend.url(`/${hook}`)]])) };
}

Deno.test("a backend made for SRS hears of a stream's whole life, in SRS's words", async () => {
  await using stage = await Stage.start();
  await using server = await stage.server(srs(stage.backend, ...HOOKS));
  const publisher = await rtmpTransport.publish(server, "live/cam?key=publisher-word");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gop()]);
  const player = await TRANSPORTS[1].play(server, "live/cam");
  await server.event("play:start");
  await player[Symbol.asyncDispose]();
  await server.event("play:end");
  await publisher.end();
  await publisher[Symbol.asyncDispose]();
  await server.event("session:end", ({ session }) => session.protocol === "rtmp");
  const has = (action: string) => stage.backend.got(({ body }) => body.action === action, action);
  const published = (await has("on_publish")).body;
  assertEquals(
    [published.ip, published.vhost, published.app, published.stream, published.param, published.stream_url],
    ["127.0.0.1", "__defaultVhost__", "live", "cam", "?key=publisher-word", "/live/cam"],
  );
  assertEquals((await has("on_unpublish")).body.client_id, published.client_id);
  assertEquals((await has("on_connect")).body.tcUrl, "rtmp://__defaultVhost__/live");
  const { client_id: playerId } = (await has("on_play")).body;
  assertEquals((await has("on_stop")).body.client_id, playerId);
  const closed = await stage.backend.got(
    ({ body }) => body.action === "on_close" && body.client_id === published.client_id,
    "on_close",
  );
  assert(closed.body.recv_bytes > 800);
  const order = stage.backend.posts.filter(({ body }) => body.client_id === published.client_id).map(({ body }) =>
    body.action
  );
  assertEquals(order.slice(0, 2), ["on_connect", "on_publish"]);
  server.assertNeverLogged("publisher-word");
});

const ANSWERS = [
  { name: "0", answer: { status: 200, text: "0" }, allowed: true },
  { name: '{"code":0}', answer: { status: 200, text: '{"code":0,"data":null}' }, allowed: true },
  { name: '{"code":1}', answer: { status: 200, text: '{"code":1}' }, allowed: false },
  { name: "nothing", answer: { status: 200, text: "" }, allowed: false },
  { name: "nonsense", answer: { status: 200, text: "<html>" }, allowed: false },
  { name: "201", answer: { status: 201, text: "0" }, allowed: false },
  { name: "404", answer: { status: 404, text: "0" }, allowed: false },
  { name: "500", answer: { status: 500, text: "0" }, allowed: false },
];

for (const { name, answer, allowed } of ANSWERS) {
  Deno.test(`${name} from a backend made for SRS means ${allowed ? "yes" : "no"} to publishers and players`, async () => {
    await using stage = await Stage.start();
    await using server = await stage.server(srs(stage.backend, "onPublish", "onPlay"));
    await using publisher = await rtmpTransport.publish(server, "live/here");
    const maker = new StreamMaker();
    publisher.write([...maker.head(), ...maker.gop()]);
    stage.backend.answer = () => answer;
    for (const transport of TRANSPORTS) {
      const tried = await transport.publish(server, "live/cam").then((made) => made.end(), (error: Error) => error);
      assertEquals(tried instanceof Error, !allowed, transport.name);
    }
    const player = await TRANSPORTS[0].play(server, "live/here").catch((error: Error) => error);
    assertEquals(player instanceof Error, !allowed);
    if (!(player instanceof Error)) await player[Symbol.asyncDispose]();
  });
}

Deno.test("a deciding backend that hangs, or is dead, means no; with failOpen it means yes", async () => {
  await using stage = await Stage.start();
  for (const failOpen of [false, true]) {
    const decide = { timeoutSeconds: 2, failOpen };
    await using server = await stage.server({ ...srs(stage.backend, "onPublish"), decide });
    const count = stage.backend.posts.length;
    stage.backend.answer = () => undefined;
    const hanging = rtmpTransport.publish(server, "live/cam").then((made) => made.end(), (error: Error) => error);
    await eventually(() => stage.backend.posts.length > count, "the backend was not asked");
    server.clock.advance(2000);
    assertEquals(await hanging instanceof Error, !failOpen);
    await stage.backend.die();
    const dead = await rtmpTransport.publish(server, "live/dog").then((made) => made.end(), (error: Error) => error);
    assertEquals(dead instanceof Error, !failOpen);
    assert(server.logged.some(({ message }) => /did not decide: no answer within 2 s/.test(message.join(""))));
    await stage.backend.rise();
  }
});

Deno.test("events go to receivers signed, as the event stream has them, and only those that are wanted", async () => {
  await using stage = await Stage.start();
  const secret = "a secret of both";
  const receivers = [{ url: stage.backend.url(), events: ["stream:*"], secret }];
  await using server = await stage.server({ receivers });
  const publisher = await rtmpTransport.publish(server, "live/cam");
  await publisher.end();
  await publisher[Symbol.asyncDispose]();
  await stage.backend.got(({ body }) => body.name === "stream:end", "stream:end");
  assertEquals(stage.backend.posts.map(({ body }) => body.name), ["stream:start", "stream:end"]);
  const [{ text, headers, body }] = stage.backend.posts;
  const [, seconds, hex] = /^t=(\d+),v1=(\w+)$/.exec(String(headers["x-sluice-signature"]))!;
  assertEquals(hex, createHmac("sha256", secret).update(`${seconds}.${text}`).digest("hex"));
  assertEquals([body.stream, body.session.protocol, typeof body.id, typeof body.seq], [
    "live/cam",
    "rtmp",
    "string",
    "number",
  ]);
});

Deno.test("a receiver that is down gets everything when it is back, in order, though the server was started anew", async () => {
  await using stage = await Stage.start();
  const receivers = [{ url: stage.backend.url(), events: ["stream:start", "stream:end"] }];
  await stage.backend.die();
  const names = ["a", "b", "a"];
  {
    await using server = await stage.server({ receivers });
    for (const [i, name] of names.entries()) {
      const publisher = await rtmpTransport.publish(server, `live/${name}`);
      await publisher.end();
      await publisher[Symbol.asyncDispose]();
      await eventually(() => server.told.filter(({ name }) => name === "stream:end").length > i, "it did not end");
    }
  }
  await stage.backend.rise();
  await using _server = await stage.server({ receivers });
  const stories = () =>
    ["live/a", "live/b"].map((id) =>
      stage.backend.posts.filter(({ body }) => body.stream === id).map(({ body }) => body.name)
    );
  await eventually(() => stage.backend.posts.length >= 6, "not all came");
  assertEquals(stories(), [
    ["stream:start", "stream:end", "stream:start", "stream:end"],
    ["stream:start", "stream:end"],
  ]);
  assertEquals(new Set(stage.backend.posts.map(({ body }) => body.id)).size, 6);
});

Deno.test("what was given up is listed for those who oversee the server, without keys", async () => {
  await using stage = await Stage.start();
  const receivers = [{ url: stage.backend.url("/hook?token=of-the-backend"), events: ["stream:start"] }];
  await using server = await stage.server({ receivers, giveUpHours: 0.01 });
  stage.backend.answer = () => ({ status: 500 });
  const publisher = await rtmpTransport.publish(server, "live/cam");
  const dead = async () => {
    const { text } = await httpGet(server.port, "/api/v1/webhooks/dead", { headers: { Host: "localhost" } });
    return JSON.parse(text);
  };
  for (let i = 0, tries = 0; i < 40 && (await dead()).total === 0; i++) {
    await eventually(() => stage.backend.posts.length >= tries, "it was not tried");
    tries = stage.backend.posts.length;
    server.clock.advance(5000);
  }
  const { items: [item], total } = await dead();
  assertEquals([total, item.event.name, item.event.stream, item.problem], [
    1,
    "stream:start",
    "live/cam",
    "its answer has the status 500",
  ]);
  assertMatch(item.receiver, /\/hook$/);
  server.assertNeverLogged("of-the-backend");
  const forget = await httpGet(server.port, "/api/v1/webhooks/dead", {
    method: "DELETE",
    headers: { Host: "localhost" },
  });
  assertEquals([forget.status, (await dead()).total], [204, 0]);
  await publisher[Symbol.asyncDispose]();
});

Deno.test("an outbox that is broken is put aside, and the server starts with a new one", async () => {
  await using stage = await Stage.start();
  const path = `${stage.dataDir}/webhooks.sqlite`;
  await Deno.writeTextFile(path, "this is no database".repeat(1000));
  await using server = await stage.server({ receivers: [{ url: stage.backend.url(), events: ["stream:start"] }] });
  const said = server.logged.find(({ level }) => level === "error")?.message.join("");
  assertMatch(said ?? "", /webhooks\.sqlite cannot be read: .*; it is put aside as .*webhooks\.sqlite\.broken/);
  assertMatch(await Deno.readTextFile(`${path}.broken`), /^this is no database/);
  const publisher = await rtmpTransport.publish(server, "live/cam");
  await stage.backend.got(({ body }) => body.name === "stream:start", "the start");
  await publisher[Symbol.asyncDispose]();
});

Deno.test("of an address the log shows neither query nor user, and it says why nobody was reached", async () => {
  await using stage = await Stage.start();
  const url = stage.backend.url("/hook?who=hidden-word").replace("://", "://hidden-user:hidden-pass@");
  await stage.backend.die();
  await using server = await stage.server({ receivers: [{ url, events: ["stream:start"] }], decide: { play: url } });
  const publisher = await rtmpTransport.publish(server, "live/cam");
  await TRANSPORTS[1].play(server, "live/cam").catch(() => {});
  const lines = () => server.logged.map(({ message }) => message.join(""));
  await eventually(() => lines().some((line) => /does not take messages/.test(line)), "nothing is said");
  assert(lines().some((line) => /\/hook does not take messages: .*[Rr]efused/.test(line)), lines().join("\n"));
  assert(lines().some((line) => /\/hook did not decide: .*[Rr]efused/.test(line)), lines().join("\n"));
  server.assertNeverLogged("hidden");
  await publisher[Symbol.asyncDispose]();
});

Deno.test("our own deciding backend is asked with all that there is to know, and its words reach the peer", async () => {
  await using stage = await Stage.start();
  const decide = { publish: stage.backend.url("/publish"), play: stage.backend.url("/play"), cacheSeconds: 60 };
  await using server = await stage.server({ decide });
  stage.backend.answer = ({ path }) =>
    path === "/play" ? { status: 200, text: '{"deny":"The hall is full"}' } : { status: 204 };
  await using publisher = await rtmpTransport.publish(server, "live/cam?key=of-the-publisher");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gop()]);
  const { body } = stage.backend.posts[0];
  assertEquals([body.name, body.stream, body.session.protocol, body.session.params], [
    "publish",
    "live/cam",
    "rtmp",
    { key: "of-the-publisher" },
  ]);
  for (let i = 0; i < 3; i++) {
    const refused = await TRANSPORTS[1].play(server, "live/cam").then(() => undefined, (error: Error) => error);
    assertMatch(String(refused), /The hall is full/);
  }
  assertEquals(stage.backend.posts.filter(({ path }) => path === "/play").length, 1, "the answer was not remembered");
  server.assertNeverLogged("of-the-publisher");
});
