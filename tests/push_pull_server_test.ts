import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { inFolder } from "../kernel/testing/in_folder.ts";
import { FileTakenError, pullFile, startPull } from "../clients/pull_file.ts";
import { pushFile, startPush } from "../clients/push_file.ts";
import type { TransferEvent } from "../clients/transfer.ts";
import { ClientError } from "../kernel/sessions/client.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import { readMetadata } from "../media/flv/metadata.ts";
import { FlvDemuxer } from "../media/flv/demuxer.ts";
import type { MediaPacket } from "../media/packet.ts";
import { eventually } from "./support/eventually.ts";
import { flvFile } from "./support/transports/flv_bytes.ts";
import { rtmpTransport } from "./support/transports/rtmp_transport.ts";
import { assertDecodable, assertMonotonic, assertSamePackets, frames } from "./support/packets.ts";
import { patiently } from "./support/patience.ts";
import { packetsOf, StreamMaker, type Tag } from "./support/stream_maker.ts";
import { deciding, keepingPackets, TestServer, type TestServerOptions } from "./support/test_server.ts";

/** Addresses of a stream in all three protocols, to push to and to pull from. */
const WAYS: Readonly<Record<string, { push(port: number): string; pull(port: number): string }>> = {
  rtmp: { push: (port) => `rtmp://127.0.0.1:${port}/live/cam`, pull: (port) => `rtmp://127.0.0.1:${port}/live/cam` },
  "http-flv": {
    push: (port) => `http://127.0.0.1:${port}/live/cam`,
    pull: (port) => `http://127.0.0.1:${port}/live/cam.flv`,
  },
  "ws-flv": {
    push: (port) => `ws://127.0.0.1:${port}/live/cam`,
    pull: (port) => `ws://127.0.0.1:${port}/live/cam.flv`,
  },
};

const LONG = { publishTimeoutSeconds: 3600, rtmp: { host: "127.0.0.1", port: 0, idleSeconds: 3600 } };

/** A clock whose pauses are over at once, so that attempts follow each other without waiting. */
const hasty: Clock = {
  ...systemClock,
  setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms > 4000 ? ms : 0),
};

function serve(options: TestServerOptions = {}): Promise<TestServer> {
  return TestServer.start({ ...options, config: { ...LONG, ...options.config } });
}

async function writeFlv(folder: string, tags: readonly Tag[], name = "film.flv"): Promise<string> {
  const path = join(folder, name);
  await Deno.writeFile(path, flvFile(tags));
  return path;
}

async function readFlv(path: string): Promise<MediaPacket[]> {
  return new FlvDemuxer().read(await Deno.readFile(path));
}

function film(count = 3, maker = new StreamMaker()): Tag[] {
  return [...maker.head(), ...maker.gops(count)];
}

/** Waits until a pull has so many frames. */
async function pulled(pull: { readonly figures: { readonly packets: number } }, count: number): Promise<void> {
  await eventually(() => pull.figures.packets >= count, `only ${pull.figures.packets} of ${count} packets came`);
}

