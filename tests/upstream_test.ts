import { assert, assertEquals, assertMatch } from "@std/assert";
import type { MediaPacket } from "../media/packet.ts";
import { upstream } from "../plugins/upstream/plugin.ts";
import { eventually, turn } from "./support/eventually.ts";
import { assertMonotonic, assertSamePackets, frames, hasBodyOf } from "./support/packets.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";
import { SilentServer } from "./support/silent_server.ts";
import { packetsOf, StreamMaker, type Tag } from "./support/stream_maker.ts";
import { deciding, keepingPackets, TestServer, type TestServerOptions } from "./support/test_server.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";

const LONG = { publishTimeoutSeconds: 3600, rtmp: { host: "127.0.0.1", port: 0, idleSeconds: 3600 } };

/** How one server is asked by another. */
const WAYS: Readonly<Record<string, (port: number) => string>> = {
  rtmp: (port) => `rtmp://127.0.0.1:${port}`,
  "http-flv": (port) => `http://127.0.0.1:${port}/{app}/{stream}.flv`,
  "ws-flv": (port) => `ws://127.0.0.1:${port}/{app}/{stream}.flv`,
};

function origin(options: TestServerOptions = {}): Promise<TestServer> {
  return TestServer.start({ ...options, config: { ...LONG, ...options.config } });
}

function edge(
  servers: string[],
  more: Record<string, unknown> = {},
  options: TestServerOptions = {},
): Promise<TestServer> {
  const { id, ...route } = more;
  const settings = { routes: [{ servers, ...route }], ...(id === undefined ? {} : { id }) };
  return TestServer.start({
    ...options,
    late: [upstream()],
    config: { ...LONG, upstream: settings, ...options.config },
  });
}

/** Publishes a first group of pictures, and waits until the server has it. */
async function onAir(server: TestServer, maker = new StreamMaker()) {
  const publisher = await rtmpTransport.publish(server, "live/cam");
  const first = [...maker.head(), ...maker.gop()];
  publisher.write(first);
  await server.received("live/cam", first.at(-1)!);
  return { publisher, maker, first };
}

function viewersOf(server: TestServer): number {
  return server.server.streams.get("live/cam")?.viewers ?? 0;
}

for (const [way, address] of Object.entries(WAYS)) {
  Deno.test(`an edge by ${way}: many viewers, one connection, the same packets, and the end`, async () => {
    await using home = await origin();
    await using near = await edge([address(home.port)]);
    const { publisher, maker, first } = await onAir(home);
    const players = await Promise.all(TRANSPORTS.map((transport) => transport.play(near, "live/cam")));
    const second = maker.gops(2);
    publisher.write(second);
    const expected = frames(packetsOf([...first, ...second]));
    const last = second.at(-1)!;
    for (const player of players) {
      await player.until((packet) => packet.dts === last.dts && packet.kind === last.kind);
      assertSamePackets(frames(player.packets), expected);
    }
    assertEquals(viewersOf(home), 1);
    await publisher.end();
    for (const player of players) await player.over();
    await eventually(() => near.server.streams.size === 0, "the edge still has the stream");
    await publisher[Symbol.asyncDispose]();
  });
}

Deno.test("three levels: what is pushed at the top is pulled at the bottom to the byte", async () => {
  await using home = await origin();
  await using middle = await edge([WAYS.rtmp(home.port)], { id: "middle" });
  await using bottom = await edge([WAYS["ws-flv"](middle.port)], { id: "bottom" });
  const { publisher, maker, first } = await onAir(home);
  await using player = await TRANSPORTS[1].play(bottom, "live/cam");
  const second = maker.gop();
  publisher.write(second);
  const last = second.at(-1)!;
  await player.until((packet) => packet.dts === last.dts && packet.kind === last.kind);
  assertSamePackets(frames(player.packets), frames(packetsOf([...first, ...second])));
  await publisher[Symbol.asyncDispose]();
});

