import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { PortError } from "../kernel/front/front.ts";
import { api } from "../plugins/api/plugin.ts";
import { hls } from "../plugins/hls/plugin.ts";
import { metrics } from "../plugins/metrics/plugin.ts";
import { RtmpPlayClient, RtmpPublishClient } from "../protocols/rtmp/client.ts";
import { CertificateFolder, FIRST_CERTIFICATE } from "./support/certificates.ts";
import { eventually } from "./support/eventually.ts";
import { readBody, readHead, sendRequest } from "./support/http_exchange.ts";
import { playOver, publishOver } from "./support/transports/http_flv_transport.ts";
import { assertSamePackets, frames, hasBodyOf } from "./support/packets.ts";
import { packetsOf, StreamMaker, type Tag } from "./support/stream_maker.ts";
import { TestServer, type TestServerOptions } from "./support/test_server.ts";
import { TestSocket } from "./support/test_socket.ts";
import type { TestPlayer, TestPublisher } from "./support/transports/transport.ts";
import { TRANSPORTS } from "./support/transports/transports.ts";
import { SERVES, whereabouts } from "./support/whereabouts.ts";
import { connectTo, failOver, standStill, type WorkerName } from "./support/workers.ts";

const WORKERS: readonly WorkerName[] = ["worker 1", "worker 2"];

const [HERE, THERE] = WORKERS;

/** A publisher sends a group of pictures so often, in milliseconds … */
const GROUP_MS = 500;

/** … and so many at most until a worker that hangs must have been replaced: two minutes. */
const MOST_GROUPS = 240;

function start(options: TestServerOptions = {}): Promise<TestServer> {
  return TestServer.start({ workers: WORKERS.length, ...options, plugins: [...options.plugins ?? [], whereabouts()] });
}

/** Publishes a first group of pictures through a worker, and waits until the server has it. */
async function onAir(server: TestServer, worker: WorkerName, maker = new StreamMaker(), path = "live/cam") {
  const publisher = await publishOver(await connectTo(server, worker), server, path);
  const first = [...maker.head(), ...maker.gop()];
  publisher.write(first);
  await server.received(path, first.at(-1)!);
  return { publisher, maker, first };
}

async function playFrom(server: TestServer, worker: WorkerName, path = "live/cam"): Promise<TestPlayer> {
  return await playOver(await connectTo(server, worker), path);
}

/** Asks over a connection to this worker. */
async function ask(server: TestServer, worker: WorkerName, target: string, method = "GET") {
  await using socket = await connectTo(server, worker);
  sendRequest(socket, method, target);
  const head = await readHead(socket);
  assert(head, `${method} ${target} was not answered`);
  const hasBody = method !== "HEAD" && head.status !== 204;
  return { status: head.status, text: hasBody ? await readBody(socket, head) : "" };
}

async function askJson(server: TestServer, worker: WorkerName, target: string) {
  return JSON.parse((await ask(server, worker, target)).text);
}

async function has(player: TestPlayer, tag: Tag): Promise<void> {
  await player.until(hasBodyOf(tag));
}

Deno.test("a stream that is published to one worker plays from all, over every protocol, byte for byte", async () => {
  await using server = await start();
  const { publisher, maker, first } = await onAir(server, HERE);
  const players = await Promise.all([
    ...WORKERS.map((worker) => playFrom(server, worker)),
    ...TRANSPORTS.flatMap((transport) => [1, 2, 3].map(() => transport.play(server, "live/cam"))),
  ]);
  const second = maker.gops(2);
  publisher.write(second);
  await publisher.end();
  const expected = frames(packetsOf([...first, ...second]));
  for (const player of players) {
    await has(player, second.at(-1)!);
    assertSamePackets(frames(player.packets), expected);
    await player.over();
    await player[Symbol.asyncDispose]();
  }
  await eventually(() => server.server.sessions.size === 0, "a session is left");
  assertEquals(server.told.filter(({ name }) => name === "play:start").length, players.length);
  assertEquals(server.told.filter(({ name }) => name === "play:end").length, players.length);
});

Deno.test("players of one worker read one copy, and it goes when they have gone", async () => {
  await using server = await start();
  const { publisher } = await onAir(server, HERE);
  const stream = server.server.streams.get("live/cam");
  assertEquals(stream?.isWatched, false);
  const players = await Promise.all([1, 2, 3].map(() => playFrom(server, THERE)));
  assertEquals([stream?.viewers, stream?.isWatched], [3, true]);
  for (const player of players) await player[Symbol.asyncDispose]();
  await eventually(() => stream?.viewers === 0, "a player is still counted");
  await eventually(() => stream?.isWatched === false, "the copy is kept");
  await publisher.end();
});

