import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import { perServer } from "./per_server.ts";

/** The query's parameter in which a node shows another one that it belongs to the cluster. */
export const NODE_PASS = "node";

/** What a node's pass looks like: when it expires, in seconds since 1970 to the base 36, and a signature. */
export const PASS = /^([0-9a-z]{1,9})\.([\w-]{43})$/;

/** The sessions of other nodes of a server's cluster, which have shown that they belong to it: they need no other credential. */
export const nodeSessions: (ctx: Pick<PluginContext, "feed">) => WeakSet<Session> = perServer(() => new WeakSet());

/** The parameters of a session without a node's pass, which nobody outside the cluster is to see. */
export function withoutPass(params: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...params].filter(([name, value]) => name !== NODE_PASS || !PASS.test(value)));
}
