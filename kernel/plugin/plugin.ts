import type { Hono, MiddlewareHandler } from "hono";
import { z } from "zod";
import type { StreamClients } from "../sessions/client.ts";
import type { Clock } from "../clock.ts";
import type { DrainPolicy } from "../drain.ts";
import type { Front, HttpEnv } from "../front/front.ts";
import type { EventFeed } from "./event_feed.ts";
import type { Files } from "../files/files.ts";
import type { Examiner, Finding } from "../streams/findings.ts";
import type { ManageRole } from "./guard.ts";
import type { DecidedObserver, DecisionHandler, Decisions, EventHandler, Events, StreamSource } from "./hooks.ts";
import type { Logger } from "../log/log.ts";
import type { StreamKey } from "../names.ts";
import type { ServerControl } from "../control.ts";
import type { StreamGroup, StreamOfRequest } from "./placement.ts";
import type { Playback } from "../streams/playback.ts";
import type { Publication } from "../streams/publication.ts";
import type { Session, SessionInfo } from "../sessions/session.ts";
import type { SinkControl } from "../streams/sinks.ts";
import type { Stream } from "../streams/stream.ts";
import type { Timings } from "../fanout/timings.ts";

/** A plugin's view of the server. All that is registered through it is undone when the plugin goes. */
export interface PluginContext {
  readonly log: Logger;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Aborted when the plugin goes. */
  readonly signal: AbortSignal;
  /** The folder under which everything is written. */
  readonly dataDir: string;
  /** The disk. */
  readonly files: Files;
  /** The plugins that write streams down, for those who oversee them. */
  readonly sinks: ReadonlySet<SinkControl>;
  /** All streams, by id. */
  readonly streams: ReadonlyMap<string, Stream>;
  /** All sessions. */
  readonly sessions: ReadonlySet<Session>;
  /** Routes of this plugin; register them in `setup`. */
  readonly http: Hono<HttpEnv>;
  /** Middleware that runs before every plugin's routes, wherever this one stands in the list; register it in `setup`. */
  readonly before: Hono<HttpEnv>;
  /** Where connections come in: further ports, protocols that are not HTTP, upgrades. */
  readonly front: Front;
  /** Whether this is the main isolate, which sees to what is of the whole server; without workers there is no other. */
  readonly isMain: boolean;
  /** Random bytes of this run of the server, the same in all its isolates: what one of them signs the others can check. */
  readonly runKey: Uint8Array;
  /**
   * Whether this isolate is the home of a stream, given by its id: where it is written down. Without workers that is true of
   * all; with workers of none in the main isolate, and of each in one worker.
   */
  isHome(stream: string): boolean;
  /** Has streams for which `group`, a function of the settings alone, gives the same name share a home. */
  together(group: StreamGroup): void;
  /**
   * Middleware for routes that only a stream's home can answer, in a plugin that is `atHome`: passes other requests on to
   * where they belong. Those for which `streamOf` gives no stream are answered where they are.
   */
  atHome(streamOf: StreamOfRequest): MiddlewareHandler<HttpEnv>;
  /** How long a viewer may take nothing before it is closed, in milliseconds. */
  readonly stallMs: number;
  /** How streams get to other servers and from them; protocols add themselves. */
  readonly clients: StreamClients;
  /** For routes that only those may use who oversee the server: `ctx.http.get("/…", ctx.guard("read"), …)`. */
  guard(role: ManageRole): MiddlewareHandler<HttpEnv>;
  /**
   * Keeps the data folder for this server until it stops: to be awaited by who writes there what the next start continues,
   * before looking at what is there.
   *
   * @throws {DataFolderError} when another server has it
   */
  claimDataDir(): Promise<void>;
  /** Answers a decision, asked before it happens, in the plugins' order; the first denial wins. */
  decide<K extends keyof Decisions>(name: K, handler: DecisionHandler<K>): void;
  /** Hears how each question of a session came out, `connect`, `publish` and `play`. */
  decided(observer: DecidedObserver): void;
  /** Hears of an event after it happened. */
  on<K extends keyof Events>(name: K, handler: EventHandler<K>): void;
  /** Lets others oversee what this plugin writes down. */
  sink(control: SinkControl): void;
  /** Lets others know what this plugin finds out about streams. */
  examiner(examine: Examiner): void;
  /** Says what becomes of peers while the server is being emptied. */
  whileDraining(policy: DrainPolicy): void;
  /** What plugins have found out about a stream. */
  findings(stream: Stream): readonly Finding[];
  /** All events, for those who read them at their own pace. */
  readonly feed: EventFeed;
  /** How long the kernel takes at its work. */
  readonly timings: Timings;
  /** Tells an event. */
  tell<K extends keyof Events>(name: K, event: Events[K]): void;
  /**
   * Opens a session for a peer; `app` and `vhost` are what it connects to, where the protocol says so.
   *
   * @throws {Refusal} when a plugin denies the connection
   */
  open(info: SessionInfo, target?: { readonly app?: string; readonly vhost?: string }): Promise<Session>;
  /**
   * Lets a session publish.
   *
   * @throws {Refusal} in words for the peer
   */
  publish(session: Session, key: StreamKey): Promise<Publication>;
  /**
   * Lets a session play, waiting for the stream if it is not there yet.
   *
   * @throws {Refusal} in words for the peer
   */
  play(session: Session, key: StreamKey): Promise<Playback>;
  /**
   * Brings a stream from elsewhere though no player asks for it, until the result is disposed: one that is not here, or one
   * whose publisher has vanished. Undefined when it is live, or brought already.
   */
  bring(key: StreamKey, source: StreamSource): Disposable | undefined;
  /**
   * Ends a stream and sends its publisher away, as its operator wants.
   *
   * @throws {RangeError} when nothing is published under this id
   */
  stop(stream: string, detail?: string): void;
  /** Settings and draining of the whole server, for those who oversee it. */
  readonly control: ServerControl;
  /** Runs when the plugin goes; the last registered first. */
  defer(cleanup: () => void | Promise<void>): void;
}

