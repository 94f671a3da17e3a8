import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { definePlugin, type PluginContext } from "../../../kernel/plugin/plugin.ts";
import { eventually } from "../../../tests/support/eventually.ts";
import { TestServer, type TestServerOptions } from "../../../tests/support/test_server.ts";
import { Ledger } from "../ledger.ts";
import { LEDGER_FILE } from "../open_ledger.ts";
import { setUp } from "../set_up.ts";
import { s3Config } from "../settings.ts";
import { FakeStore, type Fault, type SeenRequest } from "./fake_store.ts";

/** How large parts are, in bytes: a recording's head is no larger. */
export const PART = 100_000;

/** The plugin with small parts. */
const s3 = definePlugin({
  name: "s3",
  config: s3Config,
  setup: (ctx, settings) => setUp(ctx, settings, PART),
});

/** What nobody may be shown. */
export const SECRET = "sesame-open-wide";

/** The path of a recording below the data folder; its name is what a recorder would give it. */
export const FLV = "flv/live/cam/20260101_000000.flv";

/** What a stage is made of. */
export interface StageOptions extends TestServerOptions {
  /** The data folder, which is made for it; by default one that is made up. */
  readonly folder?: string;
  /** Settings of the plugin. */
  readonly s3?: Readonly<Record<string, unknown>>;
}

/** A data folder, a store, and servers one after the other that send what is in the one to the other; a test is the recorder. */
export class Stage implements AsyncDisposable {
  readonly store: FakeStore;
  readonly folder: string;
  /** Whether something has failed while a file was waited for. */
  hasFailed = false;
  readonly #options: StageOptions;
  #server?: TestServer;
  #ctx?: PluginContext;

  private constructor(store: FakeStore, folder: string, options: StageOptions) {
    this.store = store;
    this.folder = folder;
    this.#options = options;
  }

  static async open(options: StageOptions = {}): Promise<Stage> {
    const { folder = await Deno.makeTempDir() } = options;
    await Deno.mkdir(folder, { recursive: true });
    const stage = new Stage(await FakeStore.start(PART), await Deno.realPath(folder), options);
    await stage.start();
    return stage;
  }

