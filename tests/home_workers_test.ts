import { assert, assertEquals, assertGreater, assertGreaterOrEqual, assertMatch } from "@std/assert";
import { join } from "@std/path";
import type { Artifact } from "../kernel/plugin/hooks.ts";
import { definePlugin, type Plugin } from "../kernel/plugin/plugin.ts";
import type { SinkControl } from "../kernel/streams/sinks.ts";
import { FlvDemuxer } from "../media/flv/demuxer.ts";
import type { MediaPacket } from "../media/packet.ts";
import { api } from "../plugins/api/plugin.ts";
import { flvRecord } from "../plugins/flv_record/plugin.ts";
import { fmp4 } from "../plugins/fmp4/plugin.ts";
import { hls } from "../plugins/hls/plugin.ts";
import { eventually } from "./support/eventually.ts";
import { readBody, readHead, sendRequest } from "./support/http_exchange.ts";
import { publishOver } from "./support/transports/http_flv_transport.ts";
import { assertSamePackets, frames } from "./support/packets.ts";
import { packetsOf, StreamMaker, type Tag } from "./support/stream_maker.ts";
import { TestServer } from "./support/test_server.ts";
import type { TestPublisher } from "./support/transports/transport.ts";
import { whereabouts } from "./support/whereabouts.ts";
import { connectTo, failOver, type WorkerName } from "./support/workers.ts";

const WORKERS: readonly WorkerName[] = ["worker 1", "worker 2"];

const [ONE, TWO] = WORKERS;

/** Streams of whom each worker is the home of some. */
const NAMES = ["cam1", "cam2", "cam3", "cam4", "cam5", "cam6"];

/** A server with two workers and a data folder of its own. */
class Stage implements AsyncDisposable {
  private constructor(readonly server: TestServer, readonly dataDir: string) {}

  static async start(late: readonly Plugin[], config: Readonly<Record<string, unknown>> = {}): Promise<Stage> {
    const dataDir = await Deno.makeTempDir();
    const server = await TestServer.start({
      workers: WORKERS.length,
      plugins: [whereabouts()],
      late: [...late, api()],
      config: { dataDir, graceSeconds: 600, ...config },
    });
    return new Stage(server, dataDir);
  }

  /** Asks over a connection to this worker. */
  async ask(worker: WorkerName, target: string, method = "GET") {
    await using socket = await connectTo(this.server, worker);
    sendRequest(socket, method, target);
    const head = await readHead(socket);
    assert(head, `${method} ${target} was not answered`);
    const hasBody = method !== "HEAD" && head.status !== 204;
    return { status: head.status, headers: head.headers, text: hasBody ? await readBody(socket, head) : "" };
  }

  /** Whether the log has such a line. */
  logged(line: RegExp): boolean {
    return this.server.logged.some(({ message }) => line.test(message.join("")));
  }

  /** The worker where a stream is written. */
  async homeOf(name: string): Promise<WorkerName> {
    const [first, second] = await Promise.all(WORKERS.map((each) => this.ask(each, `/whereabouts/home/live/${name}`)));
    assertEquals(new Set([first.text, second.text]), new Set(["true", "false"]));
    return first.text === "true" ? ONE : TWO;
  }

  /** One stream of each worker, in their order. */
  async oneOfEach(): Promise<string[]> {
    const homes = await Promise.all(NAMES.map((name) => this.homeOf(name)));
    return WORKERS.map((worker) => NAMES[homes.indexOf(worker)]);
  }

  async publish(worker: WorkerName, name: string): Promise<TestPublisher> {
    return await publishOver(await connectTo(this.server, worker), this.server, `live/${name}`);
  }

  /** The files that a sink has completed of a stream. */
  completed(by: string, name: string): Artifact[] {
    return this.server.told.flatMap((told) => told.name === "artifact:complete" ? [told.event] : [])
      .filter((event) => event.by === by && event.stream === `live/${name}`);
  }

