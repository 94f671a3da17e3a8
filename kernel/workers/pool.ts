import type { Clock, Timer } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { SettingPath } from "../config/diff.ts";
import { portsOf, type ServerFront } from "../front/configured_front.ts";
import type { ConnectionLimits } from "../front/file_limit.ts";
import {
  type Listener,
  type ListenOptions,
  PortError,
  type RefusedKind,
  type SocketProtocol,
  type UpgradeProtocol,
} from "../front/front.ts";
import { streamId, type StreamKey } from "../names.ts";
import type { Apply } from "../plugin/plugin.ts";
import { within } from "../plugin/plugin_host.ts";
import type { Placement } from "../plugin/placement.ts";
import type { Publication } from "../streams/publication.ts";
import type { Session } from "../sessions/session.ts";
import type { ServerAddress } from "../server.ts";
import type { HookBus } from "../plugin/hooks.ts";
import type { Stream } from "../streams/stream.ts";
import { checkFree } from "./isolates/free_port.ts";
import type { LinkHost } from "./link.ts";
import type { RouteEntry, SharedListenOptions, WorkerPlugin, WorkerStart } from "./messages.ts";
import { RunningWorker } from "./isolates/running_worker.ts";
import { forgetWorker, MAX_PORTS, type SharedMemory, shareMemory } from "./memory/shared_memory.ts";
import { WorkerHomes } from "./homes/worker_homes.ts";

/** What a pool of workers is made of. */
export interface WorkerPoolOptions {
  readonly workers: number;
  /** The module that calls `serveWorker`. */
  readonly module: URL;
  readonly config: Config;
  readonly possible: ConnectionLimits;
  /** The plugins that run in workers. */
  readonly plugins: readonly WorkerPlugin[];
  readonly clock: Clock;
  /** The clock of the machine, on which workers run; the server's may be another in tests. */
  readonly machine?: Clock;
  readonly hooks: HookBus;
  readonly host: LinkHost;
  /** What is listened on, as people are told. */
  addresses(listeners: readonly Listener[]): readonly ServerAddress[];
  /** What is to be answered in the main isolate before plugins of the workers, once all are set up. */
  routes(): readonly RouteEntry[];
}

/** A worker that ends within so many milliseconds of its start … */
const EARLY_MS = 10_000;

/** … is started again after so many at first, twice as many each time, … */
const RETRY_MS = 500;

/** … and so many at most. */
const MOST_RETRY_MS = 30_000;

/** How long the next publisher of a stream waits for word of the one before, in milliseconds. */
const ENDING_MS = 1000;

/** How long workers may take to say their last words, in milliseconds. */
const FINISH_MS = 2000;

interface Place {
  worker?: RunningWorker;
  startedAt: number;
  retryMs: number;
  retrying?: Timer;
}

