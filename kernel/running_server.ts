import { Hono } from "hono";
import { addressOfListener } from "./server_address.ts";
import { OfferedClients } from "./sessions/client.ts";
import { type Config, resolveConfig, type ResolvedConfig, settingsKey } from "./config/config.ts";
import type { SettingPath } from "./config/diff.ts";
import type { ServerFront } from "./front/configured_front.ts";
import type { ServerControl } from "./control.ts";
import type { DrainOptions } from "./drain.ts";
import { errorText } from "./error_text.ts";
import type { ConnectionLimits } from "./front/file_limit.ts";
import type { Examiner } from "./streams/findings.ts";
import type { HttpEnv } from "./front/front.ts";
import type { Apply, Plugin } from "./plugin/plugin.ts";
import { onlyIsolate, type Placement } from "./plugin/placement.ts";
import { PluginHost, type SharedContext, within } from "./plugin/plugin_host.ts";
import { Refusal } from "./reasons.ts";
import { Reloader, type ReloadReport } from "./reload.ts";
import type { Server, ServerAddress, ServerOptions } from "./server.ts";
import { serverControl } from "./server_control.ts";
import { ServerCore } from "./server_core.ts";
import { serverRoutes } from "./front/server_routes.ts";
import type { Session } from "./sessions/session.ts";
import type { SinkControl } from "./streams/sinks.ts";
import type { Stream } from "./streams/stream.ts";
import { type OpenServerFront, serverFrontOpener } from "./workers/open_server_front.ts";

/** The server of `createServer`. */
export class RunningServer implements Server {
  readonly #options: ServerOptions;
  readonly #settings: ResolvedConfig["settings"];
  readonly #running: readonly Plugin[];
  readonly #core: ServerCore;
  readonly #front: ServerFront;
  readonly #placement: Placement;
  readonly #reloader: Reloader;
  readonly #plugins: PluginHost[] = [];
  readonly #sinks = new Set<SinkControl>();
  readonly #examiners = new Set<Examiner>();
  readonly #clients = new OfferedClients();
  #http = new Hono<HttpEnv>();
  #isStarted = false;
  #closing?: Promise<void>;

  private constructor(
    options: ServerOptions,
    { config, plugins, settings }: ResolvedConfig<Plugin>,
    openFront: OpenServerFront,
    possible: ConnectionLimits,
  ) {
    this.#options = options;
    this.#settings = settings;
    this.#running = plugins;
    this.#core = new ServerCore(options, config);
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
    return this.#core.inForce.config;
  }

  get streams(): ReadonlyMap<string, Stream> {
    return this.#core.streams.all;
  }

  get sessions(): ReadonlySet<Session> {
    return this.#core.sessions.all;
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
    this.#core.draining.begin(options);
  }

  resume(): void {
    this.#core.draining.end();
  }

  /** Sets up the plugins, then opens the ports. */
  async start(): Promise<void> {
    for (const [order, plugin] of this.#running.entries()) {
      const host = new PluginHost(plugin, order, this.#shared());
      this.#plugins.push(host);
      await host.setup(this.config[settingsKey(plugin.name)] as Record<string, unknown>);
    }
    this.#http = serverRoutes(this.#plugins, this.#core.log);
    await this.#front.begin();
    this.#core.start();
    this.#front.open();
    this.#isStarted = true;
    this.#core.hooks.tell("server:start", { addresses: this.addresses });
  }

  close(): Promise<void> {
    this.#core.isStopping = true;
    return this.#closing ??= Promise.resolve().then(() => this.#stop());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #stop(): Promise<void> {
    const ms = this.config.shutdownSeconds * 1000;
    this.#front.stopListening();
    if (this.#isStarted) this.#core.hooks.tell("server:stop", {});
    this.#core.streams.close();
    for (const session of [...this.sessions]) session.close("shutdown");
    const isDone = await within(this.#core.clock, ms, this.#windUp(ms));
    if (!isDone) this.#core.log.warn(`Stopping took longer than ${this.config.shutdownSeconds} s: leaving the rest`);
    this.#front[Symbol.dispose]();
    await this.#core[Symbol.asyncDispose]();
  }

  /** Handlers of what has ended may take half of the time; then the plugins go, and end what still hangs. */
  async #windUp(ms: number): Promise<void> {
    await this.#front.windUp?.(ms / 2);
    await this.#core.hooks.settled(ms / 2);
    await this.#stopPlugins();
    await this.#core.hooks.settled(ms / 2);
    await this.#front.finish();
  }

  async #stopPlugins(): Promise<void> {
    for (const plugin of this.#plugins.reverse()) {
      try {
        await plugin[Symbol.asyncDispose]();
      } catch (error) {
        this.#core.log.error(`Plugin ${plugin.name} failed to stop: ${errorText(error)}`);
      }
    }
  }

  #openReloader(): Reloader {
    const config = () => this.config;
    return new Reloader({
      known: this.#options.plugins,
      plugins: this.#plugins,
      get config() {
        return config();
      },
      prepare: (next, changed) => this.#prepare(next, changed),
      done: ({ changed, restart }) => {
        const more = restart.length > 0 ? `; a new start is needed for ${restart.join(", ")}` : "";
        this.#core.log.info(`Settings have been read anew: ${changed.join(", ") || "nothing"} changed${more}`);
        if (changed.length > 0) this.#core.hooks.tell("config:reload", { changed });
      },
    });
  }

  async #prepare(next: Config, changed: readonly SettingPath[]): Promise<Apply> {
    const takeFront = await this.#front.prepare(next, changed);
    return () => {
      this.#core.take(next);
      takeFront();
    };
  }

  #openFront(openFront: OpenServerFront, possible: ConnectionLimits): ServerFront {
    const { clock, files, flusher, hooks, log, sessions, sink, streams } = this.#core;
    return openFront({
      config: this.config,
      possible,
      clock,
      log,
      files,
      workerModule: this.#options.workerModule,
      running: this.#running,
      plugins: this.#plugins,
      hooks,
      timings: flusher.timings,
      streams: streams.all,
      fetch: (request, env) => this.#http.fetch(request, env),
      open: (info, target) => sessions.open(info, target),
      publish: (session, key) => this.#core.publish(session, key),
      play: (session, key) => this.#core.play(session, key),
      say: sink,
    });
  }

  #shared(): SharedContext {
    const { clock, dataLock, draining, feed, files, flusher, hooks, log, sessions, streams } = this.#core;
    return {
      clock,
      fetch: this.#options.fetch ?? fetch,
      dataDir: this.config.dataDir,
      claimDataDir: () => dataLock.take(),
      feed,
      timings: flusher.timings,
      files,
      sinks: this.#sinks,
      examiners: this.#examiners,
      drainPolicies: draining.policies,
      clients: this.#clients,
      streams: streams.all,
      sessions: sessions.all,
      stallMs: this.config.stallSeconds * 1000,
      hooks,
      log,
      front: this.#front,
      placement: this.#placement,
      open: (info, target) => sessions.open(info, target),
      control: this.#control(),
      publish: (session, key) => this.#core.publish(session, key),
      play: (session, key) => this.#core.play(session, key),
      bring: (key, source) => streams.bring(key, source),
      stop: (stream, detail) => streams.stop(stream, detail),
    };
  }

  #control(): ServerControl {
    return serverControl({
      server: this,
      inForce: this.#core.inForce,
      settings: this.#settings,
      reloader: this.#reloader,
      draining: this.#core.draining,
      source: this.#options.configSource,
    });
  }
}
