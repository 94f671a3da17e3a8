// Lays out many players over edges, layer by layer: `deno run bench/simulate.ts --players 100000`. What one edge can do was measured
// (bench/README.md); the rest is arithmetic and chance, and says nothing of the networks in between.
import { programOptions } from "./program_options.ts";

/** What is to be laid out. */
export interface Plan {
  readonly players: number;
  /** Streams that are watched; every edge has players of each. */
  readonly streams: number;
  /** Each stream's sound and picture together. */
  readonly kbps: number;
  /** What the network of one server carries. */
  readonly gbps: number;
  /** Seconds of one core that a gigabit takes to send, as the bench measured it. */
  readonly cpuPerGigabit: number;
  /** Connections of one process, as the bench measured it. */
  readonly connections: number;
}

/** What one layer has to do. */
export interface Layer {
  readonly name: string;
  readonly servers: number;
  /** Players or servers that each server sends to. */
  readonly receivers: number;
  readonly mbpsOut: number;
  readonly mbpsIn: number;
  /** Of one core. */
  readonly cpuPercent: number;
}

/** How much of a network, a core and a table of connections is planned with: the rest is for rushes and for an edge that fails. */
const SHARE = 0.6;

/** Figures of the bench, with something to spare: 0.4 s of a core for each gigabit sent, 19,000 players of one process. */
export const MEASURED: Plan = {
  players: 100_000,
  streams: 1,
  kbps: 1500,
  gbps: 10,
  cpuPerGigabit: 0.4,
  connections: 19_000,
};

/** How many players one edge is given, and what it is that limits them. */
export function edgeCapacity({ kbps, gbps, cpuPerGigabit, connections }: Plan): { players: number; limit: string } {
  const limits = { network: gbps * 1e6 / kbps, core: 1e6 / (cpuPerGigabit * kbps), connections };
  const [limit, most] = Object.entries(limits).reduce((least, each) => each[1] < least[1] ? each : least);
  return { players: Math.max(1, Math.floor(most * SHARE)), limit };
}

/** The layers, from the publishers' server to the players. One that would have to feed too many edges gets a layer in between. */
export function layers(plan: Plan): Layer[] {
  const { players, streams, kbps, cpuPerGigabit } = plan;
  const layer = (name: string, servers: number, receivers: number, streamsEach: number): Layer => {
    const mbpsOut = receivers * streamsEach * kbps / 1000;
    return {
      name,
      servers,
      receivers,
      mbpsOut,
      mbpsIn: streams * kbps / 1000,
      cpuPercent: mbpsOut * cpuPerGigabit / 10,
    };
  };
  const capacity = edgeCapacity(plan).players;
  const edges = Math.ceil(players / capacity);
  const fed = Math.max(1, Math.floor(capacity / streams));
  const found = [layer("edges", edges, Math.ceil(players / edges), 1)];
  for (let above = edges; above > 1;) {
    const servers = Math.ceil(above / fed);
    const name = servers === 1 ? "origin" : "between";
    found.unshift(layer(name, servers, Math.ceil(above / servers), streams));
    above = fed === 1 ? 1 : servers;
  }
  return found;
}

/** Players of the fullest edge when each chooses one by chance; `random` gives numbers from 0 to 1. */
export function fullestEdge(players: number, edges: number, random: () => number): number {
  const counts = new Uint32Array(edges);
  for (let player = 0; player < players; player++) counts[Math.floor(random() * edges)]++;
  return counts.reduce((most, count) => Math.max(most, count), 0);
}

function describe(plan: Plan): string {
  const { players: capacity, limit } = edgeCapacity(plan);
  const all = layers(plan);
  const edges = all[all.length - 1].servers;
  const total = plan.players * plan.kbps / 1e6;
  const rows = all.map(({ name, servers, receivers, mbpsIn, mbpsOut, cpuPercent }) =>
    `| ${name} | ${servers} | ${receivers} | ${Math.round(mbpsIn)} | ${Math.round(mbpsOut)} | ${
      Math.round(cpuPercent)
    } |`
  );
  const fullest = fullestEdge(plan.players, edges, Math.random);
  const survivors = edges > 1 ? Math.ceil(plan.players / (edges - 1)) : undefined;
  return [
    `${plan.players} players of ${plan.kbps} kbit/s are ${
      total.toFixed(1)
    } Gbit/s; an edge is given ${capacity}, for its ${limit}`,
    "",
    "| layer | servers | each sends to | Mbit/s in | Mbit/s out | % of a core |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    `Chosen by chance, the fullest edge has ${fullest} players.`,
    ...(survivors === undefined ? [] : [`When one fails, the others have ${survivors} each.`]),
  ].join("\n");
}

if (import.meta.main) {
  const option = (name: keyof Plan, what: string, least = Number.MIN_VALUE) => {
    return { what, least, otherwise: MEASURED[name] };
  };
  const plan = programOptions({
    about: "Lays out many players over edges, layer by layer",
    options: {
      players: option("players", "how many there are", 1),
      streams: option("streams", "how many streams they watch", 1),
      kbps: option("kbps", "each stream's sound and picture together"),
      gbps: option("gbps", "what the network of one server carries"),
      cpuPerGigabit: option("cpuPerGigabit", "seconds of one core that a gigabit takes to send"),
      connections: option("connections", "what one process holds", 1),
    },
  });
  console.log(describe(plan));
}
