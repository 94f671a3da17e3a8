import { parseIp } from "./ip_address.ts";
import type { NetworkList } from "./network_list.ts";
import type { PeerAddress } from "./peer_address.ts";

/** The header in which a proxy in front says for whom it asks. */
export type ForwardedHeader = "x-forwarded-for" | "forwarded" | "off";

/** What proxies have said of a request. */
export interface Forwarded {
  /** Who made the request. */
  readonly peer: PeerAddress;
  /** Whether it was made over TLS; undefined when nobody says. */
  readonly isSecure?: boolean;
}

/** Most hops that are looked at: a request with more has been made up. */
const MAX_HOPS = 32;

/**
 * Who made a request that a trusted proxy passed on: the last one in the list whom no trusted proxy stands for.
 *
 * Proxies append to what they are given, so that all before that one may be made up. Undefined when the header is missing
 * or says nothing that can be read.
 */
export function forwardedFor(
  header: Exclude<ForwardedHeader, "off">,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  trusted: NetworkList,
): Forwarded | undefined {
  const isStandard = header === "forwarded";
  const hops = isStandard ? standardHops(textOf(headers.forwarded)) : plainHops(headers);
  let found: Forwarded | undefined;
  for (const hop of hops.slice(-MAX_HOPS).reverse()) {
    const peer = parseNode(hop.node);
    if (!peer) break;
    found = { peer, isSecure: hop.proto === undefined ? undefined : hop.proto === "https" || hop.proto === "wss" };
    const ip = parseIp(peer.ip);
    if (!ip || !trusted.has(ip)) break;
  }
  return found;
}

interface Hop {
  readonly node: string;
  readonly proto?: string;
}

/** `X-Forwarded-For: client, proxy` and `X-Forwarded-Proto`, whose last word is the nearest proxy's. */
function plainHops(headers: Readonly<Record<string, string | string[] | undefined>>): Hop[] {
  const proto = textOf(headers["x-forwarded-proto"]).split(",").at(-1)?.trim().toLowerCase() || undefined;
  return items(textOf(headers["x-forwarded-for"])).map((node) => ({ node, proto }));
}

/** `Forwarded: for=192.0.2.60;proto=https, for="[2001:db8::1]:4711"` (RFC 7239, section 4). */
function standardHops(text: string): Hop[] {
  return items(text).map((element) => {
    const pairs = new Map(
      element.split(";").map((pair) => {
        const [name, ...value] = pair.split("=");
        return [name.trim().toLowerCase(), value.join("=").trim().replace(/^"(.*)"$/, "$1")] as const;
      }),
    );
    return { node: pairs.get("for") ?? "", proto: pairs.get("proto")?.toLowerCase() };
  });
}

function items(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter(Boolean);
}

function textOf(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(",") : value ?? "";
}

/** An address with or without a port; IPv6 in brackets where a port follows (RFC 7239, section 6). */
function parseNode(text: string): PeerAddress | undefined {
  const bare = parseIp(text);
  if (bare) return { ip: text.replace(/^::ffff:(?=\d+\.)/i, ""), port: 0 };
  const [, v6, v4, port = "0"] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const ip = v6 ?? v4;
  if (ip === undefined || !parseIp(ip) || Number(port) > 0xffff) return undefined;
  return { ip: ip.replace(/^::ffff:(?=\d+\.)/i, ""), port: Number(port) };
}
