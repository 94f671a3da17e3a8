import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertObjectMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { problemText } from "./front/problem.ts";
import { z } from "zod";
import { ConfigError } from "./config/error.ts";
import { PortError } from "./front/front.ts";
import { definePlugin } from "./plugin/plugin.ts";
import { Refusal } from "./reasons.ts";
import { keyOf } from "./testing/house.ts";
import { settled } from "./testing/settled.ts";
import { door, LOCAL, opened, PEER, plugin, start } from "./testing/started_server.ts";
import { TcpClient } from "./testing/tcp_client.ts";

Deno.test("plugins are set up in their order, one after the other, and the server answers when all are", async () => {
  const order: string[] = [];
  await using running = await start([
    plugin("one", async () => {
      await settled();
      order.push("one");
    }),
    plugin("two", (ctx) => {
      order.push("two");
      ctx.http.get("/hello", (c) => c.text("hello"));
      ctx.on("server:start", ({ addresses }) => void order.push(`started ${addresses.map(({ name }) => name)}`));
    }),
  ]);
  assertEquals(order, ["one", "two", "started http"]);
  const { url, port } = running.server.address("http");
  assertEquals(url, `http://127.0.0.1:${port}`);
  const response = await fetch(`${url}/hello`);
  assertEquals([response.status, await response.text()], [200, "hello"]);
});

Deno.test("requests are answered in memory, without a socket", async () => {
  await using running = await start([plugin("greeter", (ctx) => {
    ctx.http.get("/hello/:name", (c) => c.text(`hello ${c.req.param("name")}`));
    ctx.http.post("/echo", async (c) => c.text(await c.req.text()));
    ctx.http.get("/broken", () => {
      throw new Error("a secret of the house");
    });
    ctx.http.get("/refused", () => {
      throw new Refusal("not-found", "Nobody publishes live/cam");
    });
  })]);
  const ask = async (request: Request | string) => {
    const response = await running.server.request(request);
    return [response.status, await response.text()];
  };
  assertEquals(await ask("/hello/you"), [200, "hello you"]);
  assertEquals(await ask(new Request("http://x/echo", { method: "POST", body: "abc" })), [200, "abc"]);
  assertEquals(await ask("/nowhere"), [404, problemText(404, "There is nothing at this address")]);
  assertEquals(await ask("/refused"), [404, problemText(404, "Nobody publishes live/cam")]);
  assertEquals(await ask("/broken"), [500, problemText(500, "The server failed to answer this request")]);
  assertEquals(running.logged.lines().at(-1), "error A request failed: a secret of the house");
});

Deno.test("settings: a plugin gets its defaults, below what its factory was given, below the configuration", async () => {
  const given: unknown[] = [];
  const settings = definePlugin({
    name: "my-plugin",
    config: z.object({ a: z.number().default(1), b: z.number().default(1), c: z.number().default(1) }),
    setup: (_, config) => void given.push(config),
  });
  await using _running = await start([settings({ b: 2, c: 2 })], { config: { ...LOCAL, myPlugin: { c: 3 } } });
  assertObjectMatch(given[0] as object, { a: 1, b: 2, c: 3 });
});

Deno.test("settings that depend on each other are checked when they are complete", async () => {
  const range = definePlugin({
    name: "range",
    config: z.object({ from: z.number().default(1), to: z.number().default(2) })
      .refine(({ from, to }) => from <= to, "from must not be beyond to"),
    setup() {},
  });
  const error = await assertRejects(() => start([range({ from: 5 })]), ConfigError);
  assertMatch(error.message, /from must not be beyond to/);
  await using _running = await start([range({ from: 5, to: 6 })]);
});

Deno.test("a wrong setting stops the start before any plugin is set up", async () => {
  let setups = 0;
  const counted = plugin("counted", () => void setups++);
  await assertRejects(() => start([counted], { config: { http: { prt: 1 } } }), ConfigError, "prt");
  await assertRejects(() => start([counted], { config: { graceSeconds: -1 } }), ConfigError, "graceSeconds");
  assertEquals(setups, 0);
});

