import { type Clock, every, type Timer } from "./clock.ts";
import { addressAt, serverFor } from "./front/other_server.ts";
import { Refusal } from "./reasons.ts";
import type { Session, SessionInfo } from "./sessions/session.ts";

/** How a server is emptied. */
export interface DrainOptions {
  /** Where newcomers are sent: the first address of another server that speaks their protocol, `rtmp://b`, `http://b:8501`. */
  readonly redirect?: readonly string[];
  /** Seconds over which those who are there are sent away, some at a time; absent, they may stay as long as they like. */
  readonly seconds?: number;
}

/** What a plugin knows of others that newcomers may go to while a server is being emptied. */
export interface DrainPolicy {
  /** Where a newcomer goes, when whoever empties the server has not said it; undefined for nowhere. */
  redirect?(info: SessionInfo): string | undefined;
  /** Whether emptying does not count for a peer, since it is no player but passes streams on to many. */
  spares?(info: SessionInfo): boolean;
}

/** How far draining is. */
export interface DrainState {
  /** When it began. */
  readonly since: Date;
  /** Sessions that are still there. */
  readonly sessions: number;
}

/** How often some of those who are to leave are sent away, in milliseconds. */
const STEP_MS = 1000;

/** A server that lets nobody in any more. */
export class Drain implements Disposable {
  readonly since: Date;
  readonly #options: DrainOptions;
  readonly #policies: ReadonlySet<DrainPolicy>;
  readonly #timer?: Timer;

  constructor(
    options: DrainOptions,
    clock: Clock,
    sessions: ReadonlySet<Session>,
    policies: ReadonlySet<DrainPolicy> = new Set(),
  ) {
    this.#options = options;
    this.#policies = policies;
    this.since = clock.date();
    const { seconds } = options;
    if (seconds === undefined) return;
    let steps = Math.max(1, Math.ceil(seconds * 1000 / STEP_MS));
    this.#timer = every(clock, STEP_MS, () => {
      sendAway([...sessions].filter(({ info }) => !this.#spares(info)), Math.max(1, steps--));
    });
  }

  /** What a newcomer is told; undefined for one that is let in all the same. */
  refusal(info: SessionInfo): Refusal | undefined {
    if (this.#spares(info)) return undefined;
    const redirect = elsewhere(this.#options.redirect ?? [], info) ?? this.#known(info);
    const words = "This server is being emptied and lets nobody in";
    return new Refusal("shutdown", redirect ? `${words}: another one does` : `${words}: try again`, { redirect });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #spares(info: SessionInfo): boolean {
    return this.#policies.values().some((policy) => policy.spares?.(info));
  }

  #known(info: SessionInfo): string | undefined {
    return this.#policies.values().map((policy) => policy.redirect?.(info)).find((address) => address !== undefined);
  }
}

/** Players go first, those who publish last: nobody is to see a stream end who could have been elsewhere already. */
function sendAway(sessions: readonly Session[], steps: number): void {
  const all = sessions.filter(({ remote }) => remote !== "local");
  const players = all.filter(({ bytesIn, bytesOut }) => bytesOut > bytesIn);
  const others = all.filter((session) => !players.includes(session));
  const count = Math.ceil(all.length / steps);
  for (const session of [...players, ...others].slice(0, count)) {
    session.close("shutdown", "this server is being emptied: connect again");
  }
}

/** The same stream at another server; undefined when none of these speaks the protocol. */
function elsewhere(servers: readonly string[], { protocol, url, params }: SessionInfo): string | undefined {
  const server = serverFor(servers, protocol);
  return server && addressAt(server, URL.parse(url ?? "/", server)?.pathname ?? "/", params);
}