/** The way in of a server with several workers: they share its ports, and a worker that fails is replaced. */
export class WorkerPool implements ServerFront {
  readonly #options: WorkerPoolOptions;
  readonly #memory: SharedMemory;
  readonly #homes: WorkerHomes;
  readonly #places: Place[];
  /** With the ports that were found, by slot. */
  readonly #listeners = new Map<number, Listener & { readonly options: SharedListenOptions }>();
  #config: Config;
  #started?: Promise<void>;
  /** Rejects when a worker fails before all have started. */
  readonly #startFailed = Promise.withResolvers<never>();
  #hasStarted = false;
  #isOpen = false;
  #isOver = false;
  #newestSlot = 0;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#config = options.config;
    this.#memory = shareMemory(options.workers);
    this.#places = Array.from({ length: options.workers }, () => ({ startedAt: 0, retryMs: 0 }));
    this.#homes = this.#openHomes();
  }

  get refused(): ReadonlyMap<RefusedKind, number> {
    return this.#options.host.refused;
  }

  get placement(): Placement {
    return this.#homes.placement;
  }

  get listeners(): readonly Listener[] {
    return [...this.#listeners.values()];
  }

  protocol({ name }: SocketProtocol): Disposable {
    return this.#unserved(name);
  }

  upgrade({ name }: UpgradeProtocol): Disposable {
    return this.#unserved(name);
  }

  async listen(options: ListenOptions): Promise<Listener> {
    await (this.#started ??= this.#start());
    const slot = this.#newestSlot++;
    if (slot >= MAX_PORTS) throw new PortError(options.name, options.port, { cause: new Error("there are too many") });
    try {
      if (options.port !== 0) await checkFree(options.host, options.port);
      const port = await this.#listenFirst({ ...options, slot });
      return this.#listening({ ...options, slot, port });
    } catch (cause) {
      this.#unlisten(slot);
      throw new PortError(options.name, options.port, { cause });
    }
  }

  async begin(): Promise<void> {
    await (this.#started ??= this.#start());
    for (const options of portsOf(this.#config)) await this.listen(options);
  }

  async prepare(next: Config, changed: readonly SettingPath[]): Promise<Apply> {
    await this.#started;
    const asked = this.#running();
    await Promise.all(asked.map((worker) => worker.link.questions.ask({ type: "prepare", config: next, changed })));
    return () => {
      this.#config = next;
      for (const worker of asked) worker.post({ type: "apply" });
      this.#replaceOthers(asked);
    };
  }

  open(): void {
    this.#isOpen = true;
    for (const worker of this.#running()) this.#admit(worker);
  }

  stopListening(): void {
    for (const listener of this.listeners) listener[Symbol.dispose]();
  }

  async windUp(ms: number): Promise<void> {
    const asked = this.#running().map((worker) => worker.link.questions.ask({ type: "wind-up", ms }).catch(() => {}));
    await Promise.all(asked);
  }

  async finish(): Promise<void> {
    this.#isOver = true;
    const stopping = this.#running().map((worker) => worker.link.questions.ask({ type: "stop" }).catch(() => {}));
    await within(this.#options.clock, FINISH_MS, Promise.all(stopping));
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const { worker, retrying } of this.#places) {
      worker?.[Symbol.dispose]();
      retrying?.[Symbol.dispose]();
    }
    this.#homes[Symbol.dispose]();
  }

  /** Another publisher of a stream has begun. */
  resumed(stream: Stream): void {
    for (const { link } of this.#running()) link.resumed(stream);
  }

  async #start(): Promise<void> {
    const spawning = Promise.all(this.#places.map((_, index) => this.#spawn(index)));
    await Promise.race([spawning, this.#startFailed.promise]);
    this.#options.host.log.info(`${this.#places.length} workers share the ports`);
    this.#hasStarted = true;
  }

  /** Starts a worker; rejects when it cannot be set up. */
  async #spawn(index: number): Promise<RunningWorker> {
    const { module, possible, plugins, host, clock, machine } = this.#options;
    forgetWorker(this.#memory, index);
    const { runKey } = this.placement;
    const start: WorkerStart = { index, config: this.#config, possible, plugins, memory: this.#memory, runKey };
    const publish: LinkHost["publish"] = (session, key) => this.#publish(index, session, key);
    const { relay, sinks } = this.#homes;
    const onFailure = (why: string) => this.#failed(index, worker, why);
    const worker = new RunningWorker(module, start, { ...host, publish, relay, sinks }, onFailure, machine);
    this.#places[index].startedAt = clock.now();
    this.#places[index].worker = worker;
    await worker.ready;
    return worker;
  }

  /**
   * The end of a publisher may still be on its way from another worker: who returns is not told that the stream is taken, and
   * does not seem to take it from somebody. In one isolate the end would have come first.
   */
  async #publish(index: number, session: Session, key: StreamKey): Promise<Publication> {
    const { clock, host } = this.#options;
    const id = streamId(key.vhost, key.app, key.name);
    const others = this.#places.flatMap(({ worker }, place) => worker && place !== index ? [worker.link] : []);
    await within(clock, ENDING_MS, Promise.all(others.map((link) => link.ending(id))));
    return await host.publish(session, key);
  }

  /** A worker that began after the others were asked whether they can take new settings has those from before. */
  #replaceOthers(asked: readonly RunningWorker[]): void {
    for (const [index, { worker }] of this.#places.entries()) {
      if (worker && !asked.includes(worker)) this.#failed(index, worker, "it started while settings changed");
    }
  }

  /** While the server starts, who starts it hears of it. */
  #failed(index: number, worker: RunningWorker, why: string): void {
    const place = this.#places[index];
    if (this.#isOver || place.worker !== worker) return;
    if (!this.#hasStarted) return this.#startFailed.reject(new Error(why));
    place.worker = undefined;
    worker[Symbol.dispose]();
    this.#homes.lost(index);
    const { clock, host } = this.#options;
    const wasEarly = clock.now() - place.startedAt < EARLY_MS;
    place.retryMs = wasEarly ? Math.min(Math.max(RETRY_MS, place.retryMs * 2), MOST_RETRY_MS) : 0;
    const when = wasEarly ? ` in ${place.retryMs / 1000} s` : "";
    host.log.error(`Worker ${index + 1} failed and is replaced${when}: ${why}`);
    place.retrying = clock.setTimeout(() => void this.#replace(index), place.retryMs);
  }

  async #replace(index: number): Promise<void> {
    try {
      const worker = await this.#spawn(index);
      this.#homes.begun(index);
      for (const { options } of this.#listeners.values()) await worker.link.questions.ask({ type: "listen", options });
      if (this.#isOpen) this.#admit(worker);
      this.#options.host.log.info(`Worker ${index + 1} serves again`);
    } catch (error) {
      const { worker } = this.#places[index];
      if (worker) this.#failed(index, worker, error instanceof Error ? error.message : String(error));
    }
  }

  #admit({ post }: RunningWorker): void {
    const { routes, addresses } = this.#options;
    post({ type: "admit", routes: routes(), addresses: addresses(this.listeners) });
  }

  #openHomes(): WorkerHomes {
    const { workers, plugins, hooks, host: { streams } } = this.#options;
    const worker = (index: number) => {
      const { worker } = this.#places[index];
      return worker?.isReady ? worker : undefined;
    };
    const homes = new WorkerHomes({ workers, hooks, streams, worker });
    if (plugins.some(({ atHome }) => atHome)) homes.feed();
    return homes;
  }

  #running(): RunningWorker[] {
    return this.#places.flatMap(({ worker }) => worker?.isReady ? [worker] : []);
  }

  /** The first worker finds a free port where any will do; the others take the same. */
  async #listenFirst(options: SharedListenOptions): Promise<number> {
    const [first, ...others] = this.#running();
    if (!first) throw new Error("no worker runs");
    const port = await first.link.questions.ask({ type: "listen", options }) as number;
    const question = { type: "listen", options: { ...options, port } } as const;
    await Promise.all(others.map((worker) => worker.link.questions.ask(question)));
    return port;
  }

  #listening(options: SharedListenOptions): Listener {
    const { name, host, port, slot } = options;
    const listener = { name, host, port, options, [Symbol.dispose]: () => this.#unlisten(slot) };
    this.#listeners.set(slot, listener);
    return listener;
  }

  #unlisten(slot: number): void {
    this.#listeners.delete(slot);
    for (const worker of this.#running()) worker.post({ type: "unlisten", slot });
  }

  /** What plugins of the main isolate offer is of no use unless they run in workers as well. */
  #unserved(protocol: string): Disposable {
    if (!this.#options.plugins.some(({ name }) => name === protocol)) {
      this.#options.host.log.warn(`${protocol} is not served: its plugin does not run in workers`);
    }
    return { [Symbol.dispose]: () => {} };
  }
}
