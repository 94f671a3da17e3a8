import { z } from "zod";

/** What a node takes: publishers and viewers, or viewers alone. */
export const ROLES = ["all", "viewers"] as const;

/** See {@linkcode ROLES}. */
export type Role = (typeof ROLES)[number];

/** A stream that a node has. */
export interface HeldStream {
  /** The stream's id. */
  readonly stream: string;
  /** Published there, or fetched from another node. */
  readonly kind: "origin" | "copy";
  readonly state: "live" | "interrupted";
  /** The nodes that a copy comes through, the nearest first; empty for what is published there. */
  readonly via: readonly string[];
}

/** How much a node does, and how much it can. */
export interface NodeLoad {
  readonly connections: number;
  readonly mostConnections: number;
  /** Megabits per second that it sends. */
  readonly mbps: number;
  readonly mostMbps: number;
  /** Of the cores that it can keep busy, between 0 and 1 or a little more. */
  readonly cpu: number;
}

/** What a node says of itself, again and again. */
export interface NodeReport {
  readonly id: string;
  /** Grows from report to report, over restarts of the node too: one that does not grow is an old one. */
  readonly beat: number;
  /** Where other nodes fetch from it. */
  readonly address: string;
  /** Where players and publishers are sent, an address for each scheme. */
  readonly public: readonly string[];
  readonly role: Role;
  readonly isDraining: boolean;
  readonly load: NodeLoad;
  readonly streams: readonly HeldStream[];
}

/** A node's name: it stands in addresses and logs. */
export const NODE_ID = /^[A-Za-z0-9_.-]{1,64}$/;

/** More streams than a node has; a report with more is none. */
const MAX_STREAMS = 100_000;

const figure = z.number().min(0);

/** A report without its streams. */
export type ReportHead = Omit<NodeReport, "streams">;

const head = z.object({
  id: z.string().regex(NODE_ID),
  beat: z.number(),
  address: z.string().max(1000),
  public: z.array(z.string().max(1000)).max(16),
  role: z.enum(ROLES),
  isDraining: z.boolean(),
  load: z.object({
    connections: figure,
    mostConnections: figure,
    mbps: figure,
    mostMbps: figure,
    cpu: figure,
  }),
});

const streams = z.array(z.object({
  stream: z.string().max(600),
  kind: z.enum(["origin", "copy"]),
  state: z.enum(["live", "interrupted"]),
  via: z.array(z.string().regex(NODE_ID)).max(64),
})).max(MAX_STREAMS);

const report = head.extend({ streams });

/** The report that a value is; undefined for anything else, such as one of another version. */
export function reportOf(value: unknown): NodeReport | undefined {
  return report.safeParse(value).data;
}

/** The report without its streams that a value begins with; undefined for anything else. */
export function headOf(value: unknown): ReportHead | undefined {
  return head.safeParse(value).data;
}

/** The streams that a value is; undefined for anything else. */
export function streamsOf(value: unknown): readonly HeldStream[] | undefined {
  return streams.safeParse(value).data;
}

/** How much of what it can a node does, by what it has least left of; 1 is all. */
export function loadOf({ connections, mostConnections, mbps, mostMbps, cpu }: NodeLoad): number {
  return Math.max(connections / mostConnections, mbps / mostMbps, cpu);
}
