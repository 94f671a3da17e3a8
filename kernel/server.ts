import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { OfferedClients } from "./client.ts";
import { Certificates } from "./certificates.ts";
import type { Clock } from "./clock.ts";
import { systemClock } from "./clock.ts";
import { type Config, printConfig, resolveConfig, settingsKey } from "./config/config.ts";
import type { ResolvedConfig } from "./config/config.ts";
import type { SettingPath } from "./config/diff.ts";
import { CERTIFICATE_SETTINGS, certificateFiles } from "./config/kernel_config.ts";
import type { ConfigSource, ServerControl } from "./control.ts";
import { Drain, type DrainOptions } from "./drain.ts";
import { type ConnectionLimits, connectionLimits } from "./file_limit.ts";
import { DataLock } from "./data_lock.ts";
import { RecordedFeed } from "./event_feed.ts";
import type { Files } from "./files.ts";
import type { Examiner } from "./findings.ts";
import { Flusher } from "./flusher.ts";
import type { FrontSettings, HttpEnv, Listener } from "./front.ts";
import { HookBus } from "./hooks.ts";
import { EgressMeter } from "./limits.ts";
import { createLogger, defaultSink, levelsOf, type Logger, LogThresholds, type Sink } from "./log/log.ts";
import { DEFAULT_VHOST } from "./names.ts";
import { NetworkList } from "./network_list.ts";
import type { Apply, Plugin } from "./plugin.ts";
import { Reloader, type ReloadReport } from "./reload.ts";
import { OpenFront } from "./open_front.ts";
import { PluginHost, type SharedContext, within } from "./plugin_host.ts";
import { Refusal } from "./reasons.ts";
import { OpenSession, type Session, type SessionInfo, type SessionOver } from "./session.ts";
import type { SinkControl } from "./sinks.ts";
import type { Stream } from "./stream.ts";
import { systemFiles } from "./system_files.ts";
import { StreamRules } from "./stream_rules.ts";
import { Streams } from "./streams.ts";

/** What a server is made of; everything has a default. */
export interface ServerOptions {
  /** What runs, in order. */
  readonly plugins: readonly Plugin[];
  /** Settings, in the shape of a configuration file: the kernel's, and each plugin's under its name. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
  /** Where log records go; LogTape's sinks fit. */
  readonly log?: Sink;
  /** The disk. */
  readonly files?: Files;
  /** For requests that the server makes. */
  readonly fetch?: typeof fetch;
  /** Where `config` was read from, so that it can be read anew; without it the API cannot have it reloaded. */
  readonly configSource?: ConfigSource;
}

/** An address that the server answers on. */
export interface ServerAddress {
  /** `http` for the main port, else the plugin's name. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** With `localhost` for an unspecified host. */
  readonly url: string;
}

/** A running server; `await using` stops it. */
export interface Server extends AsyncDisposable {
  readonly addresses: readonly ServerAddress[];
  /** The settings in force. */
  readonly config: Config;
  /** All streams, by id. */
  readonly streams: ReadonlyMap<string, Stream>;
  /** All sessions. */
  readonly sessions: ReadonlySet<Session>;
  /** The address of a listener, by name. Throws a `TypeError` when there is none. */
  address(name: string): ServerAddress;
  /** Answers an HTTP request in memory, without a socket. */
  request(request: Request | string): Promise<Response>;
  /**
   * Takes new settings, in the shape of {@linkcode ServerOptions.config}, without touching what is live.
   *
   * @throws {ConfigError} when one is unknown or wrong; nothing has changed then
   */
  reload(config: Readonly<Record<string, unknown>>): Promise<ReloadReport>;
  /** Lets nobody in from now on; those who are there go on. Called again it changes how. */
  drain(options?: DrainOptions): void;
  /** Lets everybody in again. */
  resume(): void;
  /** Stops: no new connections, streams end, files are completed, at most `shutdownSeconds` long. */
  close(): Promise<void>;
}

