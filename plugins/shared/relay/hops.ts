import { HOPS_PARAM } from "../../../kernel/sessions/hops.ts";
import { WAIT_PARAM } from "../../../kernel/streams/streams.ts";
import { VIEWER_PASS_NAME } from "../viewer_pass.ts";

/** By which players say what of a stream they want: it is fetched once, and whole, for all of them. */
const SELECTION_PARAMS = ["audio", "video", "tracks"];

/** What a peer says with these is for this server alone. */
const OWN_PARAMS: ReadonlySet<string> = new Set([HOPS_PARAM, WAIT_PARAM, VIEWER_PASS_NAME, ...SELECTION_PARAMS]);

/** Longer ways than this are none that anybody has laid on purpose. */
const MAX_HOPS = 16;

/** What is said of every way that leads back. */
const IN_A_CIRCLE = "in a circle";

/** Whether another server has refused because the way leads back to it: it has the stream, and needs it from nobody. */
export function leadsBack({ message }: Error): boolean {
  return message.includes(IN_A_CIRCLE);
}

/** The names of the servers that a request has come through. */
export function hopsOf(params: URLSearchParams): readonly string[] {
  const names = params.getAll(HOPS_PARAM).flatMap((list) => list.split(",").map((name) => name.trim()));
  return names.filter(Boolean).slice(0, MAX_HOPS + 1);
}

/** Why a request must not go on through the server of this name, in words; undefined when it may. */
export function hopFault(params: URLSearchParams, id: string): string | undefined {
  const hops = hopsOf(params);
  if (hops.includes(id)) {
    return `the request has come through this server already: the servers ask each other ${IN_A_CIRCLE}`;
  }
  if (hops.length >= MAX_HOPS) return `the request has come through ${MAX_HOPS} servers`;
}

/** The same of a stream that another server sends, rather than of a request for one. */
export function sentFault(params: URLSearchParams, id: string): string | undefined {
  const hops = hopsOf(params);
  if (hops.includes(id)) return `the stream came from here, and the servers send it ${IN_A_CIRCLE}`;
  if (hops.length >= MAX_HOPS) return `the stream has come through ${MAX_HOPS} servers`;
}

/** An address with the way so far and this server behind it; `query` is taken along where it is wanted. */
export function withHops(address: string, params: URLSearchParams, id: string, takesQuery: boolean): string {
  const url = new URL(address);
  if (takesQuery) {
    for (const [name, value] of params) {
      if (!OWN_PARAMS.has(name)) url.searchParams.append(name, value);
    }
  }
  url.searchParams.set(HOPS_PARAM, [...hopsOf(params), id].join(","));
  return url.href.replaceAll("%2C", ",");
}
