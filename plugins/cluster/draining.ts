import { BadNameError, parseStreamPath, streamId, streamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { SessionInfo } from "../../kernel/sessions/session.ts";
import { elsewhere } from "./addresses.ts";
import type { ClusterNode } from "./cluster_node.ts";
import { passesOf } from "./node_secrets.ts";
import { ranked } from "./rendezvous.ts";
import { weightOf } from "./parents.ts";

/**
 * While this node is being emptied its peers go to the others, spread by their room; nodes may still fetch what is published
 * here, since their players would lose it before its publisher has moved.
 */
export function drainToOthers(ctx: PluginContext, node: ClusterNode): void {
  ctx.whileDraining({
    redirect: (info) => otherNode(node, info),
    spares: (info) => isNode(node, info),
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

/** Its pass for its very stream says so. */
function isNode({ secrets }: ClusterNode, { url, params }: SessionInfo): boolean {
  const passes = params ? passesOf(params) : [];
  const stream = params && passes.length > 0 ? streamOf(url ?? "", params) : undefined;
  return stream !== undefined && secrets.admits(passes, { action: "play", stream });
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
