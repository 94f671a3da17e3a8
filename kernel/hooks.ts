import type { MediaPacket } from "../media/packet.ts";
import type { Clock } from "./clock.ts";
import type { ManageRequest } from "./guard.ts";
import type { Logger } from "./log/log.ts";
import type { StreamKey } from "./names.ts";
import type { Publication } from "./publication.ts";
import { type CloseReason, Refusal } from "./reasons.ts";
import type { Session } from "./session.ts";
import type { Stream } from "./stream.ts";

/** A decision's answer "no", with what the peer is told. */
export interface Denial {
  readonly deny: string;
  /** Where the peer should go instead. */
  readonly redirect?: string;
  /**
   * How the peer may say who it is, as HTTP's `WWW-Authenticate` has it: what it presented does not count, and the
   * answer is 401 rather than 403 (RFC 9110, section 15.5.2).
   */
  readonly challenge?: string;
}

/** A decision's answer "yes", with what the kernel should know of it; saying nothing means yes too. */
export interface Grant {
  /** Who the peer proved to be: a publisher with the same credential may take over from itself. */
  readonly credential?: string;
}

/** What a handler of `connect`, `publish` and `play` answers. */
export type Verdict = Denial | Grant | void;

/** Where a stream comes from that is not published here: it writes into the local stream until its signal aborts. */
export interface StreamSource {
  /** Named in logs as the publisher's protocol, for instance `edge`. */
  readonly name: string;
  /** True for one that makes room for whoever publishes here: what is published counts more than what is fetched. */
  readonly givesWay?: boolean;
  /**
   * Runs until the upstream ends or `signal` aborts. `begin` makes the stream live, and is to be called when the upstream has
   * answered: until then players wait. Throws, in words for the players, when there is no such stream upstream.
   */
  run(begin: () => Publication, signal: AbortSignal): Promise<void>;
}

/** A session that asks for a stream. */
export interface StreamRequest {
  readonly session: Session;
  readonly key: StreamKey;
  /** The stream's id, `app/name`, with its vhost in front where it has one. */
  readonly stream: string;
}

/** A session that waits for a stream which is not here. */
export interface ResolveRequest extends StreamRequest {
  /** For how many seconds it does, at most. */
  readonly waitSeconds: number;
}

/** Asked before something happens, in the plugins' order; a throw or a timeout refuses. */
export interface Decisions {
  /** May this peer open a session at all? */
  connect: { request: { readonly session: Session; readonly app?: string; readonly vhost: string }; answer: Verdict };
  /** May this session publish this stream? */
  publish: { request: StreamRequest; answer: Verdict };
  /** May this session play this stream? */
  play: { request: StreamRequest; answer: Verdict };
  /** May this request oversee the server: its API, its metrics? Unlike elsewhere, silence means no. */
  manage: { request: ManageRequest; answer: Verdict };
  /** Where can a stream be had that is not here? The first source wins. */
  resolve: { request: ResolveRequest; answer: StreamSource | void };
}

/** How much a session, a publication or a playback moved, told at its end. */
export interface EndFigures {
  readonly reason: CloseReason;
  readonly detail: string;
  readonly seconds: number;
  readonly bytes: number;
}

/** A file or segment that a sink wrote. */
export interface Artifact {
  readonly stream: string;
  /** The plugin that wrote it. */
  readonly by: string;
  /** Below the data directory. */
  readonly path: string;
  readonly bytes?: number;
  readonly seconds?: number;
}

/** A complete recording that an object store has confirmed. */
export interface StoredArtifact extends Artifact {
  /** What it is called in the store. */
  readonly key: string;
  /** Where it is there, for those who may read it: nothing is signed. */
  readonly url: string;
}

/** A sink that could not go on with a stream. */
export interface ArtifactFailure {
  readonly stream: string;
  /** The plugin that failed. */
  readonly by: string;
  /** What happened, in words. */
  readonly problem: string;
  /** When it tries again, in seconds from now. */
  readonly retrySeconds: number;
}

/** What becomes of the files of sinks. */
export interface ArtifactEvents {
  "artifact:open": Artifact;
  "artifact:segment": Artifact;
  "artifact:complete": Artifact;
  /** It was removed, because it had grown too old or the room was needed. */
  "artifact:remove": Artifact;
  /** An object store has confirmed all of it. */
  "artifact:store": StoredArtifact;
  "artifact:fail": ArtifactFailure;
}