Deno.test("a stream that nobody has: players hear so, and the edge keeps nothing", async () => {
  await using home = await origin({ config: { waitSeconds: 0 } });
  for (const address of Object.values(WAYS)) {
    await using near = await edge([address(home.port)]);
    const refused = await TRANSPORTS[1].play(near, "live/none").then(() => undefined, (error: Error) => error);
    assertMatch(String(refused), /Nobody publishes live\/none/);
    await eventually(() => near.server.streams.size === 0 && near.server.sessions.size === 0, "something is left");
  }
});

Deno.test("after the last viewer the connection is kept a while, and a viewer in that while keeps it", async () => {
  await using home = await origin();
  await using near = await edge([WAYS.rtmp(home.port)], {}, { config: { keepSeconds: 20 } });
  const { publisher, maker } = await onAir(home);
  const first = await TRANSPORTS[1].play(near, "live/cam");
  await first[Symbol.asyncDispose]();
  await eventually(() => viewersOf(near) === 0, "the viewer stays");
  const flow = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      const gop = maker.gop();
      publisher.write(gop);
      await near.received("live/cam", gop.at(-1)!);
      near.clock.advance(1000);
    }
  };
  await flow(19);
  assertEquals(viewersOf(home), 1);
  const second = await TRANSPORTS[1].play(near, "live/cam");
  await flow(60);
  assertEquals(viewersOf(home), 1);
  await second[Symbol.asyncDispose]();
  await eventually(() => viewersOf(near) === 0, "the viewer stays");
  near.clock.advance(20_000);
  await eventually(() => viewersOf(home) === 0, "the edge still pulls");
  assertEquals(near.server.streams.size, 0);
  await publisher[Symbol.asyncDispose]();
});

Deno.test("a viewer who comes just when the connection is let go has the stream, before that moment or after it", async () => {
  await using home = await origin();
  await using near = await edge([WAYS.rtmp(home.port)], {}, { config: { keepSeconds: 1 } });
  const { publisher, maker } = await onAir(home);
  for (let round = 0; round < 24; round++) {
    const transport = TRANSPORTS[round % TRANSPORTS.length];
    const first = await transport.play(near, "live/cam");
    await first[Symbol.asyncDispose]();
    await eventually(() => viewersOf(near) === 0, "the viewer stays");
    const coming = transport.play(near, "live/cam");
    // The request arrives some turns later than the moment, or earlier.
    for (let turns = 0; turns < round >> 2; turns++) await turn();
    near.clock.advance(1000);
    await using second = await coming;
    const gop = maker.gop();
    publisher.write(gop);
    await second.until(hasBodyOf(gop.at(-1)!));
  }
  await eventually(() => viewersOf(near) === 0, "the last viewer stays");
  near.clock.advance(1000);
  await eventually(() => viewersOf(home) === 0, "the edge still pulls");
  await publisher[Symbol.asyncDispose]();
});

Deno.test("an origin that dies: the edge takes the stream from another, and players notice a pause at most", async () => {
  await using second = await origin();
  const first = await origin();
  const near = await edge([WAYS.rtmp(first.port), WAYS.rtmp(second.port)]);
  await using _ = near;
  const here = await onAir(first);
  const there = await onAir(second, new StreamMaker({ seed: 1 }));
  await using player = await TRANSPORTS[1].play(near, "live/cam");
  await player.until(({ role }) => role === "key");
  await first[Symbol.asyncDispose]();
  await eventually(() => viewersOf(second) === 1, "the edge does not ask the second origin");
  const gop = there.maker.gop();
  there.publisher.write(gop);
  const body = gop.at(-1)!.body;
  await player.until((packet) =>
    packet.body.length === body.length && packet.body.every((byte, i) => byte === body[i])
  );
  assertMonotonic(frames(player.packets));
  for (const { publisher } of [here, there]) await publisher[Symbol.asyncDispose]();
});

for (const [way, address] of Object.entries(WAYS)) {
  Deno.test(`by ${way}: a server that says nothing, and one that falls silent, are left for another one`, async () => {
    await using silent = await SilentServer.listen();
    await using first = await origin();
    await using second = await origin();
    const here = await onAir(first);
    await using near = await edge([address(silent.port), address(first.port), address(second.port)]);
    const coming = TRANSPORTS[1].play(near, "live/cam");
    await silent.visited;
    near.clock.advance(2000);
    await using player = await coming;
    await player.until(hasBodyOf(here.first.at(-1)!));
    assertEquals(viewersOf(first), 1);
    const there = await onAir(second, new StreamMaker({ seed: 1 }));
    near.clock.advance(2000);
    await eventually(() => viewersOf(second) === 1 && viewersOf(first) === 0, "the silent one is still listened to");
    await player.until(hasBodyOf(there.first.at(-1)!));
    assertMonotonic(frames(player.packets));
    for (const { publisher } of [here, there]) await publisher[Symbol.asyncDispose]();
  });
}

