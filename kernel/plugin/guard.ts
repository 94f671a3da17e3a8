import type { MiddlewareHandler } from "hono";
import type { HttpEnv } from "../front/front.ts";
import type { HookBus } from "./hooks.ts";
import { isProxied as isPassedOn, peerOfRequest } from "../front/peer_address.ts";
import { Refusal } from "../reasons.ts";

/** What somebody who oversees a server may do: look, or change things too. */
export type ManageRole = "read" | "write";

/** A request of somebody who wants to oversee the server. */
export interface ManageRequest {
  readonly role: ManageRole;
  /** The address of the other end of the connection; undefined for a request that was made in memory. */
  readonly address?: string;
  /** Whether a proxy may have passed the request on: an address of this machine says nothing then. */
  readonly isProxied?: boolean;
  /** A header of the request. */
  header(name: string): string | undefined;
}

/** Some proxies pass requests on in this version, as nginx does unless told otherwise, and without a word of who asks. */
const PROXY_VERSION = "1.0";

/**
 * Lets only those through who may oversee the server, as the plugins decide (`manage`); without one that decides, nobody. What
 * is answered is kept by no cache.
 */
export function guard(hooks: HookBus, role: ManageRole): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (!hooks.isDecided("manage")) {
      throw new Refusal("denied", "This server can be overseen by nobody: no plugin decides who may");
    }
    const incoming = c.env?.incoming;
    const address = incoming && peerOfRequest(incoming).ip;
    const isProxied = incoming !== undefined && (isPassedOn(incoming) || incoming.httpVersion === PROXY_VERSION);
    await hooks.permit("manage", { role, address, isProxied, header: (name) => c.req.header(name) });
    await next();
    c.header("cache-control", "no-store");
  };
}
