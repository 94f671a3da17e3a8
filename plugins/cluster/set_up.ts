import process from "node:process";
import { z } from "zod";
import type { PluginContext, Reloadable } from "../../kernel/plugin/plugin.ts";
import { streamMatcher } from "../../kernel/streams/stream_pattern.ts";
import { liveSettings } from "../shared/live_settings.ts";
import { sharedGauges } from "../shared/shared_gauges.ts";
import { admitNodes } from "./admission.ts";
import { ClusterNode, type NodeParts } from "./cluster_node.ts";
import { Copies, rescue } from "./copies.ts";
import { drainToOthers } from "./draining.ts";
import { HttpStore } from "./http_store.ts";
import { NodeSecrets } from "./node_secrets.ts";
import { Publishers } from "./publishers.ts";
import { clusterRoutes } from "./routes.ts";
import type { ClusterSettings } from "./settings.ts";
import type { ClusterStore } from "./store.ts";

/** What a test gives in place of what the machine has. */
export interface OwnParts extends Partial<Pick<NodeParts, "cpuSeconds">> {
  /** The store that these settings mean; undefined for the one that a server would have. */
  openStore?(settings: ClusterSettings, secrets: NodeSecrets): ClusterStore | undefined;
}

/** What counts from then on when it changes while the server runs; another name or address of a node is another node. */
const TAKEN = [
  "redis",
  "nodes",
  "prefix",
  "secret",
  "public",
  "streams",
  "role",
  "publishers",
  "copies",
  "beatSeconds",
  "staleSeconds",
  "mbps",
  "connections",
  "cores",
] as const satisfies readonly (keyof ClusterSettings)[];

/** Makes this server a node of its cluster; the settings have been found to fit together. */
export async function setUp(
  ctx: PluginContext,
  first: ClusterSettings,
  own: OwnParts = {},
): Promise<Reloadable<ClusterSettings>> {
  const live = liveSettings(withCores(ctx, first));
  const settings = live.now;
  const secrets = new NodeSecrets(ctx.clock, settings.secret);
  const openAt = async (settings: ClusterSettings) => {
    const open = await storeOpener(ctx, settings, secrets);
    return () => own.openStore?.(settings, secrets) ?? open();
  };
  const store = (await openAt(settings))();
  const node = new ClusterNode(ctx, settings, { store, secrets, cpuSeconds: own.cpuSeconds ?? cpuSeconds });
  ctx.defer(() => node[Symbol.asyncDispose]());
  let matches = streamMatcher([...settings.streams]);
  follow(ctx, node, settings, (key) => matches(key));
  return {
    takes: TAKEN,
    reload: async (next) => {
      const { role } = settings;
      const open = meansOther(settings, next) ? await openAt(next) : undefined;
      return () => {
        live.take(withCores(ctx, next));
        matches = streamMatcher([...next.streams]);
        secrets.configure(next.secret);
        if (open) node.membership.move(open());
        // The API may have changed it since.
        if (next.role !== role) node.role = next.role;
        node.membership.tell();
      };
    },
  };
}

/** For so long a stream is looked for, in milliseconds, whoever asks: what has just begun elsewhere is known here a moment later. */
const LEAST_LOOK_MS = 1000;

/** Does what a node does, by settings that may change. */
function follow(
  ctx: PluginContext,
  node: ClusterNode,
  settings: ClusterSettings,
  matches: ReturnType<typeof streamMatcher>,
): void {
  admitNodes(ctx, node);
  const publishers = new Publishers(ctx, node, settings);
  ctx.defer(() => publishers[Symbol.asyncDispose]());
  ctx.decide("resolve", ({ session, key, stream, waitSeconds }) => {
    // Another node asks for what it believes to be here: it goes on by itself when that is not so.
    if (!matches(key) || node.isFromNode({ session })) return undefined;
    return node.source(key, stream, node.hopsOf(session), Math.max(LEAST_LOOK_MS, waitSeconds * 1000));
  });
  rescue(ctx, node, matches);
  const copies = new Copies(ctx, node, settings, matches);
  ctx.defer(() => copies[Symbol.dispose]());
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

/** Whether two settings mean different stores. */
function meansOther(one: ClusterSettings, other: ClusterSettings): boolean {
  const [a, b] = [one, other].map(({ redis, prefix, nodes }) => JSON.stringify([redis, prefix, nodes]));
  return a !== b;
}

/** What opens the store that settings mean, and cannot fail. */
async function storeOpener(
  ctx: PluginContext,
  { redis, nodes, prefix }: ClusterSettings,
  secrets: NodeSecrets,
): Promise<() => ClusterStore> {
  if (redis === undefined) return () => new HttpStore(nodes, secrets, ctx);
  const { RedisStore } = await import("./redis_store.ts");
  return () => new RedisStore(redis, prefix, secrets, ctx.log);
}

/** Each worker keeps a core busy. */
function withCores({ control }: PluginContext, settings: ClusterSettings): ClusterSettings {
  const { workers } = z.object({ workers: z.union([z.number(), z.literal("auto")]) }).parse(
    JSON.parse(control.config()),
  );
  const { cores = workers === "auto" ? navigator.hardwareConcurrency : workers } = settings;
  return { ...settings, cores };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