  /** The packets of an FLV file. */
  async packetsIn(path: string): Promise<MediaPacket[]> {
    return new FlvDemuxer().read(await Deno.readFile(join(this.dataDir, path)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.dataDir, { recursive: true });
  }
}

const IN_FULL = { keepDays: 0, minFreeMegabytes: 0 };

function recording(): Plugin[] {
  return [flvRecord({ ...IN_FULL, sync: false })];
}

Deno.test("streams are written in their homes, which are spread, and whole wherever they are published", async () => {
  await using stage = await Stage.start(recording());
  const homes = await Promise.all(NAMES.map((name) => stage.homeOf(name)));
  assertEquals(new Set(homes), new Set(WORKERS));
  const sent = new Map<string, Tag[]>();
  for (const [seed, name] of NAMES.entries()) {
    const maker = new StreamMaker({ seed });
    const tags = [...maker.head(), ...maker.gops(5)];
    sent.set(name, tags);
    const publisher = await stage.publish(WORKERS[seed % 2], name);
    publisher.write(tags);
    await publisher.end();
  }
  for (const [name, tags] of sent) {
    await stage.server.event("artifact:complete", ({ stream }) => stream === `live/${name}`);
    const [{ path }] = stage.completed("flv-record", name);
    assertSamePackets(frames(await stage.packetsIn(path)), frames(packetsOf(tags)));
  }
});

Deno.test("streams that are published at the same time are written whole, though their packets cross together", async () => {
  await using stage = await Stage.start(recording());
  const all = await Promise.all(NAMES.map(async (name, seed) => {
    const maker = new StreamMaker({ seed });
    return { name, maker, sent: maker.head(), publisher: await stage.publish(WORKERS[seed % 2], name) };
  }));
  for (const { publisher, sent } of all) publisher.write(sent);
  for (let round = 0; round < 5; round++) {
    for (const { publisher, maker, sent } of all) {
      const gop = maker.gop();
      sent.push(...gop);
      publisher.write(gop);
    }
  }
  for (const { publisher } of all) await publisher.end();
  for (const { name, sent } of all) {
    await stage.server.event("artifact:complete", ({ stream }) => stream === `live/${name}`);
    const [{ path }] = stage.completed("flv-record", name);
    assertSamePackets(frames(await stage.packetsIn(path)), frames(packetsOf(sent)));
  }
});

Deno.test("when a worker fails, what it wrote is completed and goes on in a new file without a gap; others write on", async () => {
  await using stage = await Stage.start(recording());
  const [broken, whole] = await stage.oneOfEach();
  const sent = new Map<string, Tag[]>();
  const publishers = new Map<string, [TestPublisher, StreamMaker]>();
  for (const name of [broken, whole]) {
    const maker = new StreamMaker({ seed: name === broken ? 1 : 2 });
    const tags = [...maker.head(), ...maker.gops(2)];
    const publisher = await stage.publish(TWO, name);
    publisher.write(tags);
    sent.set(name, tags);
    publishers.set(name, [publisher, maker]);
    await stage.server.event("artifact:open", ({ stream }) => stream === `live/${name}`);
  }
  await failOver(await connectTo(stage.server, ONE));
  await eventually(() => stage.logged(/Worker 1 failed and is replaced/), "the failure is not noticed");
  // It has failed soon after its start, as the server's clock has it.
  stage.server.clock.advance(500);
  await stage.server.event("artifact:complete", ({ stream }) => stream === `live/${broken}`);
  const opened = () =>
    stage.server.told.filter(({ name, event }) =>
      name === "artifact:open" && (event as Artifact).stream === `live/${broken}`
    ).length;
  await eventually(() => {
    const [publisher, maker] = publishers.get(broken)!;
    const tags = maker.gops(2);
    sent.get(broken)!.push(...tags);
    publisher.write(tags);
    return opened() === 2;
  }, "it is not written again");
  for (const [name, [publisher, maker]] of publishers) {
    const tags = maker.gops(2);
    sent.get(name)!.push(...tags);
    publisher.write(tags);
    await publisher.end();
  }
  await eventually(() => stage.completed("flv-record", broken).length === 2, "the second file is not completed");
  await stage.server.event("artifact:complete", ({ stream }) => stream === `live/${whole}`);
  const [{ path }] = stage.completed("flv-record", whole);
  assertSamePackets(frames(await stage.packetsIn(path)), frames(packetsOf(sent.get(whole)!)));
  const [first, second] = stage.completed("flv-record", broken);
  const began = frames(packetsOf(sent.get(broken)!));
  const found = frames(await stage.packetsIn(first.path));
  assertGreater(found.length, 0);
  assertSamePackets(found, began.slice(0, found.length));
  const rest = frames(await stage.packetsIn(second.path)).map(({ body }) => body);
  assertEquals(rest, began.slice(-rest.length).map(({ body }) => body));
  assertGreaterOrEqual(found.length + rest.length, began.length, "pictures are missing between the two files");
});

Deno.test("a server that stops completes what its workers write, and who listens hears of it before", async () => {
  const stage = await Stage.start([
    ...recording(),
    fmp4({ ...IN_FULL, sync: false }),
    hls({ ...IN_FULL, record: true }),
  ]);
  const maker = new StreamMaker();
  const tags = [...maker.head(), ...maker.gops(5)];
  const names = await stage.oneOfEach();
  for (const name of names) (await stage.publish(ONE, name)).write(tags);
  for (const name of names) {
    await stage.server.event("artifact:open", ({ stream, by }) => stream === `live/${name}` && by === "flv-record");
  }
  await stage.server[Symbol.asyncDispose]();
  for (const name of names) {
    for (const by of ["flv-record", "fmp4", "hls"]) {
      assertEquals(stage.completed(by, name).length, 1, `${by} of ${name}`);
    }
  }
  await stage[Symbol.asyncDispose]();
});

Deno.test("HLS is answered by the stream's home whichever worker is asked, and HEAD too", async () => {
  await using stage = await Stage.start([hls({ segmentSeconds: 1 })]);
  for (const name of await stage.oneOfEach()) {
    const maker = new StreamMaker();
    const publisher = await stage.publish(ONE, name);
    publisher.write([...maker.head(), ...maker.gops(12)]);
    const target = `/hls/live/${name}/media.m3u8`;
    await eventually(async () => (await stage.ask(ONE, target)).text.includes("#EXTINF"), "there is no segment");
    const [one, two] = await Promise.all(WORKERS.map((worker) => stage.ask(worker, target)));
    assertEquals([one.status, one.text], [two.status, two.text]);
    const segment = one.text.split("\n").find((line) => /^[^#].*\.(ts|m4s)/.test(line));
    const answers = await Promise.all(WORKERS.map((worker) => stage.ask(worker, `/hls/live/${name}/${segment}`)));
    assertEquals(answers.map(({ status }) => status), [200, 200]);
    assertEquals(answers[0].text, answers[1].text);
    const heads = await Promise.all(WORKERS.map((worker) => stage.ask(worker, target, "HEAD")));
    assertEquals(heads.map(({ status }) => status), [200, 200]);
    assertEquals(heads[0].headers.get("content-type"), "application/vnd.apple.mpegurl");
    const own = await Promise.all(
      [target, `/hls/live/${name}/${segment}`].map((path) => stage.server.server.request(path)),
    );
    assertEquals([await own[0].text(), await own[1].text()], [one.text, answers[0].text]);
    assertEquals((await stage.server.server.request("/hls/live/none/index.m3u8")).status, 404);
    const missing = await Promise.all(WORKERS.map((worker) => stage.ask(worker, `/hls/live/${name}/9.ts`)));
    assertEquals(missing.map(({ status }) => status), [404, 404]);
    await publisher.end();
  }
  const viewers = stage.server.told.filter(({ name }) => name === "play:start").length;
  // By a connection and by the program itself, of each stream.
  assertEquals(viewers, 4);
});

Deno.test("streams of a group share a home, and play as one program", async () => {
  const rules = { "live/show": ["live/show_*"] };
  await using stage = await Stage.start([hls({ segmentSeconds: 1, groups: rules })]);
  const publishers = [];
  for (const name of ["show_low", "show_mid", "show_high"]) {
    const maker = new StreamMaker();
    const publisher = await stage.publish(TWO, name);
    publisher.write([...maker.head(), ...maker.gops(12)]);
    publishers.push(publisher);
  }
  const playlists = async () => await Promise.all(WORKERS.map((each) => stage.ask(each, "/hls/live/show/index.m3u8")));
  await eventually(
    async () => (await playlists()).every(({ text }) => text.match(/show_\w+\/media\.m3u8/g)?.length === 3),
    "the group has not all of its streams",
  );
  for (const publisher of publishers) await publisher.end();
});

Deno.test("the API shows what workers write, and has them begin and stop", async () => {
  await using stage = await Stage.start([flvRecord({ ...IN_FULL, streams: [] })]);
  for (const name of await stage.oneOfEach()) {
    const maker = new StreamMaker();
    const publisher = await stage.publish(ONE, name);
    publisher.write([...maker.head(), ...maker.gops(2)]);
    const sink = `/api/v1/streams/live/${name}/sinks/flv-record`;
    const writing = async () => {
      const { items } = JSON.parse((await stage.ask(TWO, "/api/v1/streams")).text);
      return items.find(({ id }: { id: string }) => id === `live/${name}`)?.sinks.map(({ sink }: { sink: string }) =>
        sink
      );
    };
    await eventually(async () => (await writing())?.length === 0, "there is no stream");
    assertMatch(String((await stage.ask(TWO, sink, "PUT")).status), /^20/);
    assertEquals(await writing(), ["flv-record"]);
    publisher.write(maker.gops(2));
    assertMatch(String((await stage.ask(ONE, sink, "DELETE")).status), /^20/);
    assertEquals(await writing(), []);
    assertEquals((await stage.ask(ONE, sink, "DELETE")).status, 409);
    await eventually(() => stage.completed("flv-record", name).length === 1, "the recording is not complete");
    await publisher.end();
  }
});

Deno.test("a plugin of the main isolate alone writes there, and the API shows it and has it stop", async () => {
  const written = new Map<string, Date>();
  const tapes: SinkControl = {
    name: "tapes",
    get runs() {
      return Array.from(written, ([stream, since]) => ({ stream, state: "writing" as const, since }));
    },
    start: (stream) => void written.set(stream, new Date()),
    stop: (stream) => Promise.resolve(void written.delete(stream)),
  };
  const plugin = definePlugin({ name: "tapes", setup: (ctx) => ctx.sink(tapes) })();
  await using stage = await Stage.start([plugin]);
  const publisher = await stage.publish(ONE, "cam");
  const path = "/api/v1/streams/live/cam";
  assertEquals((await stage.ask(TWO, `${path}/sinks/tapes`, "PUT")).status, 204);
  assertEquals([...written.keys()], ["live/cam"]);
  const { sinks: [sink] } = JSON.parse((await stage.ask(TWO, path)).text);
  assertEquals([sink?.sink, sink?.state], ["tapes", "writing"]);
  assertEquals((await stage.ask(ONE, `${path}/sinks/tapes`, "DELETE")).status, 204);
  assertEquals(written.size, 0);
  await publisher.end();
});
