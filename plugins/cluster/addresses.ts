import { DEFAULT_VHOST, streamId, type StreamKey } from "../../kernel/names.ts";
import { addressAt, serverFor } from "../../kernel/front/other_server.ts";
import { WAIT_PARAM } from "../../kernel/streams/streams.ts";
import { NODE_PASS } from "../shared/node_sessions.ts";
import { withHops } from "../shared/relay/hops.ts";
import type { PassUse } from "./node_pass.ts";
import type { NodeSecrets } from "./node_secrets.ts";

/** Who asks another node for something. */
export interface Asker {
  /** The id of the node that asks. */
  readonly id: string;
  /** By these another node knows it. */
  readonly secrets: Pick<NodeSecrets, "passes">;
}

/** What is wrong with the address of a node, in words; undefined for a good one. */
export function nodeAddressFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return "it is no address such as http://10.0.0.5:8501";
  if (url.pathname !== "/" || url.search || url.hash || url.username) return "it is more than SCHEME://HOST[:PORT]";
}

/** The id that a node has by its address: `10.0.0.5-8501`. */
export function idOf(address: string): string {
  return (URL.parse(address)?.host ?? address).replace(/[^A-Za-z0-9_.-]/g, "-").replace(/^-+/, "").slice(0, 64);
}

/** Where a node fetches a stream from another: at once or not at all, with all its tracks. */
export function playAddress(node: string, key: StreamKey, hops: readonly string[], asker: Asker): string {
  const url = new URL(`/${key.app}/${key.name}.flv`, node);
  url.searchParams.set(WAIT_PARAM, "0");
  url.searchParams.set("tracks", "all");
  return signed(url, key, hops, asker, "play");
}

/** Where a node passes on what is published to it. */
export function publishAddress(node: string, key: StreamKey, hops: readonly string[], asker: Asker): string {
  return signed(new URL(`/${key.app}/${key.name}`, node), key, hops, asker, "publish");
}

/** The same path and query at another server: the first of these addresses that peers of a protocol can go to. */
export function elsewhere(
  servers: readonly string[],
  protocol: string,
  path: string,
  query: URLSearchParams,
): string | undefined {
  const server = serverFor(servers, protocol);
  return server && addressAt(server, path, query);
}

/** The key of a stream by its id; undefined when it is none. */
export function keyOfStream(id: string): StreamKey | undefined {
  const [, vhost = DEFAULT_VHOST, app, name] = STREAM_ID.exec(id) ?? [];
  return app === undefined ? undefined : { vhost, app, name };
}

const STREAM_ID = /^(?:([A-Za-z0-9_.-]{1,253}):)?([A-Za-z0-9_-]{1,128})\/([A-Za-z0-9_-]{1,128})$/;

function signed(url: URL, key: StreamKey, hops: readonly string[], asker: Asker, action: PassUse["action"]): string {
  if (key.vhost !== DEFAULT_VHOST) url.searchParams.set("vhost", key.vhost);
  const stream = streamId(key.vhost, key.app, key.name);
  for (const pass of asker.secrets.passes({ action, stream })) url.searchParams.append(NODE_PASS, pass);
  return withHops(url.href, new URLSearchParams({ hops: hops.join(",") }), asker.id, false);
}