Deno.test("servers that ask each other in a circle are told so", async () => {
  const ports = { a: 0, b: 0 };
  const server = (id: string, other: "a" | "b") =>
    TestServer.start({
      late: [upstream()],
      config: {
        ...LONG,
        waitSeconds: 0,
        upstream: { id, routes: [{ servers: [`rtmp://127.0.0.1:${ports[other]}`] }] },
      },
    });
  const placeholder = await origin();
  ports.b = placeholder.port;
  await placeholder[Symbol.asyncDispose]();
  await using a = await server("a", "b");
  ports.a = a.port;
  await using _b = await TestServer.start({
    late: [upstream()],
    config: {
      ...LONG,
      http: { host: "127.0.0.1", port: ports.b },
      upstream: { id: "b", routes: [{ servers: [`rtmp://127.0.0.1:${ports.a}/{app}/{stream}`] }] },
    },
  });
  const refused = await TRANSPORTS[1].play(a, "live/none").then(() => undefined, (error: Error) => error);
  assertMatch(String(refused), /in a circle/);
  await eventually(() => a.server.streams.size === 0, "something is left");
});

Deno.test("each viewer is decided about by the origin, where the settings say so", async () => {
  const decides = deciding((ctx) =>
    ctx.decide(
      "play",
      ({ session }) => session.params.get("token")?.startsWith("good") ? undefined : { deny: "Your ticket is void" },
    )
  );
  await using home = await origin({ plugins: [decides] });
  await using near = await edge([WAYS.rtmp(home.port)], { checkViewers: true });
  const { publisher } = await onAir(home);
  const play = (token: string) => TRANSPORTS[1].play(near, "live/cam", { token }).catch((error: Error) => error);
  const first = await play("bad-1");
  assertMatch(String(first), /Your ticket is void/);
  const second = await play("good-1");
  assert(!(second instanceof Error), String(second));
  assertMatch(String(await play("bad-2")), /Your ticket is void/);
  const third = await play("good-2");
  assert(!(third instanceof Error), String(third));
  await eventually(() => viewersOf(home) === 1, "the questions are still connected");
  for (const player of [second, third]) await player[Symbol.asyncDispose]();
  await publisher[Symbol.asyncDispose]();
  near.assertNeverLogged("good-1");
});

Deno.test("when the connection breaks, the newest viewer's ticket counts: that of the first may be void by then", async () => {
  const tickets = new Set(["first", "second"]);
  const decides = deciding((ctx) =>
    ctx.decide(
      "play",
      ({ session }) => tickets.has(session.params.get("token") ?? "") ? undefined : { deny: "Your ticket is void" },
    )
  );
  await using home = await origin({ plugins: [decides] });
  await using near = await edge([WAYS.rtmp(home.port)], { checkViewers: true });
  const { publisher, maker } = await onAir(home);
  await using first = await TRANSPORTS[1].play(near, "live/cam", { token: "first" });
  await using second = await TRANSPORTS[2].play(near, "live/cam", { token: "second" });
  await eventually(() => viewersOf(home) === 1, "the questions are still connected");
  tickets.delete("first");
  for (const session of home.server.sessions) if (session.params.get("token")) session.close("error", "a broken wire");
  await eventually(() => viewersOf(home) === 1, "the edge does not come back");
  const gop = maker.gop();
  publisher.write(gop);
  for (const player of [first, second]) await player.until(hasBodyOf(gop.at(-1)!));
  await publisher[Symbol.asyncDispose]();
});