/** Told after something has happened. Every `:start` has exactly one `:end`. */
export interface Events extends ArtifactEvents {
  "session:start": { readonly session: Session };
  "session:end": { readonly session: Session } & EndFigures;
  "stream:start": { readonly stream: Stream; readonly session: Session };
  /** A track turned up: this is its first configuration or frame. */
  "stream:track": { readonly stream: Stream; readonly packet: MediaPacket };
  "stream:config": { readonly stream: Stream; readonly packet: MediaPacket };
  "stream:metadata": { readonly stream: Stream; readonly packet: MediaPacket };
  "stream:interrupt": { readonly stream: Stream; readonly reason: CloseReason };
  "stream:resume": { readonly stream: Stream; readonly session: Session };
  "stream:end": { readonly stream: Stream } & EndFigures;
  "play:start": { readonly stream: Stream; readonly session: Session };
  "play:end": { readonly stream: Stream; readonly session: Session; readonly skips: number } & EndFigures;
  "config:reload": { readonly changed: readonly string[] };
  "server:start": { readonly addresses: readonly { readonly name: string; readonly url: string }[] };
  /** The server lets nobody in from now on, or everybody again. */
  "server:drain": { readonly isDraining: boolean };
  "server:stop": Record<never, never>;
}

/** Decides a request; `signal` aborts when the answer comes too late to count. */
export type DecisionHandler<K extends keyof Decisions> = (
  request: Decisions[K]["request"],
  signal: AbortSignal,
) => Decisions[K]["answer"] | Promise<Decisions[K]["answer"]>;

/** Hears of an event; what it throws is logged and harms nobody else. */
export type EventHandler<K extends keyof Events> = (event: Events[K]) => void | Promise<void>;

/** Hears of every event; what it throws is logged and harms nobody else. */
export type EventObserver = <K extends keyof Events>(name: K, event: Events[K]) => void;

/** How a session's question came out. */
export interface Decided {
  readonly name: "connect" | "publish" | "play";
  readonly session: Session;
  /** The stream's id, unless it is about the connection. */
  readonly stream?: string;
  /** How long it took. */
  readonly ms: number;
  /** Why the answer is no; undefined when it is yes. */
  readonly refusal?: Refusal;
}

/** Hears how each question of a session came out; what it throws is logged. */
export type DecidedObserver = (decided: Decided) => void;

/** How long one handler may think about a decision before the answer is no. */
const DECISION_MS = 10_000;

interface Registered<H> {
  readonly order: number;
  readonly owner: string;
  readonly handler: H;
}

type Handlers<Names extends string, H extends { [K in Names]: unknown }> = { [K in Names]?: Registered<H[K]>[] };

