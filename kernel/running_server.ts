import { Hono } from "hono";
import { addressOfListener } from "./server_address.ts";
import { OfferedClients } from "./sessions/client.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type Config, printConfig, resolveConfig, type ResolvedConfig, settingsKey } from "./config/config.ts";
import type { SettingPath } from "./config/diff.ts";
import type { ServerFront } from "./front/configured_front.ts";
import type { ConfigSource, ServerControl } from "./control.ts";
import { DataLock } from "./files/data_lock.ts";
import { Drain, type DrainOptions, type DrainPolicy } from "./drain.ts";
import { RecordedFeed } from "./plugin/event_feed.ts";
import type { ConnectionLimits } from "./front/file_limit.ts";
import type { Examiner } from "./streams/findings.ts";
import { Flusher } from "./fanout/flusher.ts";
import type { HttpEnv } from "./front/front.ts";
import { HookBus } from "./plugin/hooks.ts";
import { EgressMeter } from "./streams/limits.ts";
import { createLogger, defaultSink, levelsOf, type Logger, LogThresholds, type Sink } from "./log/log.ts";
import type { Apply, Plugin } from "./plugin/plugin.ts";
import { onlyIsolate, type Placement } from "./plugin/placement.ts";
import { PluginHost, type SharedContext, within } from "./plugin/plugin_host.ts";
import { Refusal } from "./reasons.ts";
import { Reloader, type ReloadReport } from "./reload.ts";
import type { Server, ServerAddress, ServerOptions } from "./server.ts";
import { serverRoutes } from "./front/server_routes.ts";
import type { Session, SessionInfo } from "./sessions/session.ts";
import { Sessions } from "./sessions/sessions.ts";
import type { SinkControl } from "./streams/sinks.ts";
import type { Stream } from "./streams/stream.ts";
import { StreamRules } from "./streams/stream_rules.ts";
import { Streams } from "./streams/streams.ts";
import { systemFiles } from "./files/system_files.ts";
import { type OpenServerFront, serverFrontOpener } from "./workers/open_server_front.ts";

/** The server of `createServer`. */
export class RunningServer implements Server {
  #config: Config;
  readonly #levels = new LogThresholds();
  #settings: ResolvedConfig["settings"];
  #drain?: Drain;
  readonly #drainPolicies = new Set<DrainPolicy>();
  readonly #reloader: Reloader;
  readonly #options: ServerOptions;
  readonly #running: readonly Plugin[];
  readonly #clock: Clock;
  readonly #sink: Sink;
  readonly #log: Logger;
  readonly #hooks: HookBus;
  readonly #feed: RecordedFeed;
  readonly #dataLock: DataLock;
  readonly #front: ServerFront;
  readonly #flusher: Flusher;
  readonly #sessions: Sessions;
  readonly #egress: EgressMeter;
  #rules: StreamRules;
  readonly #streams: Streams;
  readonly #plugins: PluginHost[] = [];
  readonly #sinks = new Set<SinkControl>();
  readonly #examiners = new Set<Examiner>();
  readonly #clients = new OfferedClients();
  readonly #placement: Placement;
  #http = new Hono<HttpEnv>();
  #isStarted = false;
  #closing?: Promise<void>;

  private constructor(
    options: ServerOptions,
    resolved: ResolvedConfig<Plugin>,
    openFront: OpenServerFront,
    possible: ConnectionLimits,
  ) {
    this.#options = options;
    const { config, plugins, settings } = resolved;
    this.#config = config;
    this.#settings = settings;
    this.#levels.set(levelsOf(config.log));
    this.#running = plugins;
    this.#clock = options.clock ?? systemClock;
    this.#sink = options.log ?? defaultSink(config.log.format);
    this.#log = createLogger({ sink: this.#sink, levels: this.#levels, clock: this.#clock });
    this.#hooks = new HookBus(this.#log.child("hooks"), this.#clock);
    this.#feed = this.#openFeed();
    this.#dataLock = new DataLock(options.files ?? systemFiles, config.dataDir, this.#log.child("files"));
    this.#flusher = new Flusher(this.#clock, config.maxDelayMs);
    this.#sessions = this.#openSessions();
    this.#egress = new EgressMeter(this.#clock, this.sessions);
    this.#rules = StreamRules.from(config);
    this.#streams = this.#openStreams();
    this.#front = this.#openFront(openFront, possible);
    this.#placement = this.#front.placement ?? onlyIsolate();
    this.#reloader = this.#openReloader();
  }

