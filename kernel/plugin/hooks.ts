import type { Clock } from "../clock.ts";
import type { Decisions, Denial, Grant, ResolveRequest, StreamRequest, StreamSource, Verdict } from "./decisions.ts";
import type { Events } from "./events.ts";
import type { ManageRequest } from "./guard.ts";
import type { Logger } from "../log/log.ts";
import { Refusal } from "../reasons.ts";
import type { Session } from "../sessions/session.ts";

export type * from "./decisions.ts";
export type * from "./events.ts";

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
