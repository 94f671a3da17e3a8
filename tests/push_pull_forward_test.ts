import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { inFolder } from "../kernel/testing/in_folder.ts";
import { startForward } from "../clients/forward_stream.ts";
import { startGateway } from "../clients/gateway.ts";
import { startPush } from "../clients/push_file.ts";
import type { TransferEvent } from "../clients/transfer.ts";
import { systemClock } from "../kernel/clock.ts";
import type { Clock } from "../kernel/clock.ts";
import type { MediaPacket } from "../media/packet.ts";
import { rtmpClient } from "../protocols/rtmp/client.ts";
import { httpFlvClient } from "../protocols/http_flv/client.ts";
import { eventually } from "./support/eventually.ts";
import { flvFile } from "./support/transports/flv_bytes.ts";
import { assertDecodable, assertMonotonic, assertSamePackets, frames, from } from "./support/packets.ts";
import { listenersOn } from "./support/listeners_on.ts";
import { patiently } from "./support/patience.ts";
import { SilentServer } from "./support/silent_server.ts";
import { StreamMaker } from "./support/stream_maker.ts";
import { deciding, keepingPackets, TestServer, type TestServerOptions } from "./support/test_server.ts";

const LONG = { publishTimeoutSeconds: 3600, rtmp: { host: "127.0.0.1", port: 0, idleSeconds: 3600 } };

/** Pauses between attempts are a twentieth as long; farewells and media keep their time. */
const hurried: Clock = {
  ...systemClock,
  setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms >= 200 && ms < 2900 ? ms / 20 : ms),
};

/** A server that keeps what it gets. */
async function keeper(options: TestServerOptions = {}) {
  const kept = new Map<string, MediaPacket[]>();
  const plugins = [...options.plugins ?? [], keepingPackets(kept)];
  return { kept, server: await TestServer.start({ plugins, config: { ...LONG, ...options.config } }) };
}

/** Publishes a film round after round, ten times as fast as it is. */
async function onAir(server: TestServer, folder: string) {
  const maker = new StreamMaker();
  const path = join(folder, "film.flv");
  await Deno.writeFile(path, flvFile([...maker.head(), ...maker.gops(30)]));
  const stop = new AbortController();
  const push = startPush(path, `rtmp://127.0.0.1:${server.port}/live/cam`, {
    speed: 10,
    loop: true,
    clock: hurried,
    signal: stop.signal,
  });
  await server.event("stream:start");
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await push.done;
    },
  };
}

async function arrived(kept: Map<string, MediaPacket[]>, stream: string, count: number): Promise<void> {
  await eventually(() => frames(kept.get(stream) ?? []).length >= count, `not ${count} frames came to ${stream}`);
}

for (const way of ["rtmp", "http", "ws"]) {
  Deno.test(`forward from ${way}: three kinds of targets have the same packets, from a key on; a bad one harms none`, async () => {
    await inFolder(async (folder) => {
      const source = await keeper();
      await using _source = source.server;
      const deny = deciding((ctx) =>
        ctx.decide("publish", ({ stream }) => stream === "no/cam" ? { deny: "Not sesame-sesame" } : undefined)
      );
      const far = await keeper({ plugins: [deny] });
      await using target = far.server;
      await using _publisher = await onAir(source.server, folder);
      const { port } = target;
      const stop = new AbortController();
      const events: TransferEvent[] = [];
      const from_ = `${way}://127.0.0.1:${source.server.port}/live/cam${way === "rtmp" ? "" : ".flv"}`;
      const forward = startForward(from_, [
        `rtmp://127.0.0.1:${port}/a/cam?key=sesame-sesame`,
        `http://127.0.0.1:${port}/b/cam?key=sesame-sesame`,
        `ws://127.0.0.1:${port}/c/cam?key=sesame-sesame`,
        `rtmp://127.0.0.1:${port}/no/cam?key=sesame-sesame`,
        "rtmp://127.0.0.1:1/live/cam?key=sesame-sesame",
      ], { signal: stop.signal, clock: hurried, onEvent: (event) => events.push(event) });
      for (const app of ["a", "b", "c"]) await arrived(far.kept, `${app}/cam`, 60);
      const states = () => forward.targets.map(({ state }) => state);
      await eventually(() => states()[3] === "refused", () => `the fourth is not refused, but ${states()}`);
      assertEquals(states().slice(0, 3), ["live", "live", "live"]);
      assertMatch(forward.targets[3].problem ?? "", /Not \*\*\*/);
      assert(["waiting", "connecting"].includes(states()[4]), states()[4]);
      const shown = JSON.stringify([events, forward.targets]);
      assert(!shown.includes("sesame"), shown);
      stop.abort();
      await patiently(forward.done, () => "the forward did not end");
      for (const app of ["a", "b", "c"]) {
        await target.event("stream:end", ({ stream }) => stream.path === `${app}/cam`);
        const got = frames(far.kept.get(`${app}/cam`)!);
        assertEquals(got.find(({ kind }) => kind === "video")?.role, "key");
        const all = from(source.kept.get("live/cam")!, got[0]);
        assertSamePackets(got, frames(all).slice(0, got.length), { times: false });
      }
    });
  });
}

