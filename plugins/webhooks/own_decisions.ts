import type { PluginContext } from "../../kernel/plugin.ts";
import type { Verdict } from "../../kernel/hooks.ts";
import type { Session } from "../../kernel/session.ts";
import { Decider, type DeciderOptions } from "./decider.ts";
import type { Posted } from "./post.ts";

/** The addresses that decide, in our own words. */
export interface DecisionUrls {
  readonly connect?: string;
  readonly publish?: string;
  readonly play?: string;
}

/** Asks a backend before peers connect, publish and play. */
export function decideByUrl(ctx: PluginContext, urls: DecisionUrls, options: Omit<DeciderOptions, "understand">): void {
  const decider = new Decider({ ...options, understand });
  const ask = (name: string, url: string, session: Session, more: object, signal: AbortSignal) => {
    const { id, protocol, remote, info: { url: path, userAgent, referer } } = session;
    const params = Object.fromEntries(session.params);
    const peer = { id, protocol, remote, url: path, userAgent, referer, params };
    const topic = JSON.stringify([name, more, remote.replace(/:\d+$/, ""), params]);
    const body = JSON.stringify({ name, time: ctx.clock.date().toISOString(), ...more, session: peer });
    return decider.decide([url], topic, body, signal);
  };
  const { connect, publish, play } = urls;
  if (connect) {
    ctx.decide(
      "connect",
      ({ session, app, vhost }, signal) => ask("connect", connect, session, { app, vhost }, signal),
    );
  }
  if (publish) {
    ctx.decide("publish", ({ session, stream }, signal) => ask("publish", publish, session, { stream }, signal));
  }
  if (play) ctx.decide("play", ({ session, stream }, signal) => ask("play", play, session, { stream }, signal));
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