  /**
   * A server that has not been started.
   *
   * @throws {ConfigError} when a setting is unknown or wrong
   */
  static async make(options: ServerOptions, possible: ConnectionLimits): Promise<RunningServer> {
    const resolved = resolveConfig({ plugins: options.plugins, code: options.config });
    return new RunningServer(options, resolved, await serverFrontOpener(resolved.config), possible);
  }

  get config(): Config {
    return this.#config;
  }

  get streams(): ReadonlyMap<string, Stream> {
    return this.#streams.all;
  }

  get sessions(): ReadonlySet<Session> {
    return this.#sessions.all;
  }

  get addresses(): readonly ServerAddress[] {
    return this.#front.listeners.map(addressOfListener);
  }

  address(name: string): ServerAddress {
    const found = this.addresses.find((address) => address.name === name);
    if (found) return found;
    const known = this.addresses.map((address) => address.name).join(", ") || "none";
    throw new TypeError(`Nothing listens under the name "${name}": there are ${known}`);
  }

  async request(request: Request | string): Promise<Response> {
    return await this.#http.request(request);
  }

  reload(input: Readonly<Record<string, unknown>>): Promise<ReloadReport> {
    if (this.#closing) return Promise.reject(new Refusal("shutdown", "The server is stopping"));
    return this.#reloader.reload(input);
  }

  drain(options: DrainOptions = {}): void {
    const wasDraining = this.#drain !== undefined;
    this.#drain?.[Symbol.dispose]();
    this.#drain = new Drain(options, this.#clock, this.sessions, this.#drainPolicies);
    if (wasDraining) return;
    this.#log.warn("The server is being emptied: it lets nobody in", { sessions: this.sessions.size });
    this.#hooks.tell("server:drain", { isDraining: true });
  }

  resume(): void {
    if (!this.#drain) return;
    this.#drain[Symbol.dispose]();
    this.#drain = undefined;
    this.#log.info("The server lets everybody in again");
    this.#hooks.tell("server:drain", { isDraining: false });
  }

  /** Sets up the plugins, then opens the ports. */
  async start(): Promise<void> {
    for (const [order, plugin] of this.#running.entries()) {
      const host = new PluginHost(plugin, order, this.#shared());
      this.#plugins.push(host);
      await host.setup(this.config[settingsKey(plugin.name)] as Record<string, unknown>);
    }
    this.#http = serverRoutes(this.#plugins, this.#log);
    await this.#front.begin();
    this.#egress.isOn = this.config.limits.egressMbps > 0;
    this.#front.open();
    this.#isStarted = true;
    this.#hooks.tell("server:start", { addresses: this.addresses });
  }

  close(): Promise<void> {
    return this.#closing ??= Promise.resolve().then(() => this.#stop());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #stop(): Promise<void> {
    const ms = this.config.shutdownSeconds * 1000;
    this.#front.stopListening();
    if (this.#isStarted) this.#hooks.tell("server:stop", {});
    this.#streams.close();
    for (const session of [...this.sessions]) session.close("shutdown");
    const isDone = await within(this.#clock, ms, this.#windUp(ms));
    if (!isDone) this.#log.warn(`Stopping took longer than ${this.config.shutdownSeconds} s: leaving the rest`);
    this.#front[Symbol.dispose]();
    await this.#dataLock[Symbol.asyncDispose]();
    this.#egress[Symbol.dispose]();
    this.#drain?.[Symbol.dispose]();
  }

  /** Handlers of what has ended may take half of the time; then the plugins go, and end what still hangs. */
  async #windUp(ms: number): Promise<void> {
    await this.#front.windUp?.(ms / 2);
    await this.#hooks.settled(ms / 2);
    await this.#stopPlugins();
    await this.#hooks.settled(ms / 2);
    await this.#front.finish();
  }

  async #stopPlugins(): Promise<void> {
    for (const plugin of this.#plugins.reverse()) {
      try {
        await plugin[Symbol.asyncDispose]();
      } catch (error) {
        this.#log.error(`Plugin ${plugin.name} failed to stop: ${error instanceof Error ? error.message : error}`);
      }
    }
  }

  #openReloader(): Reloader {
    const config = () => this.#config;
    return new Reloader({
      known: this.#options.plugins,
      plugins: this.#plugins,
      get config() {
        return config();
      },
      prepare: (next, changed) => this.#prepare(next, changed),
      done: ({ changed, restart }) => {
        const more = restart.length > 0 ? `; a new start is needed for ${restart.join(", ")}` : "";
        this.#log.info(`Settings have been read anew: ${changed.join(", ") || "nothing"} changed${more}`);
        if (changed.length > 0) this.#hooks.tell("config:reload", { changed });
      },
    });
  }

  async #prepare(next: Config, changed: readonly SettingPath[]): Promise<Apply> {
    const takeFront = await this.#front.prepare(next, changed);
    return () => {
      this.#config = next;
      this.#rules = StreamRules.from(next);
      this.#levels.set(levelsOf(next.log));
      this.#flusher.maxDelayMs = next.maxDelayMs;
      this.#egress.isOn = next.limits.egressMbps > 0;
      takeFront();
    };
  }

  #openFeed(): RecordedFeed {
    const feed = new RecordedFeed(this.#clock, (error) => {
      this.#log.error(`A reader of the event feed failed: ${error instanceof Error ? error.message : error}`, {
        error,
      });
    });
    this.#hooks.observe((name, event) => feed.record(name, event));
    return feed;
  }

  #openFront(openFront: OpenServerFront, possible: ConnectionLimits): ServerFront {
    const { workerModule, files = systemFiles } = this.#options;
    return openFront({
      config: this.#config,
      possible,
      clock: this.#clock,
      log: this.#log,
      files,
      workerModule,
      running: this.#running,
      plugins: this.#plugins,
      hooks: this.#hooks,
      timings: this.#flusher.timings,
      streams: this.#streams.all,
      fetch: (request, env) => this.#http.fetch(request, env),
      open: (info, target) => this.#sessions.open(info, target),
      publish: (session, key) => this.#unlessDraining(session).publish(session, key),
      play: (session, key) => this.#unlessDraining(session).play(session, key),
      say: this.#sink,
    });
  }

  #openSessions(): Sessions {
    return new Sessions({
      clock: this.#clock,
      log: this.#log,
      hooks: this.#hooks,
      closed: (info) => this.#closing ? new Refusal("shutdown", "The server is stopping") : this.#drain?.refusal(info),
      onOver: (session) => this.#egress.ended(session),
    });
  }

  #openStreams(): Streams {
    const config = () => this.config;
    const egress = () => this.#egress;
    return new Streams({
      clock: this.#clock,
      flusher: this.#flusher,
      log: this.#log,
      hooks: this.#hooks,
      rule: (key) => this.#rules.of(key),
      get ring() {
        const { bytes, seconds } = config().buffer;
        return { bytes, ms: seconds * 1000 };
      },
      get limits() {
        return config().limits;
      },
      get egressMbps() {
        return egress().mbps;
      },
      openInternal: (protocol) => this.#sessions.openInternal(protocol),
    });
  }

  #shared(): SharedContext {
    return {
      clock: this.#clock,
      fetch: this.#options.fetch ?? fetch,
      dataDir: this.config.dataDir,
      claimDataDir: () => this.#dataLock.take(),
      feed: this.#feed,
      timings: this.#flusher.timings,
      files: this.#options.files ?? systemFiles,
      sinks: this.#sinks,
      examiners: this.#examiners,
      drainPolicies: this.#drainPolicies,
      clients: this.#clients,
      streams: this.#streams.all,
      sessions: this.sessions,
      stallMs: this.config.stallSeconds * 1000,
      hooks: this.#hooks,
      log: this.#log,
      front: this.#front,
      placement: this.#placement,
      open: (info, target) => this.#sessions.open(info, target),
      control: this.#control(),
      publish: (session, key) => this.#unlessDraining(session).publish(session, key),
      play: (session, key) => this.#unlessDraining(session).play(session, key),
      bring: (key, source) => this.#streams.bring(key, source),
      stop: (stream, detail) => this.#streams.stop(stream, detail),
    };
  }

  /** A connection from before that wants one more stream is as good as a new one. */
  #unlessDraining({ info }: { readonly info: SessionInfo }): Streams {
    const refusal = this.#drain?.refusal(info);
    if (refusal) throw refusal;
    return this.#streams;
  }

  #control(): ServerControl {
    const draining = () => this.#drain && { since: this.#drain.since, sessions: this.sessions.size };
    const source = (): ConfigSource => {
      const { configSource } = this.#options;
      if (configSource) return configSource;
      throw new Refusal("busy", "The settings of this server were given by a program: they cannot be read anew");
    };
    return {
      config: () => printConfig({ config: this.#config, settings: this.#settings }),
      check: async (text) => this.#reloader.plan(await source().parse(text)),
      reload: async () => this.reload(await source().read()),
      drain: (options) => this.drain(options),
      resume: () => this.resume(),
      get draining() {
        return draining();
      },
    };
  }
}
