import { OfferedClients } from "../sessions/client.ts";
import { systemClock } from "../clock.ts";
import { type Config, settingsKey } from "../config/config.ts";
import { ConfiguredFront } from "../front/configured_front.ts";
import type { ServerControl } from "../control.ts";
import { RecordedFeed } from "../plugin/event_feed.ts";
import { Flusher } from "../fanout/flusher.ts";
import type { Listener } from "../front/front.ts";
import { createLogger, levelsOf, type Logger, type LogRecord, LogThresholds, silentLogger } from "../log/log.ts";
import type { Apply, Plugin } from "../plugin/plugin.ts";
import type { Placement } from "../plugin/placement.ts";
import { PluginHost, type SharedContext } from "../plugin/plugin_host.ts";
import { systemFiles } from "../files/system_files.ts";
import { MainSide } from "./main_side.ts";
import { Homes } from "./homes/homes.ts";
import type {
  MainQuestion,
  Post,
  SharedListenOptions,
  ToMain,
  ToWorker,
  WorkerPlugin,
  WorkerStart,
} from "./messages.ts";
import { reply } from "./questions.ts";
import { askerOf } from "./requests/relay.ts";
import { SharedCounts } from "./memory/shared_memory.ts";
import { WorkerHooks } from "./worker_hooks.ts";
import { WorkerHttp } from "./requests/worker_http.ts";
import { workerPlacement } from "./homes/worker_placement.ts";
import { WorkerRequests } from "./requests/worker_requests.ts";

/** How long peers may take to read what they are told at the end, in milliseconds. */
const LAST_WORDS_MS = 500;

/**
 * What runs in a worker: the way in, the protocols, the viewers, and what writes down the streams whose home it is. Everything
 * else is in the main isolate, which is asked who may do what, is sent what is published here, and sends what is read here.
 */
export class WorkerServer {
  readonly #post: Post<ToMain>;
  readonly #start: WorkerStart;
  readonly #levels = new LogThresholds();
  readonly #log: Logger;
  readonly #hooks: WorkerHooks;
  readonly #flusher: Flusher;
  readonly #front: ConfiguredFront;
  readonly #main: MainSide;
  readonly #plugins: PluginHost[] = [];
  readonly #placement: Placement;
  readonly #http: WorkerHttp;
  /** Requests that came in at other workers and are about streams whose home is here. */
  readonly #requests: WorkerRequests;
  /** By their slots. */
  readonly #listeners = new Map<number, Listener>();
  #config: Config;
  #apply?: Apply;
  #isAdmitted = false;