/**
 * Starts a server.
 *
 * @throws {ConfigError} when a setting is unknown or wrong
 * @throws {PortError} when a port cannot be opened
 * @throws {DataFolderError} when another server writes into the data folder
 *
 * @example
 * ```ts
 * import { httpFlv, rtmp } from "@sluice/sluice";
 *
 * await using server = await createServer({ plugins: [rtmp(), httpFlv()], config: { http: { port: 0 } } });
 * console.log(server.address("http").url);
 * ```
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const server = new RunningServer(options, await connectionLimits());
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}

class RunningServer implements Server {
  #config: Config;
  readonly #levels = new LogThresholds();
  #settings: ResolvedConfig["settings"];
  #drain?: Drain;
  readonly #reloader: Reloader;
  readonly sessions = new Set<Session>();
  readonly #options: ServerOptions;
  readonly #running: readonly Plugin[];
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #hooks: HookBus;
  readonly #feed: RecordedFeed;
  readonly #possible: ConnectionLimits;
  readonly #dataLock: DataLock;
  readonly #front: OpenFront;
  readonly #flusher: Flusher;
  readonly #egress: EgressMeter;
  #rules: StreamRules;
  readonly #streams: Streams;
  readonly #plugins: PluginHost[] = [];
  readonly #sinks = new Set<SinkControl>();
  readonly #examiners = new Set<Examiner>();
  readonly #clients = new OfferedClients();
  readonly #protocolLogs = new Map<string, Logger>();
  #http = new Hono<HttpEnv>();
  #certificates?: Certificates;
  /** The wish for more connections than are possible that has been answered. */
  #wanted?: number;
  #isStarted = false;
  #closing?: Promise<void>;

  constructor(options: ServerOptions, possible: ConnectionLimits) {
    this.#options = options;
    const { config, plugins, settings } = resolveConfig({ plugins: options.plugins, code: options.config });
    this.#config = config;
    this.#settings = settings;
    this.#levels.set(levelsOf(config.log));
    this.#running = plugins;
    this.#clock = options.clock ?? systemClock;
    this.#log = createLogger({
      sink: options.log ?? defaultSink(config.log.format),
      levels: this.#levels,
      clock: this.#clock,
    });
    this.#hooks = new HookBus(this.#log.child("hooks"), this.#clock);
    this.#feed = new RecordedFeed(this.#clock, (error) => {
      this.#log.error(`A reader of the event feed failed: ${error instanceof Error ? error.message : error}`, {
        error,
      });
    });
    this.#hooks.observe((name, event) => this.#feed.record(name, event));
    this.#dataLock = new DataLock(options.files ?? systemFiles, config.dataDir, this.#log.child("files"));
    this.#possible = possible;
    this.#front = this.#openFront(config);
    this.#flusher = new Flusher(this.#clock, config.maxDelayMs);
    this.#egress = new EgressMeter(this.#clock, this.sessions);
    this.#rules = StreamRules.from(config);
    this.#streams = this.#openStreams();
    this.#reloader = this.#openReloader();
  }

  get config(): Config {
    return this.#config;
  }

  get streams(): ReadonlyMap<string, Stream> {
    return this.#streams.all;
  }

  get addresses(): readonly ServerAddress[] {
    return this.#front.listeners.map(toAddress);
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
    this.#drain = new Drain(options, this.#clock, this.sessions);
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
    this.#http = this.#routes();
    await this.#openCertificate();
    const { host, port, ports } = this.config.http;
    for (const each of ports ?? [port]) await this.#front.listen({ name: "http", host, port: each });
    if (this.#certificates) await this.#listenForTls();
    this.#egress.isOn = this.config.limits.egressMbps > 0;
    this.#front.open();
    this.#isStarted = true;
    this.#hooks.tell("server:start", { addresses: this.addresses });
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
    const isOther = changed.some(([section, name]) => section === "tls" && CERTIFICATE_SETTINGS.includes(name));
    const applies = isOther ? [await this.#certificates?.prepare(certificateFiles(next.tls))] : [];
    return () => {
      for (const apply of applies) apply?.();
      this.#take(next);
    };
  }

  #take(next: Config): void {
    this.#config = next;
    this.#rules = StreamRules.from(next);
    this.#levels.set(levelsOf(next.log));
    this.#flusher.maxDelayMs = next.maxDelayMs;
    this.#egress.isOn = next.limits.egressMbps > 0;
    this.#front.configure(this.#frontSettings(next));
  }

  async #openCertificate(): Promise<void> {
    const list = certificateFiles(this.config.tls);
    if (list.length === 0) return;
    const log = this.#log.child("tls");
    const deps = { files: this.#options.files ?? systemFiles, clock: this.#clock, log };
    this.#front.certificate = this.#certificates = await Certificates.open(list, deps);
  }

  async #listenForTls(): Promise<void> {
    const { host, port, ports } = this.config.tls;
    for (const each of ports ?? [port]) await this.#front.listen({ name: "https", host, port: each, needsTls: true });
    this.#front.configure(this.#frontSettings(this.config));
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
    this.#certificates?.[Symbol.dispose]();
  }

  /** Handlers of what has ended may take half of the time; then the plugins go, and end what still hangs. */
  async #windUp(ms: number): Promise<void> {
    await this.#hooks.settled(ms / 2);
    await this.#stopPlugins();
    await this.#hooks.settled(ms / 2);
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

  #openFront(config: Config): OpenFront {
    const answer = getRequestListener((request, env) => this.#http.fetch(request, env as HttpEnv["Bindings"]), {
      overrideGlobalObjects: false,
    });
    return new OpenFront(this.#frontSettings(config), this.#clock, this.#log.child("front"), answer);
  }

  #frontSettings({ limits, log, proxy, tls, stallSeconds }: Config): FrontSettings {
    const https = this.#front?.listeners.find(({ name }) => name === "https");
    return {
      connections: this.#connections(limits.connections, this.#possible),
      connectionsPerAddress: limits.connectionsPerAddress,
      backlog: this.#possible.backlog,
      firstByteMs: limits.firstByteSeconds * 1000,
      headerMs: limits.headerSeconds * 1000,
      stallMs: stallSeconds * 1000,
      proxy: { mode: proxy.protocol, trusted: new NetworkList(proxy.trusted), header: proxy.header },
      logsRequests: log.access,
      redirectPort: tls.redirect && https ? tls.redirectTo ?? https.port : undefined,
    };
  }

  /** A port that meets the limit of open files is deaf for a while, so that limit counts more than a wish. */
  #connections(wanted: number, { connections, isKnown }: ConnectionLimits): number {
    if (wanted === 0) return connections;
    if (wanted <= connections || !isKnown) return wanted;
    if (this.#wanted !== wanted) {
      this.#log.warn(`limits.connections is ${wanted}, but the limit of open files allows ${connections}`);
    }
    this.#wanted = wanted;
    return connections;
  }

  #openStreams(): Streams {
    const config = () => this.config;
    const egress = this.#egress;
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
        return egress.mbps;
      },
      openInternal: (protocol) => this.#admit(this.#newSession({ protocol, remote: "local" })),
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
      clients: this.#clients,
      streams: this.#streams.all,
      sessions: this.sessions,
      stallMs: this.config.stallSeconds * 1000,
      hooks: this.#hooks,
      log: this.#log,
      front: {
        protocol: (protocol) => this.#front.protocol(protocol),
        upgrade: (protocol) => this.#front.upgrade(protocol),
        listen: (options) => this.#front.listen(options),
      },
      open: (info, target) => this.#open(info, target),
      control: this.#control(),
      publish: (session, key) => this.#unlessDraining(session).publish(session, key),
      play: (session, key) => this.#unlessDraining(session).play(session, key),
      bring: (key, source) => this.#streams.bring(key, source),
      stop: (stream, detail) => this.#streams.stop(stream, detail),
    };
  }

  /** A connection from before that wants one more stream is as good as a new one. */
  #unlessDraining({ info }: Session): Streams {
    if (this.#drain) throw this.#drain.refusal(info);
    return this.#streams;
  }

  #control(): ServerControl {
    const draining = () => this.#drain && { since: this.#drain.since, sessions: this.sessions.size };
    const source = () => {
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

  async #open(info: SessionInfo, target: { app?: string; vhost?: string } = {}): Promise<Session> {
    if (this.#closing) throw new Refusal("shutdown", "The server is stopping");
    if (this.#drain) throw this.#drain.refusal(info);
    const session = this.#newSession(info);
    await this.#hooks.permit("connect", { session, app: target.app, vhost: target.vhost ?? DEFAULT_VHOST });
    if (this.#closing) throw new Refusal("shutdown", "The server is stopping");
    if (session.closed) throw new Refusal("denied", session.closed.message);
    return this.#admit(session);
  }

  #newSession(info: SessionInfo): OpenSession {
    const { protocol } = info;
    let log = this.#protocolLogs.get(protocol);
    if (!log) this.#protocolLogs.set(protocol, log = this.#log.child(protocol));
    return new OpenSession(info, log, this.#clock, this.#sessionOver);
  }

  #admit(session: OpenSession): OpenSession {
    this.sessions.add(session);
    session.log.debug("session started", { url: session.info.url });
    this.#hooks.tell("session:start", { session });
    return session;
  }

  readonly #sessionOver: SessionOver = (session, { reason, message: detail }) => {
    if (!this.sessions.delete(session)) return;
    this.#egress.ended(session);
    const { seconds, bytesIn, bytesOut } = session.toJSON();
    session.log.debug(`session ended: ${detail}`, { reason, seconds, bytesIn, bytesOut });
    this.#hooks.tell("session:end", { session, reason, detail, seconds, bytes: bytesIn + bytesOut });
  };

  #routes(): Hono<HttpEnv> {
    const root = new Hono<HttpEnv>();
    for (const plugin of this.#plugins) root.route("/", plugin.before);
    for (const plugin of this.#plugins) root.route("/", plugin.http);
    root.notFound((c) => c.json({ error: "There is nothing at this address" }, 404));
    root.onError((error, c) => {
      if (error instanceof Refusal) {
        return c.json({ error: error.message }, error.status, challengeOf(error));
      }
      this.#log.error(`A request failed: ${error.message}`, { path: c.req.path, error });
      return c.json({ error: "The server failed to answer this request" }, 500);
    });
    return root;
  }
}

function challengeOf({ challenge }: Refusal): Record<string, string> {
  return challenge === undefined ? {} : { "www-authenticate": challenge };
}

function toAddress({ name, host, port }: Listener): ServerAddress {
  const shown = host === "::" || host === "0.0.0.0" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return { name, host, port, url: `${name === "http" ? "http" : name}://${shown}:${port}` };
}
