import process from "node:process";
import type { PluginContext } from "../../kernel/plugin.ts";
import { sharedGauges } from "../shared/shared_gauges.ts";
import { streamMatcher } from "../shared/stream_pattern.ts";
import { admitNodes } from "./admission.ts";
import { ClusterNode, type NodeParts } from "./cluster_node.ts";
import { Copies, rescue } from "./copies.ts";
import { drainToOthers } from "./draining.ts";
import { HttpStore } from "./http_store.ts";
import { Publishers } from "./publishers.ts";
import { clusterRoutes } from "./routes.ts";
import type { ClusterSettings } from "./settings.ts";
import type { ClusterStore } from "./store.ts";

/** What a test gives in place of what the machine has. */
export type OwnParts = Partial<NodeParts>;

const NO_SECRET =
  "cluster.secret is not set: whoever names another node in a request counts as that node here, and is " +
  "neither passed on by the role nor sent away while this node is emptied; give all nodes the same secret";

/** Makes this server a node of its cluster; the settings have been found to fit together. */
export async function setUp(ctx: PluginContext, settings: ClusterSettings, own: OwnParts = {}): Promise<void> {
  const store = own.store ?? await openStore(ctx, settings);
  const node = new ClusterNode(ctx, settings, { store, cpuSeconds: own.cpuSeconds ?? cpuSeconds });
  ctx.defer(() => node[Symbol.asyncDispose]());
  if (settings.secret === undefined) ctx.on("server:start", () => ctx.log.warn(NO_SECRET));
  const matches = streamMatcher([...settings.streams]);
  admitNodes(ctx, node);
  const publishers = new Publishers(ctx, node, settings.publishers);
  ctx.defer(() => publishers[Symbol.asyncDispose]());
  ctx.decide("resolve", ({ session, key, stream, waitSeconds }) => {
    // Another node asks for what it believes to be here: it goes on by itself when that is not so.
    if (!matches(key) || node.isFromNode({ session })) return undefined;
    return node.source(key, stream, node.hopsOf(session), waitSeconds * 1000);
  });
  rescue(ctx, node, matches);
  if (settings.copies > 0) {
    const copies = new Copies(ctx, node, settings.copies, matches);
    ctx.defer(() => copies[Symbol.dispose]());
  }
  drainToOthers(ctx, node);
  clusterRoutes(ctx, node);
  sharedGauges(ctx).push(
    {
      name: "cluster_nodes",
      help: "Nodes of the cluster that this one knows to be there, itself included",
      samples: () => [{ labels: {}, value: node.view.nodes.length + 1 }],
    },
    {
      name: "cluster_store_up",
      help: "Whether that answers by which the nodes know each other",
      samples: () => [{ labels: {}, value: node.membership.problem === undefined ? 1 : 0 }],
    },
  );
}

async function openStore(ctx: PluginContext, settings: ClusterSettings): Promise<ClusterStore> {
  const { redis, nodes, secret = "", prefix } = settings;
  if (redis !== undefined) {
    const { RedisStore } = await import("./redis_store.ts");
    return new RedisStore(redis, prefix, ctx.log);
  }
  return new HttpStore(nodes, secret, ctx);
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
