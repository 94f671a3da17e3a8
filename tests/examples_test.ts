import { assertEquals, assertObjectMatch, assertRejects, assertStringIncludes } from "@std/assert";
import auth from "../examples/auth.ts";
import webhook from "../examples/webhook.ts";
import { createServer, rtmp, RtmpPublishClient } from "../mod.ts";
import { eventually } from "./support/eventually.ts";
import { flvFile } from "./support/transports/flv_bytes.ts";
import { patiently } from "./support/patience.ts";
import { bannerPorts, Program } from "./support/program.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import { Refused } from "./support/transports/transport.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

const KEYS = { "live/cam": "s3cr3t", "live/other": "0ther" };

for (const transport of TRANSPORTS) {
  const refusals = [
    { name: "without a key", params: undefined, message: "Publishing live/cam needs a key" },
    { name: "with a wrong key", params: { key: "wr0ng" }, message: "That is not the key of live/cam" },
    { name: "with another stream's key", params: { key: "0ther" }, message: "That is not the key of live/cam" },
  ];
  for (const { name, params, message } of refusals) {
    Deno.test(`auth.ts: nobody publishes ${name} over ${transport.name}`, async () => {
      await using server = await TestServer.start({ plugins: [auth({ keys: KEYS })] });
      const refused = await assertRejects(() => transport.publish(server, "live/cam", params), Refused);
      assertEquals(refused.status, transport.refused.publish.denied);
      assertStringIncludes(refused.message, message);
      server.assertNeverLogged("s3cr3t|0ther|wr0ng");
    });
  }

  Deno.test(`auth.ts: who has the key publishes over ${transport.name}, and takes over from itself`, async () => {
    await using server = await TestServer.start({ plugins: [auth({ keys: KEYS })] });
    const maker = new StreamMaker();
    const head = [...maker.head(), ...maker.gop()];
    await using first = await transport.publish(server, "live/cam", { key: "s3cr3t" });
    first.write(head);
    await server.received("live/cam", head[head.length - 1]);
    await using second = await transport.publish(server, "live/cam", { key: "s3cr3t" });
    assertEquals((await first.over()).status, transport.publisherEnds.replaced);
    const gop = maker.gop();
    second.write(gop);
    await server.received("live/cam", gop[gop.length - 1]);
    assertEquals(server.told.filter(({ name }) => name === "stream:start").length, 1);
    server.assertNeverLogged("s3cr3t");
  });

  Deno.test(`auth.ts: nobody needs a key to play over ${transport.name}`, async () => {
    await using server = await TestServer.start({ plugins: [auth({ keys: KEYS })] });
    await using publisher = await transport.publish(server, "live/cam", { key: "s3cr3t" });
    const maker = new StreamMaker();
    publisher.write([...maker.head(), ...maker.gop()]);
    await using player = await transport.play(server, "live/cam");
    await player.until(({ role }) => role === "key");
  });
}

Deno.test("auth.ts is loaded by its path from the command line", async () => {
  const plugins = ["--plugins", "http-flv,./examples/auth.ts"];
  const settings = ["--http-port", "0", "--example-auth-keys", "live/cam=s3cr3t"];
  await using server = Program.server(["start", ...plugins, ...settings]);
  const { http } = await bannerPorts(server);
  const maker = new StreamMaker();
  const publish = async (query: string) => {
    const body = flvFile([...maker.head(), ...maker.gop()]) as Uint8Array<ArrayBuffer>;
    const response = await fetch(`http://127.0.0.1:${http}/live/cam${query}`, { method: "POST", body });
    const { stream, detail } = await response.json();
    return [response.status, stream ?? detail];
  };
  assertEquals(await publish(""), [403, "Publishing live/cam needs a key"]);
  assertEquals(await publish("?key=wr0ng"), [403, "That is not the key of live/cam"]);
  assertEquals(await publish("?key=s3cr3t"), [200, "live/cam"]);
});