Deno.test("a plugin that is switched off is not set up", async () => {
  let setups = 0;
  await using running = await start([plugin("counted", () => void setups++)], {
    config: { ...LOCAL, counted: { enabled: false } },
  });
  assertEquals([setups, running.server.addresses.length], [0, 1]);
});

Deno.test("an address is found by its name; an unknown one is told with those that are known", async () => {
  await using running = await start(
    [plugin("rtmp", async (ctx) => void await ctx.front.listen({ name: "rtmp", host: "127.0.0.1", port: 0 }))],
    { config: { http: { host: "127.0.0.1", ports: [0, 0] } } },
  );
  const { server } = running;
  assertEquals(server.addresses.map(({ name }) => name), ["rtmp", "http", "http"]);
  assertEquals(server.address("rtmp").url, `rtmp://127.0.0.1:${server.address("rtmp").port}`);
  assertThrows(() => server.address("hls"), TypeError, 'Nothing listens under the name "hls": there are rtmp, http');
  const answers = await Promise.all(server.addresses.map(({ port }) => fetch(`http://127.0.0.1:${port}/`)));
  for (const answer of answers) assertEquals([answer.status, await answer.text().then(Boolean)], [404, true]);
});

Deno.test("a server on every address is shown as localhost", async () => {
  await using running = await start([], { config: { http: { port: 0 } } });
  const { host, port, url } = running.server.address("http");
  assertEquals([host, url], ["::", `http://localhost:${port}`]);
});

Deno.test("several servers live in one process and know nothing of each other", async () => {
  const doors = [door(), door()];
  await using one = await start([doors[0].plugin]);
  await using two = await start([doors[1].plugin]);
  const session = await doors[0].ctx.open(PEER);
  const publication = await doors[0].ctx.publish(session, keyOf("cam"));
  assertEquals([one.server.streams.size, two.server.streams.size], [1, 0]);
  assertEquals([one.server.sessions.size, two.server.sessions.size], [1, 0]);
  await one.server.close();
  assertEquals(publication.signal.aborted, true);
  assertEquals((await fetch(`${two.server.address("http").url}/`)).status, 404);
});

Deno.test("a port that is taken stops the start, in words, with everything that had begun", async () => {
  await using running = await start([]);
  const { port } = running.server.address("http");
  const done: string[] = [];
  const error = await start([
    plugin("one", async (ctx) => {
      const listener = await ctx.front.listen({ name: "one", host: "127.0.0.1", port: 0 });
      ctx.defer(() => void done.push(`one closes ${listener.port > 0}`));
    }),
    plugin("two", (ctx) => {
      ctx.on("server:start", () => void done.push("started"));
      ctx.on("server:stop", () => void done.push("stopped"));
      ctx.defer(() => void done.push("two closes"));
    }),
  ], { config: { http: { host: "127.0.0.1", port } } }).catch((error: unknown) => error);
  assertInstanceOf(error, PortError);
  assertEquals(error.message, `Cannot listen on port ${port} for http: another program uses it`);
  assertEquals(done, ["two closes", "one closes true"], "what never started does not stop either");
});

Deno.test("a plugin whose setup fails stops the start, with everything that had begun, its own things first", async () => {
  const done: string[] = [];
  let port = 0;
  const error = await start([
    plugin("one", async (ctx) => {
      ({ port } = await ctx.front.listen({ name: "one", host: "127.0.0.1", port: 0 }));
      ctx.defer(() => void done.push("one"));
    }),
    plugin("two", (ctx) => {
      ctx.defer(() => void done.push("two"));
      throw new TypeError("no such folder");
    }),
    plugin("three", () => void done.push("three")),
  ]).catch((error: unknown) => error);
  assertInstanceOf(error, TypeError);
  assertEquals([error.message, done], ["no such folder", ["two", "one"]]);
  assertEquals(await TcpClient.connect(port).then(() => "connected", () => "refused"), "refused");
});

