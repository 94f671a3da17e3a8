import { assert, assertEquals } from "@std/assert";
import { ClusterModel, type ClusterPlan } from "./cluster_model.ts";

const PLAN: ClusterPlan = {
  players: 5000,
  streams: 20,
  kbps: 1000,
  origins: 2,
  edges: 12,
  seconds: 20,
  mbps: 1000,
  connections: 1000,
  cpuPerGigabit: 0.4,
};

/** Chooses the same each time. */
function filled(plan: Partial<ClusterPlan> = {}): ClusterModel {
  let seed = 1;
  const model = new ClusterModel({ ...PLAN, ...plan }, () => (seed = seed * 48_271 % 2_147_483_647) / 2_147_483_647);
  model.fill();
  return model;
}

Deno.test("each edge has each stream of its players once, straight from where it is published as long as there is room", () => {
  const { copies, fromCopies, lost, deepest } = filled().figures();
  assertEquals({ copies, fromCopies, lost, deepest }, { copies: 12 * 20, fromCopies: 0, lost: 0, deepest: 1 });
});

Deno.test("when the origins are full edges fetch from each other, by short ways", () => {
  const { fromCopies, lost, deepest, fullestEdge } = filled({ mbps: 500, streams: 150 }).figures();
  assert(fromCopies > 0 && lost === 0 && fullestEdge < 2, "nobody goes without");
  assert(deepest <= 3, `the longest way is ${deepest} nodes`);
});

Deno.test("when nodes die nobody loses a stream that another has, and all players find a place", () => {
  const model = filled();
  for (const id of ["edge-3", "origin-2", "edge-7"]) {
    model.kill(id);
    const { lost, copies } = model.figures();
    assertEquals(lost, 0, `after the loss of ${id}`);
    assert(copies >= 10 * 20);
  }
});

Deno.test("with its only origin a stream is lost", () => {
  const model = filled({ origins: 1 });
  model.kill("origin-1");
  const { lost, copies } = model.figures();
  assertEquals(lost, copies);
});
