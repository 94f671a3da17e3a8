import { BadNameError, parseStreamPath, streamId, streamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin.ts";
import type { SessionInfo } from "../../kernel/session.ts";
import { elsewhere } from "./addresses.ts";
import type { ClusterNode } from "./cluster_node.ts";
import { isNodePass } from "./node_pass.ts";
import { ranked } from "./rendezvous.ts";
import { weightOf } from "./parents.ts";
import { NODE_PASS } from "../shared/node_sessions.ts";
import { hopsOf } from "../shared/relay/hops.ts";

/**
 * While this node is being emptied its peers go to the others, spread by their room; nodes may still fetch what is published
 * here, since their players would lose it before its publisher has moved.
 */
export function drainToOthers(ctx: PluginContext, node: ClusterNode): void {
  ctx.whileDraining({
    redirect: (info) => otherNode(node, info),
    spares: (info) => isNode(ctx, node, info),
  });
}

function otherNode(node: ClusterNode, { protocol, url, params, remote }: SessionInfo): string | undefined {
  const path = URL.parse(url ?? "/", "x://x")?.pathname ?? "/";
  const others = node.view.nodes.map(({ report }) => report).filter(({ isDraining }) => !isDraining)
    .map((report) => ({ id: report.id, weight: weightOf(report), report }));
  return ranked(others, remote)
    .map(({ report }) => elsewhere(report.public, protocol, path, params ?? new URLSearchParams()))
    .find((address) => address !== undefined);
}

/** With a secret a node's pass says so, for its very stream; without one, that it names a node which is known. */
function isNode(ctx: PluginContext, node: ClusterNode, { url, params }: SessionInfo): boolean {
  const { secret } = node.asker;
  if (!params || params.size === 0) return false;
  if (secret === undefined) return node.view.node(hopsOf(params).at(-1) ?? "") !== undefined;
  const pass = params.get(NODE_PASS);
  const stream = pass === null ? undefined : streamOf(url ?? "", params);
  return pass !== null && stream !== undefined &&
    isNodePass(pass, secret, { action: "play", stream }, ctx.clock.date());
}

function streamOf(url: string, params: URLSearchParams): string | undefined {
  const path = (URL.parse(url, "x://x")?.pathname ?? "").slice(1).replace(/\.flv$/, "");
  try {
    const { app, name } = parseStreamPath(path);
    return streamId(streamKey(app, name, params).vhost, app, name);
  } catch (error) {
    if (error instanceof BadNameError) return undefined;
    throw error;
  }
}