for (const [name, way] of Object.entries(WAYS)) {
  Deno.test(`${name}: a file that is pushed and pulled is the same file, packet by packet`, async () => {
    await inFolder(async (folder) => {
      const kept = new Map<string, MediaPacket[]>();
      await using server = await serve({ plugins: [keepingPackets(kept)] });
      const tags = film();
      const path = await writeFlv(folder, tags);
      // Loops of the file: the pull joins one of them, and sees the next ones whole.
      const stop = new AbortController();
      const push = startPush(path, way.push(server.port), { speed: 20, loop: true, signal: stop.signal });
      await server.event("stream:start");
      const out = join(folder, "copy.flv");
      const { file } = await pullFile(way.pull(server.port), out, { seconds: 4 });
      stop.abort();
      await push.done;
      assert(file);
      const copy = await readFlv(out);
      const all = frames(kept.get("live/cam")!);
      const got = frames(copy);
      const at = all.findIndex((packet) => packet.body === got[0].body || sameBytes(packet.body, got[0].body));
      assertSamePackets(got, all.slice(at, at + got.length), { times: false });
      assertEquals(
        got.map(({ dts }) => dts - got[0].dts),
        all.slice(at, at + got.length).map(({ dts }) => dts - all[at].dts),
      );
      assertMonotonic(copy);
      assertDecodable(copy);
      const onMetaData = readMetadata(copy[0]);
      assertEquals([onMetaData.filesize, onMetaData.encoder], [file.bytes, "stream maker"]);
      assertEquals((await Deno.stat(out)).size, file.bytes);
    });
  });

  Deno.test(`${name}: what is pushed arrives to the byte, and the stream ends with the file`, async () => {
    await inFolder(async (folder) => {
      const kept = new Map<string, MediaPacket[]>();
      await using server = await serve({ plugins: [keepingPackets(kept)] });
      const tags = film();
      const figures = await pushFile(await writeFlv(folder, tags), way.push(server.port), { speed: 0 });
      await server.event("stream:end");
      assertSamePackets(frames(kept.get("live/cam")!), frames(packetsOf(tags)));
      assertEquals([figures.rounds, figures.connects], [1, 1]);
    });
  });

  Deno.test(`${name}: a refusal to publish ends the push at once in the server's words, and shows no key`, async () => {
    await inFolder(async (folder) => {
      const plugin = deciding((ctx) => ctx.decide("publish", () => ({ deny: "The key sesame-sesame is too old" })));
      await using server = await serve({ plugins: [plugin] });
      const path = await writeFlv(folder, film());
      const events: TransferEvent[] = [];
      const url = `${way.push(server.port)}?key=sesame-sesame`;
      const error = await assertRejects(
        () => pushFile(path, url, { onEvent: (event) => events.push(event), clock: hasty }),
        ClientError,
      );
      assertMatch(error.message, /The key \*\*\* is too old/);
      assert(!events.some(({ type }) => type === "waiting"), "it tried again");
      assert(!JSON.stringify(events).includes("sesame"));
    });
  });

  Deno.test(`${name}: a refusal to play ends the pull at once in the server's words, and leaves no file`, async () => {
    await inFolder(async (folder) => {
      const plugin = deciding((ctx) => ctx.decide("play", () => ({ deny: "Members only" })));
      await using server = await serve({ plugins: [plugin] });
      const pull = () => pullFile(`${way.pull(server.port)}?key=sesame-sesame`, join(folder, "x.flv"));
      const error = await assertRejects(pull, ClientError, "Members only");
      assert(!error.message.includes("sesame"));
      assertEquals(Array.from(Deno.readDirSync(folder)), []);
    });
  });

  Deno.test(`${name}: a server that starts anew on its port gets the rest of the file, beginning with a key`, async () => {
    await inFolder(async (folder) => {
      const kept = new Map<string, MediaPacket[]>();
      const first = await serve();
      const { port } = first;
      const path = await writeFlv(folder, film(40));
      const events: TransferEvent[] = [];
      const stop = new AbortController();
      const push = startPush(path, `${way.push(port)}?key=sesame`, {
        speed: 10,
        clock: hurried(),
        signal: stop.signal,
        onEvent: (event) => events.push(event),
      });
      await first.event("stream:start");
      await eventually(() => events.some(({ type }) => type === "live"), "the push does not hear that it is let in");
      await first[Symbol.asyncDispose]();
      await eventually(() => events.some(({ type }) => type === "waiting"), "the loss was not noticed");
      await using second = await serve({
        plugins: [keepingPackets(kept)],
        config: { http: { host: "127.0.0.1", port } },
      });
      await second.event("stream:start");
      await eventually(() => frames(kept.get("live/cam") ?? []).length > 30, "nothing more came");
      stop.abort();
      await push.done;
      assertDecodable(kept.get("live/cam")!);
      assert(push.figures.connects >= 2);
      assert(!JSON.stringify(events).includes("sesame"));
      assertMatch(JSON.stringify(events.find(({ type }) => type === "waiting")), /127\.0\.0\.1/);
    });
  });

  Deno.test(`${name}: a pull goes on in the same file when the server has started anew`, async () => {
    await inFolder(async (folder) => {
      const first = await serve();
      const { port } = first;
      const path = await writeFlv(folder, film(40));
      const feed = (stop: AbortController) =>
        startPush(path, way.push(port), { speed: 10, loop: true, clock: hurried(), signal: stop.signal });
      const stop = new AbortController();
      const push = feed(stop);
      await first.event("stream:start");
      const out = join(folder, "copy.flv");
      const enough = new AbortController();
      const pull = startPull(way.pull(port), out, { clock: hurried(), signal: enough.signal });
      await pulled(pull, 40);
      await first[Symbol.asyncDispose]();
      await using second = await serve({ config: { http: { host: "127.0.0.1", port } } });
      await second.event("stream:start");
      const before = pull.figures.packets;
      await pulled(pull, before + 40);
      enough.abort();
      const { file, connects } = await pull.done;
      stop.abort();
      await push.done;
      assert(file && connects >= 2);
      const copy = await readFlv(out);
      assertMonotonic(copy);
      assertDecodable(copy);
      const times = frames(copy).map(({ dts }) => dts);
      for (const [i, dts] of times.entries()) {
        assert(i === 0 || Math.abs(dts - times[i - 1]) < 200_000, `a gap from ${times[i - 1]} to ${dts}`);
      }
    });
  });
}

