import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Verdict } from "../../kernel/plugin/hooks.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import { nodeSessions, withoutPass } from "../shared/node_sessions.ts";
import { Decider, type DeciderOptions } from "./decider.ts";
import type { Posted } from "./post.ts";

/** The addresses that decide, in our own words. */
export interface DecisionUrls {
  readonly connect?: string;
  readonly publish?: string;
  readonly play?: string;
}

/** Asks a backend before peers connect, publish and play, where one is named; other nodes of a cluster are none of its own. */
export class OwnDecisions {
  readonly #ctx: PluginContext;
  #urls: DecisionUrls = {};
  #decider?: Decider;

  constructor(ctx: PluginContext) {
    this.#ctx = ctx;
    ctx.decide("connect", ({ session, app, vhost }, signal) => this.#ask("connect", session, { app, vhost }, signal));
    const nodes = nodeSessions(ctx);
    for (const action of ["publish", "play"] as const) {
      ctx.decide(action, ({ session, stream }, signal) => {
        if (!nodes.has(session)) return this.#ask(action, session, { stream }, signal);
      });
    }
  }

  /** Asks others from now on; what was answered is forgotten. */
  configure(urls: DecisionUrls, options: Omit<DeciderOptions, "understand">): void {
    this.#urls = urls;
    this.#decider = new Decider({ ...options, understand });
  }

  #ask(name: keyof DecisionUrls, session: Session, more: object, signal: AbortSignal): Promise<Verdict> | void {
    const url = this.#urls[name];
    if (!url) return;
    const { id, protocol, remote, info: { url: path, userAgent, referer } } = session;
    const params = Object.fromEntries(withoutPass(session.params));
    const peer = { id, protocol, remote, url: path, userAgent, referer, params };
    const topic = JSON.stringify([name, more, remote.replace(/:\d+$/, ""), params]);
    const body = JSON.stringify({ name, time: this.#ctx.clock.date().toISOString(), ...more, session: peer });
    return this.#decider?.decide([url], topic, body, signal);
  }
}

/** Any 2xx is a yes, unless it says `deny`; 4xx is a no with the words it has; anything else is no answer. */
function understand({ status, text }: Posted): Verdict {
  const said = parsed(text);
  if (status >= 200 && status < 300) {
    if (typeof said.deny === "string") return { deny: said.deny, redirect: textOf(said.redirect) };
    return { credential: textOf(said.credential) };
  }
  if (status >= 400 && status < 500) return { deny: textOf(said.deny) ?? "This is not allowed" };
  throw new Error(`its answer has the status ${status}`);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
