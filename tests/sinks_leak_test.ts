import { assert, assertEquals } from "@std/assert";
import type { Files, OpenFile } from "../kernel/files/files.ts";
import { DEFAULT_VHOST } from "../kernel/names.ts";
import { definePlugin, type PluginContext } from "../kernel/plugin/plugin.ts";
import { createServer } from "../kernel/server.ts";
import { systemFiles } from "../kernel/files/system_files.ts";
import { collectLog } from "../kernel/testing/collected_log.ts";
import { FakeClock } from "../kernel/testing/fake_clock.ts";
import { files } from "../plugins/files/plugin.ts";
import { flvRecord } from "../plugins/flv_record/plugin.ts";
import { fmp4 } from "../plugins/fmp4/plugin.ts";
import { hls } from "../plugins/hls/plugin.ts";
import { eventually } from "./support/eventually.ts";
import { packetsOf, StreamMaker } from "./support/stream_maker.ts";

const STREAMS = 50;
const AT_ONCE = 25;

/** The machine's disk, which counts the files that are open. */
function countingFiles(): { readonly files: Files; readonly open: () => number } {
  let open = 0;
  const counted = (file: OpenFile): OpenFile => {
    open++;
    let isOpen = true;
    const close = async () => {
      if (isOpen) open--;
      isOpen = false;
      await file.close();
    };
    return {
      read: (into, position) => file.read(into, position),
      write: (bytes, position) => file.write(bytes, position),
      sync: () => file.sync(),
      truncate: (size) => file.truncate(size),
      close,
      [Symbol.asyncDispose]: close,
    };
  };
  const counting: Files = {
    ...systemFiles,
    create: async (path) => counted(await systemFiles.create(path)),
    open: async (path, mode) => counted(await systemFiles.open(path, mode)),
  };
  return { files: counting, open: () => open };
}

/** A server with everything that writes streams down, in memory but for its disk. */
class Stage implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly logged = collectLog();
  readonly disk = countingFiles();
  /** How many recordings each sink has completed. */
  readonly completed: Record<string, number> = {};
  readonly #folder: string;
  ctx!: PluginContext;
  #server!: Awaited<ReturnType<typeof createServer>>;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(): Promise<Stage> {
    const stage = new Stage(await Deno.makeTempDir());
    const witness = definePlugin({
      name: "witness",
      setup: (ctx) => {
        stage.ctx = ctx;
        ctx.on("artifact:complete", ({ by }) => void (stage.completed[by] = (stage.completed[by] ?? 0) + 1));
      },
    });
    const sinks = [
      hls({ record: true, minFreeMegabytes: 0, keepSeconds: 5 }),
      fmp4({ sync: false, minFreeMegabytes: 0, keepSegmentsSeconds: 1 }),
      flvRecord({ sync: false, minFreeMegabytes: 0 }),
    ];
    stage.#server = await createServer({
      plugins: [witness(), ...sinks, files()],
      config: { http: { host: "127.0.0.1", port: 0 }, dataDir: stage.#folder },
      clock: stage.clock,
      files: stage.disk.files,
      log: stage.logged.sink,
    });
    return stage;
  }

  /** What could be left over. */
  get held() {
    const { streams, sessions, sinks } = this.ctx;
    const runs = [...sinks].flatMap(({ runs }) => runs).length;
    return {
      streams: streams.size,
      sessions: sessions.size,
      runs,
      timers: this.clock.pending,
      files: this.disk.open(),
    };
  }

  /** Waits until each sink has completed so many recordings. */
  async completes(count: number): Promise<void> {
    const isDone = () => ["hls", "fmp4", "flv-record"].every((by) => this.completed[by] >= count);
    await eventually(isDone, () => `of ${count} only ${JSON.stringify(this.completed)} were completed`);
  }

  /** Waits until no more is held than before; what is at work in the background, such as a removal, has its files open. */
  async holds(before: Stage["held"]): Promise<void> {
    const isSame = () => JSON.stringify(this.held) === JSON.stringify(before);
    await eventually(
      isSame,
      () => `${JSON.stringify(this.held)} is held, and ${JSON.stringify(before)} was held before`,
    );
  }

  /** The answer to a request, without its body. */
  async ask(path: string): Promise<number> {
    const answer = await this.#server.request(new Request(`http://localhost${path}`));
    await answer.body?.cancel();
    return answer.status;
  }

  /** Some seconds of a stream, watched as HLS. */
  async live(name: string): Promise<void> {
    const session = await this.ctx.open({ protocol: "test", remote: "127.0.0.1:5000" });
    const publication = await this.ctx.publish(session, { vhost: DEFAULT_VHOST, app: "live", name });
    const maker = new StreamMaker();
    for (const packet of packetsOf([...maker.head(), ...maker.gops(8)])) publication.write(packet);
    publication.flush();
    assertEquals(await this.ask(`/hls/live/${name}/index.m3u8`), 200);
    publication.end();
    session.close("left");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

Deno.test("hundreds of streams are written by all sinks and go, and nothing of them is held any more", async () => {
  await using stage = await Stage.start();
  const before = stage.held;
  for (let number = 0; number < STREAMS; number += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => stage.live(`stream-${number + i}`)));
    for (let done = number + 1; done <= number + AT_ONCE; done++) await stage.completes(done);
  }
  await stage.clock.advanceAsync(120_000, 1000);
  await stage.holds(before);
  assert(!stage.logged.lines().some((line) => line.startsWith("error")), stage.logged.lines().join("\n"));
});

Deno.test("thousands of names that nobody publishes are asked for, and nothing of them is held any more", async () => {
  await using stage = await Stage.start();
  const before = stage.held;
  const asked = Array.from({ length: 2000 }, (_, i) => stage.ask(`/hls/live/nobody-${i}/index.m3u8`));
  const files = Array.from({ length: 200 }, (_, i) => stage.ask(`/flv/live/nobody-${i}/index.flv`));
  assertEquals(new Set(await Promise.all([...asked, ...files])), new Set([404]));
  await stage.clock.advanceAsync(60_000, 1000);
  await stage.holds(before);
});
