import { assert, assertEquals } from "@std/assert";
import { edgeCapacity, fullestEdge, layers, MEASURED } from "./simulate.ts";

Deno.test("an edge is given what its scarcest part allows, with room to spare", () => {
  assertEquals(edgeCapacity({ ...MEASURED, gbps: 1, kbps: 1000 }), { players: 600, limit: "network" });
  assertEquals(edgeCapacity({ ...MEASURED, kbps: 1000 }), { players: 1500, limit: "core" });
  assertEquals(edgeCapacity({ ...MEASURED, kbps: 50 }), { players: 11_400, limit: "connections" });
});

Deno.test("every player has a place, and no server more than it is given", () => {
  for (const players of [1, 1000, 100_000, 5_000_000]) {
    for (const streams of [1, 10]) {
      const plan = { ...MEASURED, players, streams };
      const all = layers(plan);
      const edges = all[all.length - 1];
      assert(edges.servers * edges.receivers >= players, "players are left over");
      assert(edges.receivers <= edgeCapacity(plan).players, "an edge is too full");
      for (const [at, layer] of all.slice(0, -1).entries()) {
        assert(
          layer.servers * layer.receivers >= all[at + 1].servers,
          `${layer.name} leaves servers without a stream`,
        );
      }
      if (all.length > 1) assertEquals(all[0].servers, 1);
    }
  }
});

Deno.test("chance fills one edge more than the others", () => {
  let seed = 1;
  const random = () => (seed = seed * 48_271 % 2_147_483_647) / 2_147_483_647;
  const fullest = fullestEdge(10_000, 10, random);
  assert(fullest > 1000 && fullest < 1200, `${fullest}`);
});
