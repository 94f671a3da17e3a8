import { assert, assertNotMatch } from "@std/assert";
import type { ConfigSource } from "../../kernel/control.ts";
import type { Files } from "../../kernel/files/files.ts";
import type { Events } from "../../kernel/plugin/hooks.ts";
import type { LogRecord } from "../../kernel/log/log.ts";
import { definePlugin, type Plugin, type PluginContext } from "../../kernel/plugin/plugin.ts";
import { createServer, type Server } from "../../kernel/server.ts";
import type { Stream } from "../../kernel/streams/stream.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { httpFlv } from "../../protocols/http_flv/plugin.ts";
import { rtmp } from "../../protocols/rtmp/plugin.ts";
import { wsFlv } from "../../protocols/ws_flv/plugin.ts";
import { eventually, turn } from "./eventually.ts";
import { readAnswer, sendRequest } from "./http_exchange.ts";
import { hasBodyOf } from "./packets.ts";
import { patiently } from "./patience.ts";
import { TestSocket } from "./test_socket.ts";

/** What a test's server is made of. */
export interface TestServerOptions {
  /** Before the protocols. */
  readonly plugins?: readonly Plugin[];
  /** Behind the protocols. */
  readonly late?: readonly Plugin[];
  /** The disk; by default the machine's. */
  readonly files?: Files;
  /** Where the settings can be read anew; by default nowhere. */
  readonly configSource?: ConfigSource;
  /** How many workers share its ports; their time is the machine's. By default it is one isolate. */
  readonly workers?: number;
  /** Over small and quick defaults. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** An event that a server told. */
export type Told<K extends keyof Events = keyof Events> = K extends keyof Events
  ? { readonly name: K; readonly event: Events[K] }
  : never;

const EVENTS: readonly (keyof Events)[] = [
  "session:start",
  "session:end",
  "stream:start",
  "stream:track",
  "stream:config",
  "stream:metadata",
  "stream:interrupt",
  "stream:resume",
  "stream:end",
  "play:start",
  "play:end",
  "artifact:open",
  "artifact:segment",
  "artifact:complete",
  "artifact:remove",
  "artifact:store",
  "artifact:fail",
];

/** What workers of a server under test run. */
export const WORKER_MODULE = new URL("../../worker.ts", import.meta.url);

const ANY_PORT = { host: "127.0.0.1", port: 0 };
/** Of a server under test, for who gives it other settings. */
export const DEFAULTS: Readonly<Record<string, unknown>> = {
  http: ANY_PORT,
  rtmp: ANY_PORT,
  log: { level: "debug" },
  dataDir: "/nonexistent",
};

/** A whole server on a free port of the loopback interface. Its time stands still until the test moves it. */
export class TestServer implements AsyncDisposable {
  readonly clock = new FakeClock();
  /** Every line of its log, debug lines too. */
  readonly logged: LogRecord[] = [];
  /** Everything it told, in order. */
  readonly told: Told[] = [];
  readonly #listeners: ((told: Told) => void)[] = [];
  #server?: Server;

  /** Starts a server with all protocols. */
  static async start(
    { plugins = [], late = [], config = {}, files, configSource, workers = 1 }: TestServerOptions = {},
  ): Promise<TestServer> {
    const started = new TestServer();
    started.#server = await createServer({
      plugins: [...plugins, rtmp(), httpFlv(), wsFlv(), ...late, started.#witness()],
      config: { ...DEFAULTS, workers, ...config },
      workerModule: WORKER_MODULE,
      clock: started.clock,
      files,
      configSource,
      log: (record) => void started.logged.push(record),
    });
    return started;
  }

  /** The server under test. */
  get server(): Server {
    if (!this.#server) throw new TypeError("The server has not been started");
    return this.#server;
  }

  /** The port of HTTP, and so of every protocol. */
  get port(): number {
    return this.server.address("http").port;
  }

  /** Waits for an event, unless it has been told already; the first that matches. */
  async event<K extends keyof Events>(
    name: K,
    matches: (event: Events[K]) => boolean = () => true,
  ): Promise<Events[K]> {
    const heard = this.heard((told) => told.name === name && matches(told.event as Events[K]));
    const told = await patiently(heard, () => `${name} was not told, but ${this.told.map((each) => each.name)}`);
    return told.event as Events[K];
  }

  /** Settles with the first event, told already or later, that matches; it may never do so. */
  heard(matches: (told: Told) => boolean): Promise<Told> {
    const { promise, resolve } = Promise.withResolvers<Told>();
    const found = this.told.find(matches);
    if (found) resolve(found);
    else this.#listeners.push((told) => matches(told) && resolve(told));
    return promise;
  }

  /** Waits until a published tag has arrived; of all that was published, the newest group of pictures has to hold it. */
  async received(stream: string, tag: { readonly body: Uint8Array }): Promise<void> {
    const reading = async () => {
      const isTag = hasBodyOf(tag);
      for await (const packet of this.server.streams.get(stream)?.packets() ?? []) if (isTag(packet)) return true;
      return false;
    };
    assert(await patiently(reading(), () => `the tag did not arrive in ${stream}`), `${stream} ended without the tag`);
  }

  /** Waits until somebody waits for a stream that nobody publishes yet. */
  async awaited(stream: string): Promise<void> {
    await eventually(() => this.server.streams.get(stream)?.state === "waiting", `nobody waits for ${stream}`);
    await turn();
  }

  /** Asks the server something over a new connection: what happened to others before has reached it by then. */
  async settled(): Promise<void> {
    await using socket = await TestSocket.open(this.port);
    sendRequest(socket, "GET", "/nothing/here/at/all");
    await readAnswer(socket);
  }

  /** Fails if the text stands anywhere in the log. */
  assertNeverLogged(secret: string): void {
    for (const record of this.logged) assertNotMatch(JSON.stringify(record), new RegExp(secret));
  }

  /** Stops it, as an operator does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
  }

  #witness(): Plugin {
    const note = (told: Told) => {
      this.told.push(told);
      for (const listener of this.#listeners) listener(told);
    };
    return definePlugin({
      name: "witness",
      setup(ctx: PluginContext) {
        for (const name of EVENTS) ctx.on(name, (event) => note({ name, event } as Told));
      },
    })();
  }
}

/** A plugin that keeps every packet of every stream, by the stream's id. */
export function keepingPackets(kept: Map<string, MediaPacket[]>): Plugin {
  const keep = async (stream: Stream) => {
    const packets: MediaPacket[] = [];
    kept.set(stream.id, packets);
    for await (const packet of stream.packets()) packets.push(packet);
  };
  return definePlugin({ name: "keeping", setup: (ctx) => ctx.on("stream:start", ({ stream }) => keep(stream)) })();
}

/** A plugin that decides; a verdict for each request, by default yes. */
export function deciding(setup: (ctx: PluginContext) => void): Plugin {
  return definePlugin({ name: "deciding", setup })();
}