  /** Starts a server, another one than before. */
  async start(options: StageOptions = {}): Promise<void> {
    const { s3: _settings, late = [], config: _config, ...rest } = { ...this.#options, ...options };
    const spy = definePlugin({ name: "spy", setup: (ctx) => void (this.#ctx = ctx) })();
    this.#server = await TestServer.start({
      ...rest,
      plugins: [...rest.plugins ?? [], s3()],
      late: [...late, spy],
      config: this.#config(options),
    });
  }

  /** Gives the server that runs other settings; says which it could not take. */
  async reload(options: StageOptions): Promise<readonly string[]> {
    const http = { host: "127.0.0.1", port: 0 };
    const config = { http, rtmp: http, log: { level: "debug" }, ...this.#config(options) };
    return (await this.server.server.reload(config)).restart;
  }

  #config(options: StageOptions): Record<string, unknown> {
    const { s3: settings, config } = { ...this.#options, ...options };
    const store = { endpoint: this.store.endpoint, bucket: "films", accessKeyId: "WHO", secretAccessKey: SECRET };
    return { dataDir: this.folder, s3: { ...store, ...settings }, ...config };
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.[Symbol.asyncDispose]();
    server?.assertNeverLogged(SECRET);
  }

  get server(): TestServer {
    assert(this.#server, "The server has not been started");
    return this.#server;
  }

  /** A plugin's view of the server. */
  get ctx(): PluginContext {
    assert(this.#ctx, "The server has not been started");
    return this.#ctx;
  }

  /** Writes a file as a recorder does, or more of it. */
  async write(path: string, bytes: Uint8Array | string, options: Deno.WriteFileOptions = {}): Promise<void> {
    const at = join(this.folder, path);
    await Deno.mkdir(dirname(at), { recursive: true });
    await Deno.writeFile(at, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes, options);
  }

  /** Tells what a recorder tells. */
  tell(name: "open" | "segment" | "complete" | "remove", path: string, by = "recorder"): void {
    if (!this.#server) return;
    this.ctx.tell(`artifact:${name}`, { stream: "live/cam", by, path });
  }

  /** Time goes by until it is looked at what grows. */
  look(): void {
    this.server.clock.advance(5000);
  }

  /** Lets time go by until something is removed. */
  async goes(): Promise<void> {
    await eventually(() => {
      this.look();
      return this.server.told.some(({ name }) => name === "artifact:remove");
    }, "nothing was removed");
  }

  /** Waits until the store was asked so often. */
  async asked(request: string, times = 1): Promise<void> {
    const count = () => this.store.asked.filter((each) => each === request).length;
    await eventually(() => count() >= times, `the store was not asked: ${request}, but ${this.store.asked.join("\n")}`);
  }

  /** Waits until a file is in the store, whatever it takes; time goes by when something failed. */
  async sent(path: string): Promise<void> {
    await eventually(() => {
      if (this.isWaiting) {
        this.hasFailed = true;
        this.server.clock.advance(1000);
      }
      return this.isSent(path);
    }, `${path} does not get to the store: ${[...this.store.asked, ...this.lines].join("\n")}`);
  }

  /** What was logged. */
  get lines(): string[] {
    return this.server.logged.map(({ level, message }) => `${level} ${message.join("")}`);
  }

  /** Waits until so many files of a recording of many are kept for the store. */
  async kept(path: string, count: number): Promise<void> {
    const kept = () => {
      using ledger = new Ledger(join(this.folder, LEDGER_FILE));
      const upload = ledger.of(path);
      return upload ? ledger.objects(upload.id).size : 0;
    };
    await eventually(() => kept() >= count, `not all of ${path} is kept`);
  }

  /** Whether a file is in the store, as this server says. */
  isSent(path: string): boolean {
    return this.server.logged.some(({ message }) => message.join("").startsWith(`${path} is in the store`));
  }

  /** Lets time go by until a file is in the store. */
  async sentInTime(path: string): Promise<void> {
    await eventually(() => {
      this.look();
      return this.isSent(path);
    }, `${path} does not get to the store`);
  }

  /** Waits until something has failed. */
  async failed(): Promise<void> {
    await eventually(() => this.isWaiting, "nothing has failed");
  }

  /** What is found out about the stream. */
  get findings(): readonly { readonly code: string; readonly text: string }[] {
    return this.ctx.findings({ id: "live/cam" } as never);
  }

  /** Whether something has failed and is waiting for another attempt. */
  get isWaiting(): boolean {
    return this.findings.some(({ code }) => code === "upload-failing");
  }

  /** Fails unless an object is what the file is. */
  async assertSame(path: string, key = path): Promise<void> {
    assertEquals(sameBytes(await Deno.readFile(join(this.folder, path)), this.store.bytes(key)), "the same");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.store[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Bytes of which no two pieces are the same. */
export function film(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed;
  for (let i = 0; i < words.length; i++) words[i] = state = Math.imul(state, 1664525) + 1013904223 | 0;
  return new Uint8Array(words.buffer, 0, length);
}

/** A fault from the request with this number on, counted from 0, until something has failed for it. */
export function faultFrom(number: number, fault: Fault, stage: Stage): (request: SeenRequest) => Fault | undefined {
  let count = 0;
  let hasFailed = false;
  return () => {
    hasFailed ||= stage.isWaiting || stage.hasFailed;
    return count++ >= number && !hasFailed ? fault : undefined;
  };
}

function sameBytes(file: Uint8Array, object: Uint8Array | undefined): string {
  if (!object) return "no object";
  if (file.length !== object.length) return `${object.length} bytes instead of ${file.length}`;
  const other = file.findIndex((byte, i) => byte !== object[i]);
  return other < 0 ? "the same" : `other bytes from ${other} on`;
}
