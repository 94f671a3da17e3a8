import { assertEquals } from "@std/assert";
import type { Files } from "../../kernel/files/files.ts";
import { DEFAULT_VHOST } from "../../kernel/names.ts";
import { definePlugin, type Plugin, type PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Publication } from "../../kernel/streams/publication.ts";
import { createServer, type Server } from "../../kernel/server.ts";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { parseMasterPlaylist, type ReadMasterPlaylist } from "../../media/hls/master_playlist_parser.ts";
import { parseMediaPlaylist, type ReadMediaPlaylist } from "../../media/hls/media_playlist_parser.ts";
import { checkSuccession, mergeDelta } from "../../media/hls/playlist_succession.ts";
import { turn } from "../../tests/support/eventually.ts";
import { type Place, placed } from "../../tests/support/placed.ts";
import { packetsOf, type Recipe, StreamMaker, type Tag } from "../../tests/support/stream_maker.ts";
import { hls } from "./plugin.ts";

/** An answer, read to its end. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly text: string;
}

/** What a test's server is made of beside HLS. */
export interface StageOptions {
  readonly plugins?: readonly Plugin[];
  readonly dataDir?: string;
  readonly files?: Files;
  readonly clock?: FakeClock;
  /** The isolate that it stands for; by default the only one. */
  readonly place?: Place;
}

/** A whole server with HLS, in memory: no socket, and time stands still until the test moves it. */
export class HlsStage implements AsyncDisposable {
  readonly clock: FakeClock;
  readonly logged = collectLog();
  /** What was told of playbacks and recordings, as `event stream`. */
  readonly told: string[] = [];
  ctx!: PluginContext;
  server!: Server;

  private constructor(clock: FakeClock) {
    this.clock = clock;
  }

  static async start(settings: Parameters<typeof hls>[0] = {}, options: StageOptions = {}): Promise<HlsStage> {
    const stage = new HlsStage(options.clock ?? new FakeClock());
    const spy = definePlugin({ name: "spy", setup: (ctx) => stage.#listen(ctx) });
    const plugin = hls(settings);
    const sink = options.place ? placed(plugin, options.place) : plugin;
    stage.server = await createServer({
      plugins: [...options.plugins ?? [], sink, spy()],
      config: {
        http: { host: "127.0.0.1", port: 0 },
        dataDir: options.dataDir ?? "/nonexistent",
        publishTimeoutSeconds: 60,
      },
      clock: stage.clock,
      files: options.files,
      log: stage.logged.sink,
    });
    return stage;
  }

  /** Begins to publish `live/NAME`. */
  async publish(name = "cam", recipe: Recipe = {}): Promise<StagePublisher> {
    const session = await this.ctx.open({ protocol: "test", remote: "127.0.0.1:5000" });
    const publication = await this.ctx.publish(session, { vhost: DEFAULT_VHOST, app: "live", name });
    return new StagePublisher(this, publication, new StreamMaker(recipe));
  }

  /** Asks for something below `/hls/live/`. */
  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    const response = await this.server.request(new Request(`http://localhost/hls/live/${path}`, { headers }));
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) };
  }

  /** What was told since the last time. */
  takeTold(): string[] {
    return this.told.splice(0);
  }

  /** The log's lines that warn. */
  get warnings(): string[] {
    return this.logged.lines().filter((line) => line.startsWith("warning")).map((line) =>
      line.slice("warning ".length)
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }

  #listen(ctx: PluginContext): void {
    this.ctx = ctx;
    for (const name of ["play:start", "play:end"] as const) {
      ctx.on(name, ({ stream }) => void this.told.push(`${name} ${stream.id}`));
    }
    for (const name of ["artifact:open", "artifact:segment", "artifact:complete", "artifact:fail"] as const) {
      ctx.on(name, ({ stream }) => void this.told.push(`${name} ${stream}`));
    }
  }
}

/** A publisher whose media time and the server's time go on together. */
export class StagePublisher {
  readonly #stage: HlsStage;

  constructor(stage: HlsStage, readonly publication: Publication, readonly maker: StreamMaker) {
    this.#stage = stage;
  }

  /** Sends decoder configurations and metadata. */
  async head(): Promise<void> {
    await this.send(this.maker.head());
  }

  /** Sends groups of pictures; before each one as much time passes as it lasts. */
  async gops(count: number, onGop: () => void | Promise<void> = () => {}): Promise<void> {
    for (let i = 0; i < count; i++) {
      const before = this.maker.ms;
      const tags = this.maker.gop();
      await this.#stage.clock.advanceAsync(this.maker.ms - before);
      await this.send(tags);
      await onGop();
    }
  }

  /** Sends a group of pictures one tag at a time. */
  async slowly(onTag: () => void | Promise<void>): Promise<void> {
    for (const tag of this.maker.gop()) {
      await this.send([tag]);
      await onTag();
    }
  }

  async send(tags: readonly Tag[]): Promise<void> {
    for (const packet of packetsOf(tags)) this.publication.write(packet);
    this.publication.flush();
    await turn();
  }

  /** The encoder says that it has finished. */
  async end(): Promise<void> {
    this.publication.end();
    await turn();
  }

  /** The encoder vanishes. */
  async vanish(): Promise<void> {
    this.publication[Symbol.dispose]();
    await turn();
  }
}

/** One player: it holds every playlist to the standard, and to the one before. */
export class Follower {
  newest: ReadMediaPlaylist | undefined;
  readonly #stage: HlsStage;
  readonly #path: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(stage: HlsStage, path = "cam/media.m3u8", headers: Readonly<Record<string, string>> = {}) {
    this.#stage = stage;
    this.#path = path;
    this.#headers = headers;
  }

  /** Loads the playlist; fails when it is not served, wrong, or does not follow from the one before. */
  async load(query = ""): Promise<ReadMediaPlaylist> {
    const { status, text } = await this.#stage.get(`${this.#path}${query}`, this.#headers);
    assertEquals(status, 200, text);
    const read = parseMediaPlaylist(text);
    const playlist = read.skipped > 0 ? mergeDelta(this.newest!, read) : read;
    if (this.newest) checkSuccession(this.newest, playlist);
    return this.newest = playlist;
  }

  /** Loads what stands beside the playlist. */
  async beside(uri: string): Promise<Answered> {
    return await this.#stage.get(this.#path.replace(/[^/]*$/, uri), this.#headers);
  }
}

/** Loads and reads a master playlist. */
export async function masterOf(stage: HlsStage, path = "cam/index.m3u8"): Promise<ReadMasterPlaylist> {
  const { status, text } = await stage.get(path);
  assertEquals(status, 200, text);
  return parseMasterPlaylist(text);
}
