import { quoted } from "../../../kernel/names.ts";
import { isInProcess, parseIp } from "../../../kernel/front/ip_address.ts";
import { NetworkList } from "../../../kernel/front/network_list.ts";
import { isRefererAllowed } from "./referer.ts";
import type { Action, Visitor } from "../ways/way.ts";

/** Which apps there are. */
export interface AppSettings {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** From where an action is allowed. */
export interface OriginSettings {
  readonly allowIps: readonly string[];
  readonly denyIps: readonly string[];
  readonly referers: readonly string[];
}

/** Says why somebody is kept out whatever credential it has; undefined when it is not. */
export type Gate = (visitor: Visitor) => string | undefined;

/** Keeps out all apps but the allowed ones, and the denied ones. */
export function appGate({ allow, deny }: AppSettings): Gate {
  const allowed = new Set(allow);
  const denied = new Set(deny);
  return ({ key: { app } }) => {
    if (!denied.has(app) && (allowed.size === 0 || allowed.has(app))) return undefined;
    return `The app ${quoted(app)} is not open here`;
  };
}

/** Keeps out addresses and pages that are not allowed; what runs in this process has neither and passes. */
export function originGate(action: Action, { allowIps, denyIps, referers }: OriginSettings): Gate {
  const allowed = allowIps.length > 0 ? new NetworkList(allowIps) : undefined;
  const denied = denyIps.length > 0 ? new NetworkList(denyIps) : undefined;
  return ({ session: { remote, info }, ip }) => {
    if (isInProcess(remote)) return undefined;
    const address = ip === undefined ? undefined : parseIp(ip);
    const isAllowed = address ? (allowed?.has(address) ?? true) && !denied?.has(address) : !allowed && !denied;
    if (!isAllowed) return `Nobody may ${action} from your address`;
    if (referers.length === 0 || isRefererAllowed(info.referer, referers)) return undefined;
    return `Nobody may ${action} from that page`;
  };
}