Deno.test("API and metrics answer for all workers whichever is asked, and close sessions of each", async () => {
  await using server = await start({ late: [api(), metrics({ open: true })] });
  const { publisher } = await onAir(server, HERE);
  await using player = await playFrom(server, THERE);
  await eventually(
    () => [...server.server.sessions].every(({ bytesIn, bytesOut }) => bytesIn + bytesOut > 0),
    "what goes through the workers is not counted",
  );
  const metricsOf = async (worker: WorkerName) => (await ask(server, worker, "/metrics")).text;
  const tellsLag = async () => /sluice_worker_loop_lag_max_seconds\{worker="1"\} \d/.test(await metricsOf(HERE));
  await eventually(tellsLag, "the workers do not tell how late they are");
  for (const worker of WORKERS) {
    const [stream] = (await askJson(server, worker, "/api/v1/streams")).items;
    assertEquals([stream.id, stream.viewers.total ?? stream.viewers], ["live/cam", 1]);
    assertEquals((await askJson(server, worker, "/api/v1/sessions")).total, 2);
    assertStringIncludes(await metricsOf(worker), 'sluice_sessions{protocol="http-flv"} 2');
  }
  const { items } = await askJson(server, HERE, "/api/v1/sessions?role=play");
  assertEquals((await ask(server, HERE, `/api/v1/sessions/${items[0].id}`, "DELETE")).status, 204);
  assertEquals((await player.over()).status, "end");
  assertEquals((await ask(server, THERE, "/api/v1/streams/live/cam", "DELETE")).status, 204);
  assertEquals((await publisher.over()).status, "403");
});

Deno.test("addresses that are written otherwise than most lead to the same", async () => {
  await using server = await start({ late: [api()] });
  await onAir(server, HERE);
  const targets = [["/live/cam.flv?audio=0", 200], ["http://localhost/live/cam.flv", 200], [
    "/live/c%61m.flv",
    400,
  ]] as const;
  for (const [target, status] of targets) {
    await using socket = await connectTo(server, THERE);
    sendRequest(socket, "GET", target);
    assertEquals((await readHead(socket))?.status, status, target);
  }
  for (const target of ["/api/v1/stre%61ms", "http://localhost/api/v1/streams"]) {
    assertEquals((await askJson(server, THERE, target)).total, 1);
  }
  assertEquals((await ask(server, THERE, "/live/cam.flv", "HEAD")).status, 200);
  assertEquals((await ask(server, THERE, "/live/other.flv", "HEAD")).status, 404);
});

Deno.test("events reach who listens through a worker, as they happen", async () => {
  await using server = await start({ late: [api()] });
  await using listener = await connectTo(server, THERE);
  sendRequest(listener, "GET", "/api/v1/events?names=stream:*");
  assertEquals((await readHead(listener))?.status, 200);
  assertMatch(await listener.readThrough("\n\n") ?? "", /retry/);
  await onAir(server, HERE);
  assertMatch(await listener.readThrough("live/cam") ?? "", /stream:start/);
});

Deno.test("a publisher takes over from one in another worker by the usual rules, and players stay", async () => {
  await using server = await start({ config: { republish: "takeover" } });
  const { publisher } = await onAir(server, HERE);
  const players = await Promise.all(WORKERS.map((worker) => playFrom(server, worker)));
  const { publisher: next, first } = await onAir(server, THERE, new StreamMaker({ seed: 1 }));
  assertEquals((await publisher.over()).status, "409");
  await next.end();
  for (const player of players) {
    await has(player, first.at(-1)!);
    assertEquals((await player.over()).status, "end");
  }
});

Deno.test("a publisher that drops and returns by way of another worker is not too early, though the first has other things to do", async () => {
  await using server = await start();
  const { publisher } = await onAir(server, HERE);
  const player = await playFrom(server, THERE);
  const next = await connectTo(server, THERE);
  await standStill(server, HERE, "pause");
  await publisher.vanish();
  const again = await publishOver(next, server, "live/cam");
  const maker = new StreamMaker({ seed: 1 });
  const first = [...maker.head(), ...maker.gop()];
  again.write(first);
  await has(player, first.at(-1)!);
  assertEquals(server.told.filter(({ name }) => name === "stream:interrupt").length, 1);
  await again.end();
  assertEquals((await player.over()).status, "end");
});

