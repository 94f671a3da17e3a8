import { z } from "@hono/zod-openapi";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { Problem } from "../../kernel/front/problem.ts";
import { describedRoutes, PROBLEM } from "../shared/http/described_routes.ts";
import { pageAsked, paged, pageOf, pageQuery } from "../shared/http/paging.ts";
import { requestJson } from "../shared/http/request_json.ts";
import type { ClusterNode } from "./cluster_node.ts";
import { NODE_SCHEME, REPORT_PATH, REPORT_USE } from "./http_store.ts";
import { loadOf, type NodeReport, ROLES } from "./report.ts";

const PATH = "/api/v1/cluster";

/** A role is not longer. */
const MAX_BODY_BYTES = 1024;

const nodeJson = z.object({
  id: z.string(),
  isSelf: z.boolean(),
  address: z.string(),
  public: z.array(z.string()),
  role: z.enum(ROLES),
  isDraining: z.boolean(),
  load: z.object({
    connections: z.number(),
    mostConnections: z.number(),
    mbps: z.number(),
    mostMbps: z.number(),
    cpu: z.number(),
    used: z.number().describe("How much of what it can it does; 1 is all"),
  }),
  streams: z.int(),
  heardSeconds: z.number().describe("How long ago it was heard of"),
}).meta({ id: "ClusterNode" });

const clusterJson = z.object({
  self: z.string(),
  store: z.object({
    name: z.string(),
    isAnswering: z.boolean(),
    problem: z.string().optional(),
    silentSeconds: z.number().optional().describe("How long it has not answered"),
  }),
  nodes: z.array(nodeJson),
}).meta({ id: "Cluster" });

const streamJson = z.object({
  stream: z.string(),
  nodes: z.array(z.object({
    node: z.string(),
    kind: z.enum(["origin", "copy"]).describe("Published there, or fetched from another node"),
    state: z.enum(["live", "interrupted"]),
    via: z.array(z.string()).describe("The nodes that a copy comes through, the nearest first"),
  })),
}).meta({ id: "ClusterStream" });

const wish = z.strictObject({ role: z.enum(ROLES) }).meta({ id: "RoleWish" });

/** What is known of the cluster, changing this node's role, and what other nodes of a list ask. */
export function clusterRoutes(ctx: PluginContext, node: ClusterNode): void {
  describe(ctx);
  ctx.http.get(PATH, ctx.guard("read"), (c) => c.json(clusterOf(node)));
  ctx.http.get(`${PATH}/streams`, ctx.guard("read"), (c) => c.json(paged(streamsOf(node), pageAsked(c))));
  ctx.http.put(`${PATH}/role`, ctx.guard("write"), async (c) => {
    const parsed = wish.safeParse(await requestJson(c.req.raw, MAX_BODY_BYTES));
    if (!parsed.success) throw new Problem(400, `Expected a JSON body of { role }, which is ${ROLES.join(" or ")}`);
    node.role = parsed.data.role;
    return c.json({ role: node.role });
  });
  ctx.http.get(REPORT_PATH, (c) => {
    const [scheme, passes = ""] = (c.req.header("authorization") ?? "").split(" ");
    const isNode = scheme === NODE_SCHEME && node.secrets.admits(passes.split(","), REPORT_USE);
    if (!isNode) throw new Problem(401, "Only the nodes of this cluster are told", NODE_SCHEME);
    return c.json(node.report(), 200, { "cache-control": "no-store" });
  });
}

function clusterOf(node: ClusterNode): z.infer<typeof clusterJson> {
  const now = node.clock.now();
  const { problem } = node.membership;
  const { lostAt } = node.view;
  const seconds = (since: number) => Math.round((now - since) / 100) / 10;
  return {
    self: node.id,
    store: {
      name: node.membership.store,
      isAnswering: problem === undefined,
      problem,
      silentSeconds: lostAt === undefined ? undefined : seconds(lostAt),
    },
    nodes: [
      shown(node.report(), true, 0),
      ...node.view.nodes.map(({ report, heardAt }) => shown(report, false, seconds(heardAt))),
    ],
  };
}

function shown(report: NodeReport, isSelf: boolean, heardSeconds: number): z.infer<typeof nodeJson> {
  const { id, address, role, isDraining, load, streams } = report;
  const used = Math.round(loadOf(load) * 100) / 100;
  const more = { load: { ...load, used }, streams: streams.length, heardSeconds };
  return { id, isSelf, address, public: [...report.public], role, isDraining, ...more };
}

function streamsOf(node: ClusterNode): z.infer<typeof streamJson>[] {
  const streams = new Map<string, z.infer<typeof streamJson>>();
  for (const { id, streams: held } of [node.report(), ...node.view.nodes.map(({ report }) => report)]) {
    for (const { stream, kind, state, via } of held) {
      const known = streams.get(stream) ?? { stream, nodes: [] };
      known.nodes.push({ node: id, kind, state, via: [...via] });
      streams.set(stream, known);
    }
  }
  return [...streams.values()].sort((a, b) => a.stream < b.stream ? -1 : 1);
}

function describe(ctx: PluginContext): void {
  const shared = { tags: ["cluster"], security: [{ token: [] }] };
  const json = (schema: z.ZodType) => ({ content: { "application/json": { schema } } });
  const role = z.object({ role: z.enum(ROLES) });
  describedRoutes(ctx).push(
    {
      ...shared,
      method: "get",
      path: PATH,
      summary: "Show the nodes of the cluster, as this one knows them",
      responses: { 200: { description: "This node first", ...json(clusterJson) }, default: PROBLEM },
    },
    {
      ...shared,
      method: "get",
      path: `${PATH}/streams`,
      summary: "List the streams of the cluster, and where they are",
      request: { query: pageQuery },
      responses: { 200: { description: "By name", ...json(pageOf(streamJson)) }, default: PROBLEM },
    },
    {
      ...shared,
      method: "put",
      path: `${PATH}/role`,
      summary: "Let this node take publishers and viewers, or viewers alone",
      request: { body: { ...json(wish), required: true } },
      responses: { 200: { description: "What it takes now", ...json(role) }, default: PROBLEM },
    },
  );
}