Deno.test("what a player wants left out is left out for that player alone, though its query is passed on", async () => {
  await using home = await origin();
  for (const [way, address] of Object.entries(WAYS)) {
    await using near = await edge([address(home.port)], { passQuery: true });
    const { publisher, maker } = await onAir(home);
    const [, httpFlv] = TRANSPORTS;
    await using first = await httpFlv.play(near, "live/cam", { audio: "0", tracks: "all", token: "t" });
    await using second = await httpFlv.play(near, "live/cam");
    const asked = [...home.server.sessions].find(({ params }) => params.has("token"))!.params;
    assertEquals(["audio", "tracks"].map((name) => asked.has(name)), [false, false], way);
    publisher.write(maker.gop());
    await second.until(({ kind }) => kind === "audio");
    assertEquals(first.packets.some(({ kind }) => kind === "audio"), false);
    await publisher.end();
    await publisher[Symbol.asyncDispose]();
  }
});

Deno.test("viewers who come at once are decided about one by one, and none spoils it for another", async () => {
  const decides = deciding((ctx) =>
    ctx.decide("play", ({ session }) => session.params.get("token") === "good" ? undefined : { deny: "No" })
  );
  await using home = await origin({ plugins: [decides] });
  const { publisher } = await onAir(home);
  await using near = await edge([WAYS.rtmp(home.port)], { checkViewers: true });
  const play = (token: string) => TRANSPORTS[1].play(near, "live/cam", { token }).catch((error: Error) => error);
  const players = await Promise.all(["bad", "good", "bad", "good"].map(play));
  assertEquals(players.map((player) => player instanceof Error), [true, false, true, false]);
  for (const player of players) if (!(player instanceof Error)) await player[Symbol.asyncDispose]();
  await publisher[Symbol.asyncDispose]();
});

Deno.test("who comes with a bad query, or one that a server takes for a circle, spoils it for nobody who comes with it", async () => {
  const decides = deciding((ctx) =>
    ctx.decide("play", ({ session }) => session.params.get("token") === "good" ? undefined : { deny: "No" })
  );
  const circle = { token: "good", hops: "home" };
  await using home = await TestServer.start({
    plugins: [decides],
    late: [upstream()],
    config: { ...LONG, upstream: { id: "home", routes: [{ streams: ["none/*"], servers: ["rtmp://127.0.0.1:1"] }] } },
  });
  const { publisher } = await onAir(home);
  await using near = await edge([WAYS.rtmp(home.port)], { passQuery: true });
  const [, httpFlv] = TRANSPORTS;
  const play = (params: Record<string, string>) =>
    httpFlv.play(near, "live/cam", params).then((player) => player, (error: Error) => error);
  const players = await Promise.all([{ token: "bad" }, circle, { token: "good" }].map(play));
  assertEquals(players[2] instanceof Error, false);
  for (const player of players) if (!(player instanceof Error)) await player[Symbol.asyncDispose]();
  await publisher[Symbol.asyncDispose]();
});

Deno.test("viewers are still let in when the first of several origins has died, and the wait of one counts for itself", async () => {
  const first = await origin();
  await using second = await origin();
  await using near = await edge([WAYS.rtmp(first.port), WAYS.rtmp(second.port)], { checkViewers: true });
  await first[Symbol.asyncDispose]();
  const { publisher } = await onAir(second);
  for (const wait of ["0", "3"]) {
    const player = await TRANSPORTS[1].play(near, "live/cam", { wait });
    await player.until(({ role }) => role === "key");
    near.clock.advance(6000);
    await player[Symbol.asyncDispose]();
  }
  await publisher[Symbol.asyncDispose]();
});

Deno.test("what is published at an edge goes to the origin, where the settings say so", async () => {
  const kept = new Map<string, MediaPacket[]>();
  await using home = await origin({ plugins: [keepingPackets(kept)] });
  await using near = await edge([WAYS["http-flv"](home.port)], { publish: true });
  const publisher = await rtmpTransport.publish(near, "live/cam");
  await home.event("stream:start");
  const maker = new StreamMaker();
  const tags: Tag[] = [...maker.head(), ...maker.gops(2)];
  publisher.write(tags);
  const expected = frames(packetsOf(tags));
  await eventually(() => frames(kept.get("live/cam") ?? []).length >= expected.length, "not all came");
  assertSamePackets(frames(kept.get("live/cam")!), expected);
  await publisher.end();
  assertEquals((await home.event("stream:end")).reason, "stream-ended");
  await publisher[Symbol.asyncDispose]();
});