/** Takes new settings at once and cannot fail: all that could was done before. */
export type Apply = () => void;

/** What `setup` gives back of a plugin that takes new settings while it runs; others need a new start for that. */
export interface Reloadable<C> {
  /** The settings that it takes so, by the names that stand first in their paths; all when absent. Others need a new start. */
  readonly takes?: readonly (keyof C & string)[];
  /**
   * Makes ready what new settings need, and gives back what makes them count. That is called only when everything else of
   * the new configuration can be taken too; a throw means that none of it is taken.
   */
  reload(config: C): Apply | Promise<Apply>;
}

/** What a plugin is. */
export interface PluginDefinition<S extends z.ZodObject = z.ZodObject> {
  /** In kebab case; its settings stand under the same name in camel case. */
  readonly name: string;
  /** The shape of its settings, with a default for each. */
  readonly config?: S;
  /**
   * True for a protocol: where a server has several workers, connections come in there, so that it is set up in each of them
   * as well as in the main isolate. It keeps to `front`, `http`, `open`, `publish` and `play`, which mean the same there.
   */
  readonly inWorkers?: boolean;
  /**
   * True for a plugin that writes streams down: where a server has several workers, it is set up in each of them as well as
   * in the main isolate, and writes in each the streams that have their home there (`isHome`). What is of the whole server,
   * such as the removal of what need not be kept, it does where `isMain` is true.
   *
   * In a worker, `stream:` events are told of the streams whose home it is, and `streams` has those and others that are
   * watched there; `artifact:` events are told in the main isolate, and `artifact:remove` in the stream's home too;
   * `server:start` is told when a worker begins, also in one that replaces another, which left things as a crash does.
   */
  readonly atHome?: boolean;
  /** Registers what the plugin does; the server accepts nothing before every plugin's setup has settled. */
  setup(
    ctx: PluginContext,
    config: z.output<S>,
  ): void | Reloadable<z.output<S>> | Promise<void | Reloadable<z.output<S>>>;
}

/** A plugin with its settings, ready to be given to `createServer`. */
export interface Plugin {
  readonly name: string;
  readonly config?: z.ZodObject;
  /** Whether it is set up in each worker too, as a protocol. */
  readonly inWorkers?: boolean;
  /** Whether it is set up in each worker too, as what writes streams down. */
  readonly atHome?: boolean;
  /** The address of its module, whose default export it is, where workers are to import it. */
  readonly module?: string;
  /** The settings it was made with; those of the configuration fill in the rest. */
  readonly settings: Readonly<Record<string, unknown>>;
  setup(
    ctx: PluginContext,
    config: Record<string, unknown>,
  ): void | Reloadable<Record<string, unknown>> | Promise<void | Reloadable<Record<string, unknown>>>;
}

/** Makes a plugin with these settings. Throws a `TypeError` that names the setting when one is wrong. */
export interface PluginFactory<S extends z.ZodObject = z.ZodObject> {
  (settings?: Partial<z.input<S>>): Plugin;
  readonly pluginName: string;
  readonly config?: z.ZodObject;
}

/**
 * Makes a plugin's factory from its definition.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 *
 * export default definePlugin({
 *   name: "greeter",
 *   config: z.object({ greeting: z.string().default("hello") }),
 *   setup(ctx, { greeting }) {
 *     ctx.on("play:start", ({ session }) => ctx.log.info(`${greeting} ${session.remote}`));
 *   },
 * });
 * ```
 */
export function definePlugin<S extends z.ZodObject = z.ZodObject>(definition: PluginDefinition<S>): PluginFactory<S> {
  const factory = (settings: Partial<z.input<S>> = {}): Plugin => {
    checkSettings(definition, settings);
    return {
      name: definition.name,
      config: definition.config,
      inWorkers: definition.inWorkers,
      atHome: definition.atHome,
      settings,
      setup: (ctx, config) => definition.setup(ctx, config as z.output<S>) as ReturnType<Plugin["setup"]>,
    };
  };
  return Object.assign(factory, { pluginName: definition.name, config: definition.config });
}

/** Checks setting by setting: what concerns several is for the configuration to check, when all are there. */
function checkSettings(definition: PluginDefinition, settings: Record<string, unknown>): void {
  const result = definition.config && z.strictObject(definition.config.shape).partial().safeParse(settings);
  if (!result && Object.keys(settings).length === 0) return;
  if (result?.success) return;
  const issue = result?.error.issues[0];
  const where = issue?.path.length ? `setting "${issue.path.join(".")}"` : "settings";
  throw new TypeError(`The plugin ${definition.name} has wrong ${where}: ${issue?.message ?? "it takes none"}`);
}