Deno.test("forward: a source that starts anew goes on at the targets as the same stream", async () => {
  await inFolder(async (folder) => {
    const first = await keeper();
    const { port } = first.server;
    const far = await keeper();
    await using target = far.server;
    await using _publisher = await onAir(first.server, folder);
    const stop = new AbortController();
    const forward = startForward(`ws://127.0.0.1:${port}/live/cam.flv`, [`rtmp://127.0.0.1:${target.port}/a/cam`], {
      signal: stop.signal,
      clock: hurried,
    });
    await arrived(far.kept, "a/cam", 30);
    await first.server[Symbol.asyncDispose]();
    const second = await keeper({ config: { http: { host: "127.0.0.1", port } } });
    await using _second = second.server;
    await second.server.event("stream:start");
    await arrived(second.kept, "live/cam", 20);
    await eventually(() => forward.figures.connects >= 2, "the source was not asked again");
    await arrived(far.kept, "a/cam", frames(far.kept.get("a/cam")!).length + 30);
    assertEquals(target.told.filter(({ name }) => name === "stream:start").length, 1);
    assertEquals(target.told.filter(({ name }) => name === "stream:interrupt").length, 0);
    assertMonotonic(far.kept.get("a/cam")!);
    assertDecodable(far.kept.get("a/cam")!);
    stop.abort();
    await forward.done;
  });
});

Deno.test("forward: a target that reads nothing holds up no other", async () => {
  await inFolder(async (folder) => {
    const source = await keeper();
    await using _source = source.server;
    const far = await keeper();
    await using target = far.server;
    await using deaf = await SilentServer.listen({ isDeaf: true });
    await using _publisher = await onAir(source.server, folder);
    const stop = new AbortController();
    const forward = startForward(`rtmp://127.0.0.1:${source.server.port}/live/cam`, [
      `http://127.0.0.1:${deaf.port}/live/cam`,
      `rtmp://127.0.0.1:${target.port}/a/cam`,
    ], { signal: stop.signal, clock: hurried });
    await arrived(far.kept, "a/cam", 200);
    stop.abort();
    await patiently(forward.done, () => "the deaf target held up the end");
  });
});

for (const way of ["rtmp", "http", "ws"]) {
  Deno.test(`gateway by ${way}: streams come through two levels to players of each protocol, to the byte`, async () => {
    await inFolder(async (folder) => {
      const source = await keeper();
      await using origin = source.server;
      await using _publisher = await onAir(origin, folder);
      const log = () => {};
      await using top = await startGateway({
        port: 0,
        host: "127.0.0.1",
        upstreams: [`${way}://127.0.0.1:${origin.port}`],
        log,
      });
      const { port } = top.address("http");
      await using bottom = await startGateway({
        port: 0,
        host: "127.0.0.1",
        upstreams: [`${way}://127.0.0.1:${port}`],
        log,
      });
      const edge = bottom.address("http").port;
      for (const client of [rtmpClient, httpFlvClient]) {
        const isRtmp = client === rtmpClient;
        const url = isRtmp ? `rtmp://127.0.0.1:${edge}/live/cam` : `http://127.0.0.1:${edge}/live/cam.flv`;
        const got: MediaPacket[] = [];
        for await (const packet of await client.pull(url)) {
          got.push(packet);
          if (frames(got).length >= 40) break;
        }
        assertDecodable(got);
        const all = frames(from(source.kept.get("live/cam")!, frames(got)[0]));
        assertSamePackets(frames(got), all.slice(0, frames(got).length), { times: false });
      }
      assertEquals(origin.server.streams.get("live/cam")?.viewers, 1);
    });
  });
}

Deno.test("gateway with workers: they share its port, and players of all have the stream, fetched once", async () => {
  await inFolder(async (folder) => {
    const source = await keeper();
    await using origin = source.server;
    await using _publisher = await onAir(origin, folder);
    await using gateway = await startGateway({
      port: 0,
      host: "127.0.0.1",
      workers: 2,
      upstreams: [`http://127.0.0.1:${origin.port}`],
      log: () => {},
    });
    const { port } = gateway.address("http");
    assertEquals(await listenersOn(port), 2);
    const urls = Array.from(
      { length: 6 },
      () => [`rtmp://127.0.0.1:${port}/live/cam`, `http://127.0.0.1:${port}/live/cam.flv`],
    );
    await Promise.all(
      urls.flat().map(async (url) => {
        const got: MediaPacket[] = [];
        for await (const packet of await (url.startsWith("rtmp") ? rtmpClient : httpFlvClient).pull(url)) {
          got.push(packet);
          if (frames(got).length >= 20) break;
        }
        const all = frames(from(source.kept.get("live/cam")!, frames(got)[0]));
        assertSamePackets(frames(got), all.slice(0, frames(got).length), { times: false });
      }),
    );
    assertEquals(origin.server.streams.get("live/cam")?.viewers, 1);
  });
});

Deno.test("a gateway opens its port alone, and one of RTMP when that is wanted", async () => {
  const local = { port: 0, host: "127.0.0.1", log: () => {} };
  const upstreams = ["rtmp://127.0.0.1:1"];
  await using alone = await startGateway({ ...local, upstreams });
  assertEquals(alone.addresses.map(({ name }) => name), ["http"]);
  await using more = await startGateway({ ...local, rtmpPort: 0, upstreams });
  assertEquals(more.addresses.map(({ name, host }) => [name, host]), [["rtmp", local.host], ["http", local.host]]);
});

Deno.test("nobody can publish at a gateway, and hears why", async () => {
  const local = { port: 0, host: "127.0.0.1", log: () => {} };
  await using gateway = await startGateway({ ...local, upstreams: ["rtmp://127.0.0.1:1"] });
  const { port } = gateway.address("http");
  for (const client of [rtmpClient, httpFlvClient]) {
    const url = `${client === rtmpClient ? "rtmp" : "http"}://127.0.0.1:${port}/live/cam`;
    const trying = async () => {
      await using push = await client.push(url);
      throw new Error((await patiently(push.closed, () => "it was let in")).message);
    };
    await assertRejects(trying, Error, "this is a gateway, which takes its streams from its upstreams alone");
  }
});
