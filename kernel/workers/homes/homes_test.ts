import { assertEquals, assertGreater } from "@std/assert";
import { keyOfId } from "../../names.ts";
import { Homes } from "./homes.ts";

const IDS = Array.from({ length: 1000 }, (_, i) => `live/cam${i}`);

Deno.test("streams spread over the workers, and each isolate comes to the same", () => {
  for (const workers of [1, 2, 3, 8]) {
    const [one, other] = [new Homes(workers), new Homes(workers)];
    const counts = new Array(workers).fill(0);
    for (const id of IDS) {
      assertEquals(one.ofId(id), other.of(keyOfId(id)));
      counts[one.ofId(id)]++;
    }
    assertGreater(Math.min(...counts), IDS.length / workers * 0.8);
  }
});

Deno.test("streams of a group share a home until it is no group any more", () => {
  const homes = new Homes(8);
  const before = IDS.map((id) => homes.ofId(id));
  {
    using _group = homes.together(({ app, name }) => name.endsWith("7") ? `${app}/sevens` : undefined);
    const sevens = IDS.filter((id) => id.endsWith("7"));
    assertEquals(new Set(sevens.map((id) => homes.ofId(id))), new Set([homes.ofId("live/sevens")]));
    assertEquals(homes.ofId("live/cam1"), before[1]);
  }
  assertEquals(IDS.map((id) => homes.ofId(id)), before);
});
