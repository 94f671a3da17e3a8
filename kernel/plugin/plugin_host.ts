import { Hono } from "hono";
import type { StreamClients } from "../sessions/client.ts";
import type { Clock } from "../clock.ts";
import type { DrainPolicy } from "../drain.ts";
import type { Front, HttpEnv, Listener, ListenOptions } from "../front/front.ts";
import type { Examiner } from "../streams/findings.ts";
import { guard } from "./guard.ts";
import type { DecisionHandler, Decisions, EventHandler, Events, HookBus } from "./hooks.ts";
import type { Logger } from "../log/log.ts";
import type { Apply, Plugin, PluginContext, Reloadable } from "./plugin.ts";
import type { Placement } from "./placement.ts";
import { Closed } from "../reasons.ts";
import type { SinkControl } from "../streams/sinks.ts";

/** What plugins share with the server. */
export type SharedContext =
  & Pick<
    PluginContext,
    | "clock"
    | "fetch"
    | "claimDataDir"
    | "dataDir"
    | "feed"
    | "timings"
    | "files"
    | "streams"
    | "sessions"
    | "stallMs"
    | "open"
    | "publish"
    | "play"
    | "bring"
    | "stop"
    | "control"
  >
  & {
    readonly hooks: HookBus;
    readonly front: Front;
    readonly log: Logger;
    readonly sinks: Set<SinkControl>;
    readonly examiners: Set<Examiner>;
    readonly drainPolicies: Set<DrainPolicy>;
    readonly clients: StreamClients;
    readonly placement: Placement;
  };

/** One plugin in one server: everything it registers is undone when this is disposed. */
export class PluginHost implements AsyncDisposable {
  readonly http = new Hono<HttpEnv>();
  readonly before = new Hono<HttpEnv>();
  readonly #plugin: Plugin;
  readonly #order: number;
  readonly #shared: SharedContext;
  #reloadable?: Reloadable<Record<string, unknown>>;
  readonly #undo = new AsyncDisposableStack();
  readonly #controller = new AbortController();

  constructor(plugin: Plugin, order: number, shared: SharedContext) {
    this.#plugin = plugin;
    this.#order = order;
    this.#shared = shared;
  }

  get name(): string {
    return this.#plugin.name;
  }

  /** Runs the plugin's setup with its checked settings. */
  async setup(settings: Record<string, unknown>): Promise<void> {
    this.#reloadable = await this.#plugin.setup(this.#context(), settings) ?? undefined;
  }

  /** Whether it takes a new value of this setting while it runs. */
  takes(setting: string): boolean {
    if (!this.#reloadable) return false;
    const { takes } = this.#reloadable;
    return takes === undefined || takes.includes(setting);
  }

  /** Makes ready what new settings need; throws when they cannot be taken. */
  async prepare(settings: Record<string, unknown>): Promise<Apply> {
    if (!this.#reloadable) throw new TypeError(`The plugin ${this.name} takes no settings while it runs`);
    return await this.#reloadable.reload(settings);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort(new Closed("shutdown"));
    await this.#undo.disposeAsync();
  }

  #context(): PluginContext {
    const { hooks, log, front, examiners, drainPolicies, clients, placement, ...shared } = this.#shared;
    const { sinks } = shared;
    const { name } = this;
    return {
      ...shared,
      log: log.child(name),
      signal: this.#controller.signal,
      http: this.http,
      before: this.before,
      front: this.#front(front),
      isMain: placement.isMain,
      runKey: placement.runKey,
      isHome: (stream) => placement.isHome(stream),
      together: (group) => void this.#undo.use(placement.together(group)),
      atHome: (streamOf) => placement.atHome(streamOf),
      decide: <K extends keyof Decisions>(hook: K, handler: DecisionHandler<K>) => {
        this.#undo.use(hooks.decide(hook, handler, name, this.#order));
      },
      decided: (observer) => void this.#undo.use(hooks.onDecided(observer)),
      on: <K extends keyof Events>(hook: K, handler: EventHandler<K>) => {
        this.#undo.use(hooks.on(hook, handler, name, this.#order));
      },
      clients: { add: (client) => this.#undo.use(clients.add(client)), for: (url) => clients.for(url) },
      guard: (role) => guard(hooks, role),
      examiner: (examine) => this.#keep(examiners, examine),
      whileDraining: (policy) => this.#keep(drainPolicies, policy),
      findings: (stream) => [...examiners].flatMap((examine) => examine(stream)),
      sink: (own) => this.#keep(sinks, this.#plugin.atHome ? placement.overseen(own) : own),
      tell: (hook, event) => hooks.tell(hook, event),
      defer: (cleanup) => this.#undo.defer(cleanup),
    };
  }

  #keep<T>(all: Set<T>, one: T): void {
    all.add(one);
    this.#undo.defer(() => void all.delete(one));
  }

  #front(front: Front): Front {
    return {
      get refused() {
        return front.refused;
      },
      protocol: (protocol) => this.#undo.use(front.protocol(protocol)),
      upgrade: (protocol) => this.#undo.use(front.upgrade(protocol)),
      listen: async (options: ListenOptions): Promise<Listener> => this.#undo.use(await front.listen(options)),
    };
  }
}

/** Waits for a promise, at most `ms`; true if it settled in time. */
export async function within(clock: Clock, ms: number, promise: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  using _timer = clock.setTimeout(() => late.resolve(false), ms);
  return await Promise.race([promise.then(() => true as const), late.promise]);
}