/** The bus on which kernel and plugins meet: decisions before, events after. */
export class HookBus {
  readonly #decisions: Handlers<keyof Decisions, { [K in keyof Decisions]: DecisionHandler<K> }> = {};
  readonly #events: Handlers<keyof Events, { [K in keyof Events]: EventHandler<K> }> = {};
  readonly #running = new Set<Promise<void>>();
  readonly #observers = new Set<EventObserver>();
  readonly #decidedObservers = new Set<DecidedObserver>();
  readonly #log: Logger;
  readonly #clock: Clock;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** How many handlers are registered. */
  get size(): number {
    const lists: readonly (readonly unknown[])[] = [...Object.values(this.#decisions), ...Object.values(this.#events)];
    return lists.reduce((sum, list) => sum + list.length, 0);
  }

  /** Registers a decision's handler; `order` is the plugin's place in the list. Disposing takes it back. */
  decide<K extends keyof Decisions>(name: K, handler: DecisionHandler<K>, owner: string, order: number): Disposable {
    return insert<DecisionHandler<K>>((this.#decisions[name] ??= []) as never, { handler, owner, order });
  }

  /** Registers an event's handler. Disposing takes it back. */
  on<K extends keyof Events>(name: K, handler: EventHandler<K>, owner: string, order: number): Disposable {
    return insert<EventHandler<K>>((this.#events[name] ??= []) as never, { handler, owner, order });
  }

  /**
   * Asks whether a request is allowed.
   *
   * @throws {Refusal} with the first denial, or when a handler throws or does not answer in time
   */
  async permit(
    name: "connect" | "publish" | "play" | "manage",
    request: Decisions[typeof name]["request"],
  ): Promise<Grant> {
    if (this.#decidedObservers.size === 0 || name === "manage") return await this.#permit(name, request);
    const since = this.#clock.now();
    const told = (refusal?: Refusal) => {
      const { session, stream } = request as Partial<StreamRequest> & Pick<StreamRequest, "session">;
      this.#tellDecided({ name, session, stream, ms: this.#clock.now() - since, refusal });
    };
    try {
      const grant = await this.#permit(name, request);
      told();
      return grant;
    } catch (error) {
      told(error as Refusal);
      throw error;
    }
  }

  async #permit(
    name: "connect" | "publish" | "play" | "manage",
    request: Decisions[typeof name]["request"],
  ): Promise<Grant> {
    let grant: Grant = {};
    const handlers = [...this.#decisions[name] ?? []] as Registered<DecisionHandler<typeof name>>[];
    for (const { handler, owner } of handlers) {
      const ask = async (signal: AbortSignal) =>
        checked(await handler(request as StreamRequest & ManageRequest, signal));
      const verdict = await this.#ask(name, owner, ask);
      if (!verdict) continue;
      if ("deny" in verdict) throw refusalOf(verdict);
      grant = { ...grant, ...verdict };
    }
    return grant;
  }

  /** Whether anybody answers a decision. */
  isDecided(name: keyof Decisions): boolean {
    return (this.#decisions[name]?.length ?? 0) > 0;
  }

  /** Asks where a stream can be had; undefined when nobody knows. A handler that fails is as one that does not know. */
  async resolve(request: ResolveRequest): Promise<StreamSource | undefined> {
    for (const { handler, owner } of [...this.#decisions.resolve ?? []]) {
      const source = await this.#ask("resolve", owner, (signal) => handler(request, signal)).catch(() => undefined);
      if (source) return source;
    }
  }

  /** Calls back for every event, before its handlers hear of it. Disposing takes it back. */
  observe(observer: EventObserver): Disposable {
    this.#observers.add(observer);
    return { [Symbol.dispose]: () => void this.#observers.delete(observer) };
  }

  /** Calls back for every decision about a session that has come out. Disposing takes it back. */
  onDecided(observer: DecidedObserver): Disposable {
    this.#decidedObservers.add(observer);
    return { [Symbol.dispose]: () => void this.#decidedObservers.delete(observer) };
  }

  /** Tells all handlers of an event at once, without waiting for them. */
  tell<K extends keyof Events>(name: K, event: Events[K]): void {
    for (const observer of [...this.#observers]) {
      try {
        observer(name, event);
      } catch (error) {
        this.#failed(name, "observer", error);
      }
    }
    for (const { handler, owner } of [...this.#events[name] ?? []] as Registered<EventHandler<K>>[]) {
      try {
        const result = handler(event);
        if (result instanceof Promise) this.#track(result, name, owner);
      } catch (error) {
        this.#failed(name, owner, error);
      }
    }
  }

  /** Waits until the handlers that are still at work, and those that hear of what they do, are done; at most `ms`. */
  async settled(ms: number): Promise<void> {
    const late = Promise.withResolvers<"late">();
    using _timer = this.#clock.setTimeout(() => late.resolve("late"), ms);
    while (this.#running.size > 0) {
      if (await Promise.race([Promise.all(this.#running), late.promise]) === "late") return;
    }
  }

  #tellDecided(decided: Decided): void {
    for (const observer of [...this.#decidedObservers]) {
      try {
        observer(decided);
      } catch (error) {
        this.#failed(decided.name, "observer", error);
      }
    }
  }

  async #ask<T>(name: string, owner: string, handler: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
    const controller = new AbortController();
    const late = Promise.withResolvers<never>();
    using _timer = this.#clock.setTimeout(() => {
      late.reject(new Error(`no answer within ${DECISION_MS / 1000} s`));
      controller.abort();
    }, DECISION_MS);
    try {
      return await Promise.race([handler(controller.signal), late.promise]);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      this.#failed(name, owner, error);
      throw new Refusal("error", `The server could not decide this ${name} request`, { cause: error });
    }
  }

  #track(result: Promise<void>, name: string, owner: string): void {
    const done: Promise<void> = result
      .catch((error) => this.#failed(name, owner, error))
      .finally(() => this.#running.delete(done));
    this.#running.add(done);
  }

  #failed(name: string, owner: string, error: unknown): void {
    this.#log.error(
      `Plugin ${owner} failed in its ${name} handler: ${error instanceof Error ? error.message : error}`,
      {
        plugin: owner,
        hook: name,
        error,
      },
    );
  }
}

/** Plugins need not be checked by a compiler, and no answer that was meant as a "no" may pass for a "yes". */
function checked(verdict: Verdict): Verdict {
  if (verdict === undefined || (typeof verdict === "object" && verdict !== null)) return verdict;
  throw new TypeError(`its answer is ${verdict}, neither a grant nor a denial`);
}

function refusalOf({ deny, redirect, challenge }: Denial): Refusal {
  return new Refusal(challenge === undefined ? "denied" : "unauthorized", deny, { redirect, challenge });
}

function insert<H>(list: Registered<H>[], entry: Registered<H>): Disposable {
  const at = list.findIndex((other) => other.order > entry.order);
  list.splice(at < 0 ? list.length : at, 0, entry);
  return {
    [Symbol.dispose]() {
      const index = list.indexOf(entry);
      if (index >= 0) list.splice(index, 1);
    },
  };
}
