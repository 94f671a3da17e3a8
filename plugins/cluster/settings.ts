import { z } from "zod";
import { isStreamPattern } from "../../kernel/streams/stream_pattern.ts";
import { nodeAddressFault } from "./addresses.ts";
import { redisAddressFault } from "./redis_faults.ts";
import { NODE_ID, ROLES } from "./report.ts";

/** What becomes of a publisher who comes to a node that takes viewers alone. */
export const PUBLISHER_WAYS = ["push", "redirect", "refuse"] as const;

const address = z.string().refine((text) => nodeAddressFault(text) === undefined, {
  error: ({ input }) => nodeAddressFault(String(input)) ?? "it is no address",
}).meta({ allowed: "an address such as http://10.0.0.5:8501" });

const publicAddress = z.string().regex(/^(rtmps?|https?):\/\/[^/?#]+\/?$/, {
  error: "it is no address such as rtmp://a.example.com or https://a.example.com",
});

/** The settings of a cluster's node. */
export interface ClusterSettings {
  readonly redis?: string;
  readonly nodes: readonly string[];
  readonly secret?: string;
  readonly address?: string;
  readonly id?: string;
  readonly public: readonly string[];
  readonly streams: readonly string[];
  readonly role: (typeof ROLES)[number];
  readonly publishers: (typeof PUBLISHER_WAYS)[number];
  readonly copies: number;
  readonly prefix: string;
  readonly beatSeconds: number;
  readonly staleSeconds: number;
  readonly mbps: number;
  readonly connections: number;
  readonly cores?: number;
}

const settings = z.object({
  redis: z.string().refine((text) => redisAddressFault(text) === undefined, {
    error: ({ input }) => redisAddressFault(String(input)) ?? "it is no address",
  }).optional().meta({
    description: "Redis or Valkey, by which the nodes of a cluster know each other",
    allowed: "an address such as redis://10.0.0.9:6379",
    secret: true,
  }),
  nodes: z.array(address).default([]).describe(
    "The addresses of all nodes, instead of redis; this one may be among them. They need a secret",
  ),
  secret: z.string().min(16).optional().describe(
    "What all nodes know and nobody else: by it they let each other in, whatever auth asks of others. Without it they agree " +
      "on one in redis",
  ),
  address: address.optional().describe("Where the other nodes reach this one; needed in a cluster"),
  id: z.string().regex(NODE_ID).optional().describe(
    "This node's name among the others; made of its address when absent",
  ),
  public: z.array(publicAddress).default([]).describe(
    "Where players and publishers reach this node, by RTMP and by HTTP; its address when absent",
  ),
  streams: z.array(z.string().refine(isStreamPattern, { error: "it is no pattern of streams such as live/*" })).min(1)
    .default(["*"]).describe("Which streams are looked for at the other nodes"),
  role: z.enum(ROLES).default("all").describe("What this node takes: publishers and viewers, or viewers alone"),
  publishers: z.enum(PUBLISHER_WAYS).default("push").describe(
    "What becomes of a publisher who comes to a node that takes viewers alone: passed on to one that takes publishers, sent there, or refused",
  ),
  copies: z.int().min(0).max(8).default(0).describe(
    "On how many other nodes each stream is kept although nobody plays it there, for when its node dies",
  ),
  prefix: z.string().min(1).max(100).default("sluice:").describe("What the names of keys in redis begin with"),
  beatSeconds: z.number().min(0.2).max(60).default(1).describe(
    "From one report of a node to the next; one that misses three is taken for dead",
  ),
  staleSeconds: z.number().min(0).max(86_400).default(600).describe(
    "How long what is known of the other nodes counts while redis does not answer",
  ),
  mbps: z.number().min(1).default(1000).describe("How many megabits per second this node can send"),
  connections: z.int().min(1).default(10_000).describe("How many connections this node can serve"),
  cores: z.number().min(0.1).max(1024).optional().describe(
    "How many cores this node can keep busy; as many as it has workers when absent",
  ),
}).refine(({ redis, nodes, address }) => address !== undefined || (redis === undefined && nodes.length === 0), {
  path: ["address"],
  error: "is missing: where the other nodes reach this one, as in http://10.0.0.5:8501",
}).refine(({ redis, nodes, secret }) => secret !== undefined || redis !== undefined || nodes.length === 0, {
  path: ["secret"],
  error: "is missing: by it the nodes of a list know each other",
});

/** The shape of {@linkcode ClusterSettings}. */
export type ClusterConfig = z.ZodObject<
  { [K in keyof Required<ClusterSettings>]: z.ZodType<ClusterSettings[K], ClusterSettings[K] | undefined> }
>;

/** The schema of {@linkcode ClusterSettings}. */
export const clusterSchema: ClusterConfig = settings;