  constructor(start: WorkerStart, post: Post<ToMain>) {
    this.#post = post;
    this.#start = start;
    this.#config = start.config;
    this.#levels.set(levelsOf(start.config.log));
    this.#log = createLogger({ sink: (record) => this.#say(record), levels: this.#levels, clock: systemClock });
    this.#hooks = new WorkerHooks(post, this.#log.child("hooks"), systemClock);
    this.#flusher = new Flusher(systemClock, start.config.maxDelayMs);
    this.#http = new WorkerHttp({
      log: this.#log,
      plugins: this.#plugins,
      isAtHome: (plugin) => this.#isAtHome(plugin),
      forwarding: () => this.#main.forwarding,
    });
    this.#front = this.#openFront();
    this.#main = this.#openMain();
    this.#placement = workerPlacement(start, new Homes(start.memory.workers), this.#main.forwarding);
    this.#requests = new WorkerRequests(post, this.#http.fetch, this.#log);
  }

  /** Sets up the plugins of these that run in workers. */
  async begin(known: readonly Plugin[]): Promise<void> {
    for (const [order, wanted] of this.#start.plugins.entries()) {
      const host = new PluginHost(await pluginOf(wanted, known), order, this.#shared());
      this.#plugins.push(host);
      await host.setup(this.#config[settingsKey(wanted.name)] as Record<string, unknown>);
    }
    await this.#front.openCertificate();
  }

  /** Takes a message of the main isolate. */
  receive(message: ToWorker): void {
    if (this.#main.receive(message)) return;
    if ("ask" in message) return void reply(this.#post, message.ask, this.#answer(message as MainQuestion));
    switch (message.type) {
      case "admit":
        return this.#admit(message);
      case "unlisten":
        return this.#unlisten(message.slot);
      case "apply":
        return this.#apply?.();
      case "lost":
        this.#main.forwarding.lost(message.worker);
        return this.#requests.close((id) => askerOf(id) === message.worker);
      case "request":
      case "body":
      case "taken":
      case "gone":
        this.#requests.receive(message);
    }
  }

  async #answer(question: MainQuestion): Promise<unknown> {
    switch (question.type) {
      case "listen":
        return await this.#listen(question.options);
      case "prepare":
        this.#apply = await this.#prepare(question);
        return;
      case "wind-up":
        return await this.#windUp(question.ms);
      case "sink-start":
      case "sink-stop":
        return await this.#control(question);
      case "stop":
        return await this.#stop();
    }
  }

  async #listen(options: SharedListenOptions): Promise<number> {
    const listener = await this.#front.listen(options);
    this.#listeners.set(options.slot, listener);
    return listener.port;
  }

  #unlisten(slot: number): void {
    this.#listeners.get(slot)?.[Symbol.dispose]();
    this.#listeners.delete(slot);
  }

  async #prepare({ config, changed }: MainQuestion & { type: "prepare" }): Promise<Apply> {
    const applies = [await this.#front.prepare(config, changed)];
    for (const plugin of this.#plugins) {
      const key = settingsKey(plugin.name);
      if (!changed.some(([section]) => section === key)) continue;
      applies.push(await plugin.prepare(config[key] as Record<string, unknown>));
    }
    return () => {
      for (const apply of applies) apply();
      this.#config = config;
      this.#levels.set(levelsOf(config.log));
      this.#flusher.maxDelayMs = config.maxDelayMs;
    };
  }

  /** Streams have ended: their sinks may take half of the time, then they have to go. */
  async #windUp(ms: number): Promise<void> {
    if (this.#isAdmitted) this.#hooks.tell("server:stop", {});
    await this.#hooks.settled(ms / 2);
    for (const plugin of this.#plugins.filter(({ name }) => this.#isAtHome(name)).reverse()) {
      await plugin[Symbol.asyncDispose]();
    }
  }

  async #control({ type, sink, stream }: MainQuestion & { type: "sink-start" | "sink-stop" }): Promise<void> {
    const { sinks } = this.#main;
    const control = sinks.find(sink);
    if (type === "sink-start") control.start(stream);
    else await control.stop(stream);
    sinks.tell();
  }

  #isAtHome(plugin: string): boolean {
    return this.#start.plugins.some(({ name, atHome }) => name === plugin && atHome);
  }

  async #stop(): Promise<void> {
    this.#front.stopListening();
    this.#main.close();
    for (const plugin of this.#plugins.reverse()) await plugin[Symbol.asyncDispose]();
    await this.#front.written(LAST_WORDS_MS);
    this.#main[Symbol.dispose]();
    this.#front[Symbol.dispose]();
  }

  #admit({ routes, addresses }: ToWorker & { type: "admit" }): void {
    this.#http.admit(routes);
    this.#front.open();
    this.#isAdmitted = true;
    this.#hooks.tell("server:start", { addresses });
  }

  /** What cannot cross as it is crosses as text. */
  #say(record: LogRecord): void {
    try {
      this.#post({ type: "log", record });
    } catch {
      const properties = JSON.parse(JSON.stringify(record.properties));
      this.#post({ type: "log", record: { ...record, properties } });
    }
  }

  #openFront(): ConfiguredFront {
    const { config, possible, memory, index } = this.#start;
    const counts = new SharedCounts(memory, index);
    return new ConfiguredFront({
      config,
      possible,
      clock: systemClock,
      log: this.#log,
      files: systemFiles,
      answer: this.#http.answer(),
      ...(index > 0 && { settingsLog: silentLogger }),
      shared: { counts, port: (options) => counts.port((options as SharedListenOptions).slot) },
    });
  }

  #openMain(): MainSide {
    const { index, memory } = this.#start;
    const config = () => this.#config;
    return new MainSide({
      index,
      memory,
      clock: systemClock,
      log: this.#log,
      hooks: this.#hooks,
      flusher: this.#flusher,
      post: this.#post,
      refused: this.#front.refused ?? new Map(),
      get ring() {
        const { bytes, seconds } = config().buffer;
        return { bytes, ms: seconds * 1000 };
      },
    });
  }

  #shared(): SharedContext {
    return {
      clock: systemClock,
      fetch,
      dataDir: this.#config.dataDir,
      // The main isolate, where each plugin is set up first, has claimed it.
      claimDataDir: () => Promise.resolve(),
      feed: new RecordedFeed(systemClock),
      timings: this.#flusher.timings,
      files: systemFiles,
      sinks: this.#main.sinks.sinks,
      examiners: new Set(),
      drainPolicies: new Set(),
      clients: new OfferedClients(),
      placement: this.#placement,
      streams: this.#main.copies.streams,
      sessions: this.#main.sessions.all,
      stallMs: this.#config.stallSeconds * 1000,
      hooks: this.#hooks,
      log: this.#log,
      front: {
        refused: this.#front.refused,
        protocol: (protocol) => this.#front.protocol(protocol),
        upgrade: (protocol) => this.#front.upgrade(protocol),
        // The main isolate has all workers listen, when its own plugins ask for it.
        listen: (options) => Promise.resolve({ ...options, [Symbol.dispose]: () => {} }),
      },
      open: (info, target) => this.#main.sessions.open(info, target),
      publish: (session, key) => this.#main.publish(session, key),
      play: (session, key) => this.#main.play(session, key),
      bring: () => {
        throw onlyInMain("streams from elsewhere");
      },
      stop: () => {
        throw onlyInMain("the end of streams");
      },
      control: mainControl(),
    };
  }
}

async function pluginOf({ name, module }: WorkerPlugin, known: readonly Plugin[]): Promise<Plugin> {
  const exported = module === undefined ? undefined : (await import(module)).default;
  const found = module === undefined ? known.find((each) => each.name === name) : exported;
  if (!found) throw new TypeError(`The plugin ${name} is not among those that workers know`);
  return typeof found === "function" ? found() : found;
}

function onlyInMain(what: string): TypeError {
  return new TypeError(`A worker does not decide about ${what}: plugins do that in the main isolate`);
}

function mainControl(): ServerControl {
  const refuse = () => {
    throw onlyInMain("the server");
  };
  return { config: refuse, check: refuse, reload: refuse, drain: refuse, resume: refuse, draining: undefined };
}