Deno.test("a connection that comes before all plugins are set up waits until they are", async () => {
  const seen: string[] = [];
  let isReady = false;
  const client = Promise.withResolvers<TcpClient>();
  await using _running = await start([
    plugin("early", async (ctx) => {
      ctx.front.protocol({
        name: "early",
        matches: (first) => first[0] === 0,
        accept: (socket) => {
          seen.push(isReady ? "after" : "before");
          socket.write("welcome");
        },
      });
      const { port } = await ctx.front.listen({ name: "early", host: "127.0.0.1", port: 0 });
      client.resolve(await TcpClient.connect(port));
    }),
    plugin("auth", async () => {
      (await client.promise).send("\0");
      for (let i = 0; i < 20; i++) await settled();
      isReady = true;
    }),
  ]);
  using connected = await client.promise;
  await connected.take(/^welcome$/);
  assertEquals(seen, ["after"]);
});

Deno.test("connections that wait for the start are closed when it fails", async () => {
  let client: TcpClient | undefined;
  await assertRejects(() =>
    start([
      plugin("early", async (ctx) => {
        const { port } = await ctx.front.listen({ name: "early", host: "127.0.0.1", port: 0 });
        client = await TcpClient.connect(port);
      }),
      plugin("broken", () => Promise.reject(new Error("no"))),
    ])
  );
  await client?.ended();
  client?.[Symbol.dispose]();
});

Deno.test("sessions are told at their start and end, each once, what belongs to them in between", async () => {
  const told: string[] = [];
  const { ctx, running } = await opened((ctx) => {
    ctx.on("session:start", () => void told.push("session:start"));
    ctx.on("session:end", ({ reason, bytes }) => void told.push(`session:end ${reason} ${bytes}`));
    ctx.on("stream:interrupt", ({ reason }) => void told.push(`stream:interrupt ${reason}`));
    ctx.on("play:end", ({ reason }) => void told.push(`play:end ${reason}`));
  });
  await using _running = running;
  const session = await ctx.open(PEER);
  assertEquals([running.server.sessions.has(session), ctx.sessions.has(session)], [true, true]);
  await ctx.publish(session, keyOf("cam"));
  await ctx.play(session, keyOf("cam"));
  session.bytesIn = 10;
  session.close("kicked");
  session.close("left");
  assertEquals(running.server.sessions.size, 0);
  assertEquals(told, ["session:start", "stream:interrupt kicked", "play:end kicked", "session:end kicked 10"]);
});

Deno.test("a session that is denied never begins", async () => {
  const told: unknown[] = [];
  const { ctx, running } = await opened((ctx) => {
    ctx.decide("connect", ({ app, vhost, session }) => ({ deny: `not you, ${session.remote}, not ${vhost}/${app}` }));
    ctx.on("session:start", (event) => void told.push(event));
  });
  await using _running = running;
  const error = await assertRejects(() => ctx.open(PEER, { app: "live" }), Refusal);
  assertEquals([error.code, error.message], ["denied", "not you, 127.0.0.1:5000, not _/live"]);
  assertEquals([running.server.sessions.size, told], [0, []]);
});

Deno.test("a session that is closed while it is decided about never begins", async () => {
  const told: unknown[] = [];
  const { ctx, running } = await opened((ctx) => {
    ctx.decide("connect", ({ session }) => session.close("kicked"));
    ctx.on("session:start", (event) => void told.push(event));
    ctx.on("session:end", (event) => void told.push(event));
  });
  await using _running = running;
  await assertRejects(() => ctx.open(PEER), Refusal);
  assertEquals([running.server.sessions.size, told], [0, []]);
});

Deno.test("time, requests and the log are those that the server was given", async () => {
  const asked: string[] = [];
  const { ctx, running } = await opened(undefined, {
    fetch: (input) => {
      asked.push(String(input));
      return Promise.resolve(new Response("faked"));
    },
  });
  await using _running = running;
  assert(ctx.clock === running.clock);
  assertEquals(await (await ctx.fetch("http://upstream/")).text(), "faked");
  assertEquals(asked, ["http://upstream/"]);
  ctx.log.info("hello");
  assertEquals(running.logged.lines().at(-1), "info hello");
});