/** A program that is asked and told. */
class Backend implements AsyncDisposable {
  // deno-lint-ignore no-explicit-any
  readonly heard: any[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** `answer` is its answer to what it is asked; what it is told it only takes note of. */
  constructor(answer: (request: Request) => Response | Promise<Response>) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const body = await request.json();
      this.heard.push(body);
      return body.ask ? await answer(request) : new Response();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/hook`;
  }

  /** What it was told, without what it was asked. */
  get told(): string[] {
    return this.heard.flatMap(({ event, stream, reason }) =>
      event ? [`${event} ${stream.stream} ${reason ?? ""}`] : []
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

for (const transport of TRANSPORTS) {
  Deno.test(`webhook.ts: another program is asked and told over ${transport.name}`, async () => {
    await using backend = new Backend(() => new Response());
    await using server = await TestServer.start({ plugins: [webhook({ url: backend.url })] });
    await using publisher = await transport.publish(server, "live/cam", { key: "s3cr3t" });
    assertObjectMatch(backend.heard[0], {
      ask: "publish",
      stream: "live/cam",
      key: "s3cr3t",
      session: { protocol: transport.name },
    });
    await publisher.end();
    await eventually(() => backend.told.length === 2, `told ${backend.told}`);
    assertEquals(backend.told, ["stream:start live/cam ", "stream:end live/cam stream-ended"]);
    server.assertNeverLogged("s3cr3t");
  });

  for (const words of ["Not before breakfast", ""]) {
    Deno.test(`webhook.ts: its refusal reaches the ${transport.name} publisher, words: "${words}"`, async () => {
      await using backend = new Backend(() => new Response(words, { status: 403 }));
      await using server = await TestServer.start({ plugins: [webhook({ url: backend.url })] });
      const refused = await assertRejects(() => transport.publish(server, "live/cam"), Refused);
      assertEquals(refused.status, transport.refused.publish.denied);
      assertStringIncludes(refused.message, words || "Publishing live/cam is not allowed");
      assertEquals(backend.told, []);
    });
  }

  Deno.test(`webhook.ts: who gets no answer within 10 s does not publish over ${transport.name}`, async () => {
    const asked = Promise.withResolvers<void>();
    const givenUp = Promise.withResolvers<void>();
    await using backend = new Backend(async ({ signal }) => {
      signal.addEventListener("abort", () => givenUp.resolve());
      asked.resolve();
      await givenUp.promise;
      return new Response();
    });
    await using server = await TestServer.start({ plugins: [webhook({ url: backend.url })] });
    const refusal = assertRejects(() => transport.publish(server, "live/cam"), Refused);
    await patiently(asked.promise, () => "nobody was asked");
    server.clock.advance(10_000);
    const { status, message } = await refusal;
    assertEquals(status, transport.refused.publish.error);
    assertStringIncludes(message, "The server could not decide this publish request");
    await patiently(givenUp.promise, () => "the request goes on");
  });

  Deno.test(`webhook.ts: where nobody can be asked nobody publishes over ${transport.name}`, async () => {
    const backend = new Backend(() => new Response());
    const { url } = backend;
    await backend[Symbol.asyncDispose]();
    await using server = await TestServer.start({ plugins: [webhook({ url })] });
    const { status } = await assertRejects(() => transport.publish(server, "live/cam"), Refused);
    assertEquals(status, transport.refused.publish.error);
  });
}

Deno.test("webhook.ts: streams that end because the server stops are told of", async () => {
  await using backend = new Backend(() => new Response());
  const anyPort = { host: "127.0.0.1", port: 0 };
  const server = await createServer({
    plugins: [rtmp(), webhook({ url: backend.url })],
    config: { http: anyPort, rtmp: anyPort },
    log: () => {},
  });
  await using _ = await RtmpPublishClient.connect(`rtmp://127.0.0.1:${server.address("rtmp").port}/live/cam`);
  await server.close();
  assertEquals(backend.told, ["stream:start live/cam ", "stream:end live/cam shutdown"]);
});