Deno.test("a connection that breaks while the stream goes on costs the file nothing: no frame twice, none missing", async () => {
  await inFolder(async (folder) => {
    const kept = new Map<string, MediaPacket[]>();
    await using server = await serve({ plugins: [keepingPackets(kept)] });
    const maker = new StreamMaker({ gopPictures: 50 });
    const gop = maker.gop();
    await using publisher = await rtmpTransport.publish(server, "live/cam");
    publisher.write([...maker.head(), ...gop.slice(0, 40)]);
    const out = join(folder, "copy.flv");
    const enough = new AbortController();
    const pull = startPull(WAYS["ws-flv"].pull(server.port), out, { clock: hasty, signal: enough.signal });
    await pulled(pull, 20);
    for (const session of server.server.sessions) {
      if (session.protocol === "ws-flv") session.close("error", "a broken wire");
    }
    await eventually(() => pull.figures.connects === 2, "it did not come back");
    publisher.write([...gop.slice(40), ...maker.gop()]);
    await pulled(pull, 2 * gop.length);
    enough.abort();
    await pull.done;
    const got = frames(await readFlv(out));
    const all = frames(kept.get("live/cam")!);
    const at = all.findIndex((packet) => sameBytes(packet.body, got[0].body));
    assertSamePackets(got, all.slice(at, at + got.length), { times: false });
  });
});

Deno.test("nothing is ever overwritten", async () => {
  await inFolder(async (folder) => {
    await using server = await serve();
    for (const name of ["x.flv", "x.mp4"]) {
      const path = join(folder, name);
      await Deno.writeTextFile(path, "precious");
      await assertRejects(
        () => pullFile(WAYS.rtmp.pull(server.port), path),
        FileTakenError,
        "nothing is ever overwritten",
      );
      assertEquals(await Deno.readTextFile(path), "precious");
    }
  });
});

Deno.test("without reconnecting, a server that is not there ends both at once", async () => {
  await inFolder(async (folder) => {
    const path = await writeFlv(folder, film());
    const push = () => pushFile(path, "rtmp://127.0.0.1:1/live/cam?key=sesame", { reconnect: false });
    const pull = () => pullFile("rtmp://127.0.0.1:1/live/cam", join(folder, "x.flv"), { reconnect: false });
    for (const attempt of [push, pull]) {
      const { message } = await assertRejects(attempt as () => Promise<unknown>, ClientError);
      assertMatch(message, /^Cannot connect to 127\.0\.0\.1:1: /);
    }
  });
});

Deno.test("a pull ends when its stream has ended and is no more", async () => {
  await inFolder(async (folder) => {
    await using server = await serve({ config: { waitSeconds: 0 } });
    const path = await writeFlv(folder, film(6));
    const stop = new AbortController();
    const push = startPush(path, WAYS.rtmp.push(server.port), { speed: 4, loop: true, signal: stop.signal });
    await server.event("stream:start");
    const pull = startPull(WAYS.rtmp.pull(server.port), join(folder, "x.mp4"), { clock: hasty });
    await pulled(pull, 20);
    stop.abort();
    const { file, packets } = await patiently(pull.done, () => "the pull goes on");
    await push.done;
    assert(file && packets > 0);
  });
});

Deno.test("a file that loops is one stream whose time goes on", async () => {
  await inFolder(async (folder) => {
    const kept = new Map<string, MediaPacket[]>();
    await using server = await serve({ plugins: [keepingPackets(kept)] });
    const stop = new AbortController();
    const tags = film(2);
    const push = startPush(await writeFlv(folder, tags), WAYS.rtmp.push(server.port), {
      speed: 40,
      loop: true,
      signal: stop.signal,
    });
    await eventually(() => push.figures.rounds > 3, "it does not loop");
    stop.abort();
    await push.done;
    await server.event("stream:end");
    const packets = kept.get("live/cam")!;
    assertMonotonic(packets);
    const pictures = frames(packets).filter(({ kind }) => kind === "video").map(({ dts }) => dts);
    // The sound of a round is a little longer than its 800 ms of pictures, so the next round begins a little later.
    const steps = pictures.slice(1).map((dts, i) => dts - pictures[i]);
    const joints = steps.filter((_, i) => i % 20 === 19);
    assertEquals(new Set(steps.filter((_, i) => i % 20 !== 19)), new Set([40_000]));
    for (const step of joints) assert(step >= 40_000 && step <= 62_000, `${step} µs from round to round`);
    const once = frames(packetsOf(tags)).length;
    assertSamePackets(frames(packets).slice(once, 2 * once), frames(packetsOf(tags)), { times: false });
  });
});

/** The machine's clock with pauses between attempts that are a twentieth as long; media keeps its own pace. */
function hurried(): Clock {
  return {
    ...systemClock,
    setTimeout: (callback, ms) => systemClock.setTimeout(callback, ms >= 200 && ms < 2900 ? ms / 20 : ms),
  };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