Deno.test("HLS is the same for viewers of all workers", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    await using server = await start({ late: [hls()], config: { dataDir, hls: { segmentSeconds: 1 } } });
    const { publisher, maker } = await onAir(server, HERE);
    publisher.write(maker.gops(12));
    const playlist = (worker: WorkerName) => ask(server, worker, "/hls/live/cam/media.m3u8");
    const both = () => Promise.all(WORKERS.map(playlist));
    let [here, there] = await both();
    await eventually(async () => {
      [here, there] = await both();
      return here.text.includes("#EXTINF") && here.text === there.text;
    }, () => `they do not come to be the same:\n${here.text}\n${there.text}`);
    const segment = here.text.split("\n").find((line) => line.endsWith(".ts") || line.endsWith(".m4s"));
    const [one, other] = await Promise.all(WORKERS.map((worker) => ask(server, worker, `/hls/live/cam/${segment}`)));
    assertEquals([one.status, other.status], [200, 200]);
    assertEquals(one.text, other.text);
    await publisher.end();
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});

/** A publisher and players by way of one worker, of which each is to get all that is published, byte for byte. */
class Broadcast {
  readonly #maker: StreamMaker;
  readonly #sent: Tag[];

  private constructor(
    maker: StreamMaker,
    first: Tag[],
    readonly publisher: TestPublisher,
    readonly players: TestPlayer[],
  ) {
    this.#maker = maker;
    this.#sent = first;
  }

  static async on(server: TestServer, worker: WorkerName, path: string): Promise<Broadcast> {
    const { publisher, maker, first } = await onAir(server, worker, new StreamMaker(), path);
    const players = await Promise.all([1, 2, 3].map(() => playFrom(server, worker, path)));
    return new Broadcast(maker, first, publisher, players);
  }

  /** Publishes one more group of pictures; settles when everybody has it. */
  async goOn(): Promise<void> {
    const tags = this.#maker.gop();
    this.#sent.push(...tags);
    this.publisher.write(tags);
    for (const player of this.players) await has(player, tags.at(-1)!);
  }

