// Has many players come to the nodes of a cluster, which choose as real ones do where they fetch streams, and has nodes die:
// `deno run bench/simulate_cluster.ts`. What a node can do was measured (bench/README.md); nothing is sent here.
import { type ClusterFigures, ClusterModel, type ClusterPlan } from "./cluster_model.ts";
import { programOptions } from "./program_options.ts";
import { edgeCapacity, MEASURED } from "./simulate.ts";

/** The same numbers from 0 to 1 each time (Park and Miller's generator). */
function repeatable(): () => number {
  let seed = 1;
  return () => (seed = seed * 48_271 % 2_147_483_647) / 2_147_483_647;
}

function row(what: string, figures: ClusterFigures): string {
  const { copies, fromCopies, lost, deepest, fullestOrigin, fullestEdge } = figures;
  const [origin, edge] = [fullestOrigin, fullestEdge].map((part) => `${Math.round(part * 100)} %`);
  return `| ${[what, copies, fromCopies, lost, deepest, origin, edge].join(" | ")} |`;
}

/** What becomes of a plan when its nodes die one after the other. */
function story(plan: ClusterPlan): string {
  const model = new ClusterModel(plan, repeatable());
  model.fill();
  const rows = [row("all have come", model.figures())];
  for (const id of ["edge-1", "origin-1"]) {
    if (id === "origin-1" && plan.origins === 1) continue;
    model.kill(id);
    rows.push(row(`then ${id} is killed`, model.figures()));
  }
  return [
    `${plan.players} players of ${plan.streams} streams of ${plan.kbps} kbit/s, published to ${plan.origins} nodes, come to ${plan.edges} others within ${plan.seconds} s`,
    "",
    "| | copies | had from copies | lost | longest way | fullest origin | fullest edge |",
    "|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

if (import.meta.main) {
  const number = (what: string, otherwise: number, least = 1) => ({ what, otherwise, least });
  const { players, streams, kbps, origins, edges, seconds, gbps } = programOptions({
    about: "Has many players come to the nodes of a cluster, and nodes die",
    options: {
      players: number("how many there are", MEASURED.players),
      streams: number("how many streams they watch", 10),
      kbps: number("each stream's sound and picture together", MEASURED.kbps),
      origins: number("how many nodes each stream is published to", 2),
      edges: number("how many nodes there are for players; 0 for as many as they need", 0, 0),
      seconds: number("over how long they come", 60),
      gbps: number("what the network of one node carries", MEASURED.gbps),
    },
  });
  const needed = Math.ceil(players / edgeCapacity({ ...MEASURED, kbps, gbps }).players);
  const { connections, cpuPerGigabit } = MEASURED;
  const mbps = gbps * 1000;
  console.log(
    story({ players, streams, kbps, origins, edges: edges || needed, seconds, mbps, connections, cpuPerGigabit }),
  );
}