for (const [way, address] of Object.entries(WAYS)) {
  Deno.test(`an origin that dies: what is published at an edge goes to the next one by ${way}, and the publisher stays`, async () => {
    const kept = new Map<string, MediaPacket[]>();
    const first = await origin();
    await using second = await origin({ plugins: [keepingPackets(kept)] });
    await using near = await edge([address(first.port), address(second.port)], { publish: true });
    const publisher = await rtmpTransport.publish(near, "live/cam");
    const maker = new StreamMaker();
    publisher.write([...maker.head(), ...maker.gops(2)]);
    await first.event("stream:start");
    await first[Symbol.asyncDispose]();
    await second.event("stream:start");
    const gop = maker.gop();
    publisher.write(gop);
    await second.received("live/cam", gop.at(-1)!);
    const pictures = frames(kept.get("live/cam")!).filter(({ kind }) => kind === "video");
    assertEquals([pictures[0].role, near.server.streams.get("live/cam")?.state], ["key", "live"]);
    assert(!near.told.some(({ name }) => name === "stream:interrupt"), "the publisher was disturbed");
    await publisher.end();
    await second.event("stream:end");
    await publisher[Symbol.asyncDispose]();
  });

  Deno.test(`the origin decides about publishers of the edge by ${way}: who is refused hears so in its words`, async () => {
    const decides = deciding((ctx) =>
      ctx.decide(
        "publish",
        ({ session }) => session.params.get("token") === "good-token" ? undefined : { deny: "Your ticket is void" },
      )
    );
    await using home = await origin({ plugins: [decides] });
    await using near = await edge([address(home.port)], { publish: true, passQuery: true });
    const publish = (token: string) => rtmpTransport.publish(near, `live/${token}`, { token });
    const maker = new StreamMaker();
    await using good = await publish("good-token");
    await using bad = await publish("bad-token");
    for (const publisher of [good, bad]) publisher.write([...maker.head(), ...maker.gop()]);
    assertMatch((await bad.over()).message, /Your ticket is void/);
    await home.event("stream:start");
    assertEquals(near.server.streams.get("live/good-token")?.state, "live");
    await good.end();
  });
}

Deno.test("two servers that pass what is published on to each other: both have it, and its publisher stays", async () => {
  const kept = new Map<string, MediaPacket[]>();
  const placeholder = await origin();
  const ports = { a: placeholder.port };
  await placeholder[Symbol.asyncDispose]();
  const b = await edge([WAYS.rtmp(ports.a)], { id: "b", publish: true }, { plugins: [keepingPackets(kept)] });
  await using _b = b;
  await using a = await edge([WAYS.rtmp(b.port)], { id: "a", publish: true }, {
    config: { http: { host: "127.0.0.1", port: ports.a } },
  });
  const publisher = await rtmpTransport.publish(a, "live/cam");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gop()]);
  await b.event("stream:start");
  await eventually(
    () => b.logged.some(({ message }) => String(message).includes("in a circle")),
    "b passes nothing on",
  );
  const gop = maker.gop();
  publisher.write(gop);
  await b.received("live/cam", gop.at(-1)!);
  assertEquals(a.server.streams.get("live/cam")?.state, "live");
  await publisher.end();
  await publisher[Symbol.asyncDispose]();
});

Deno.test("a stream of another vhost is fetched under the names that the address makes of it", async () => {
  await using home = await origin();
  const publisher = await rtmpTransport.publish(home, "brand-example/cam");
  const maker = new StreamMaker();
  publisher.write([...maker.head(), ...maker.gop()]);
  await eventually(() => home.server.streams.get("brand-example/cam")?.hasVideo === true, "nothing is published");
  await using near = await edge([`rtmp://127.0.0.1:${home.port}/{vhost}-{app}/{stream}`], { streams: ["*:*"] });
  await using player = await rtmpTransport.play(near, "example/cam", { vhost: "brand" });
  await player.until(({ role }) => role === "key");
  await publisher[Symbol.asyncDispose]();
});