  async end(): Promise<void> {
    await this.publisher.end();
    for (const player of this.players) {
      assertEquals((await player.over()).status, "end");
      assertSamePackets(frames(player.packets), frames(packetsOf(this.#sent)));
    }
  }
}

/** How often a server has logged such a line. */
function logged(server: TestServer, line: RegExp): number {
  return server.logged.filter(({ message }) => line.test(message.join(""))).length;
}

/** Waits until the first worker serves again after it has failed so often. */
async function servesAgain(server: TestServer, times = 1): Promise<void> {
  await eventually(() => logged(server, /Worker 1 failed and is replaced/) === times, "the failure is not noticed");
  // It has failed soon after its start, as the server's clock has it.
  server.clock.advance(500 * 2 ** (times - 1));
  await eventually(() => logged(server, /Worker 1 serves again/) === times, "it is gone");
}

Deno.test("a worker that fails is replaced: its publisher comes back, and players of others see no more than a pause", async () => {
  await using server = await start();
  const { publisher } = await onAir(server, HERE);
  const [lost, kept] = await Promise.all(WORKERS.map((worker) => playFrom(server, worker)));
  await failOver(await connectTo(server, HERE));
  assertEquals((await publisher.over()).status, "reset");
  await lost.over();
  await server.event("stream:interrupt");
  await servesAgain(server);
  const { publisher: again, first } = await onAir(server, HERE, new StreamMaker({ seed: 1 }));
  await has(kept, first.at(-1)!);
  await using late = await playFrom(server, HERE);
  await has(late, first.at(-1)!);
  await again.end();
  assertEquals((await kept.over()).status, "end");
  assertEquals(server.told.filter(({ name }) => name === "stream:end").length, 1);
});

Deno.test("a worker may fail again and again: whom another serves gets every byte", async () => {
  await using server = await start();
  const broadcast = await Broadcast.on(server, THERE, "live/cam");
  for (let times = 1; times <= 3; times++) {
    await using player = await playFrom(server, HERE);
    await failOver(await connectTo(server, HERE));
    await broadcast.goOn();
    await player.over();
    await servesAgain(server, times);
    await broadcast.goOn();
  }
  await broadcast.end();
  await eventually(() => server.server.sessions.size === 0, "a session is left");
});

Deno.test("a worker that hangs is replaced when it has said nothing for half a minute: whom another serves gets every byte", async () => {
  await using server = await start();
  const broadcast = await Broadcast.on(server, THERE, "live/there");
  const { publisher } = await onAir(server, HERE, new StreamMaker(), "live/here");
  const [lost, kept] = await Promise.all(WORKERS.map((worker) => playFrom(server, worker, "live/here")));
  await standStill(server, HERE, "hang");
  for (let pictures = 0; logged(server, /Worker 1 failed.*nothing was heard of it for 30 s/) === 0; pictures++) {
    assert(pictures < MOST_GROUPS, "a worker that hangs is left as it is");
    await broadcast.goOn();
    await new Promise((resolve) => setTimeout(resolve, GROUP_MS));
  }
  await publisher.over();
  await lost.over();
  await eventually(() => logged(server, /The worker that hung has ended/) === 1, "it still hangs");
  await servesAgain(server);
  const { publisher: again, first } = await onAir(server, HERE, new StreamMaker({ seed: 1 }), "live/here");
  await has(kept, first.at(-1)!);
  await again.end();
  assertEquals((await kept.over()).status, "end");
  await broadcast.end();
});

Deno.test("limits of connections hold for all workers together", async () => {
  await using server = await start({ config: { limits: { connections: 3 } } });
  const sockets = [await connectTo(server, HERE), await connectTo(server, THERE), await connectTo(server, THERE)];
  const refused = await TestSocket.open(server.port);
  sendRequest(refused, "GET", "/whereabouts");
  assertEquals((await readHead(refused))?.status, 503);
  for (const socket of [...sockets, refused]) await socket.cut();
});

Deno.test("limits of connections from one address hold for all workers together", async () => {
  await using server = await start({ config: { limits: { connectionsPerAddress: 2 } } });
  const sockets = [await connectTo(server, HERE), await connectTo(server, THERE)];
  const refused = await TestSocket.open(server.port);
  sendRequest(refused, "GET", "/whereabouts");
  assertEquals((await readHead(refused))?.status, 429);
  for (const socket of [...sockets, refused]) await socket.cut();
});

Deno.test("new settings count in all workers", async () => {
  await using server = await start();
  await using here = await connectTo(server, HERE);
  await using there = await connectTo(server, THERE);
  await server.server.reload({ http: { host: "127.0.0.1", port: 0 }, limits: { connections: 2 } });
  for (const socket of [here, there]) {
    sendRequest(socket, "GET", "/whereabouts");
    assertEquals((await readHead(socket))?.status, 200);
  }
  for (let tries = 0; tries < 8; tries++) {
    await using refused = await TestSocket.open(server.port);
    sendRequest(refused, "GET", "/whereabouts");
    assertEquals((await readHead(refused))?.status, 503);
  }
});

Deno.test("all workers serve TLS, one says so, and a certificate that is not good is taken by none", async () => {
  await using files = await CertificateFolder.make();
  const tls = { host: "127.0.0.1", port: 0, cert: files.cert, key: files.key };
  await using server = await start({ config: { tls } });
  const address = `rtmps://localhost:${server.server.address("https").port}/live/cam`;
  const trusting = { tls: { ca: FIRST_CERTIFICATE.cert } };
  await using publisher = await RtmpPublishClient.connect(address, trusting);
  for (const tag of new StreamMaker().head()) await publisher.write(tag);
  for (let player = 0; player < 6; player++) {
    await using _player = await RtmpPlayClient.connect(address, trusting);
  }
  const said = server.logged.filter(({ category, level }) => category.includes("tls") && level === "info");
  assertEquals(said.length, 1);
  const other = { ...server.server.config.tls, cert: files.key };
  const limits = { ...server.server.config.limits, connections: 1 };
  await assertRejects(
    () => server.server.reload({ ...server.server.config, tls: other, limits }),
    Error,
    "certificate",
  );
  assertEquals(server.server.config.limits.connections, 0);
  await using _player = await RtmpPlayClient.connect(address, trusting);
});

Deno.test("a server that stops tells all workers' players and publishers, after the last byte", async () => {
  await using server = await start();
  const { publisher, first } = await onAir(server, HERE);
  const players = await Promise.all([
    ...WORKERS.map((worker) => playFrom(server, worker)),
    ...TRANSPORTS.map((transport) => transport.play(server, "live/cam")),
  ]);
  for (const player of players) await has(player, first.at(-1)!);
  await server.server.close();
  assertEquals((await publisher.over()).status, "503");
  for (const player of players) assert((await player.over()).status !== "reset");
  const isolates = 1 + WORKERS.length;
  assertEquals([SERVES.from, SERVES.until].map((line) => logged(server, new RegExp(line))), [isolates, isolates]);
});

Deno.test("a port on which another server's workers listen is not shared with them", async () => {
  await using server = await start();
  const port = { host: "127.0.0.1", port: server.port };
  await assertRejects(() => start({ config: { http: port } }), Error, "another program uses it");
});

Deno.test("an address that is none of the machine's is known to be what is wrong", async () => {
  const address = { host: "192.0.2.77", port: 0 };
  const error = await assertRejects(() => start({ config: { http: address } }), PortError, "no such address");
  assert(error.isOfHost, "another port is asked for");
});
