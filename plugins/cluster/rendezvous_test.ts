import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Candidate, ranked } from "./rendezvous.ts";

const KEYS = Array.from({ length: 4000 }, (_, i) => `live/cam-${i}`);

function even(ids: string): Candidate[] {
  return [...ids].map((id) => ({ id, weight: 1 }));
}

/** How many keys each candidate comes first for. */
function shares(candidates: readonly Candidate[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of KEYS) {
    const [{ id }] = ranked(candidates, key);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

Deno.test("equal candidates come first equally often, and heavier ones as much more often as they are heavier", () => {
  for (const weights of [[1, 1, 1, 1], [1, 2, 5], [1000, 500, 500]]) {
    const candidates = weights.map((weight, i) => ({ id: `node-${i}`, weight }));
    const sum = weights.reduce((a, b) => a + b, 0);
    const counts = shares(candidates);
    for (const { id, weight } of candidates) {
      const expected = KEYS.length * weight / sum;
      assert(Math.abs(counts.get(id)! - expected) < expected * 0.12 + 20, `${id} of ${weights}: ${counts.get(id)}`);
    }
  }
});

const candidates = fc.uniqueArray(
  fc.record({ id: fc.stringMatching(/^[a-z0-9-]{1,8}$/), weight: fc.double({ min: 0.01, max: 1e4, noNaN: true }) }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 12 },
);

Deno.test("the order is the same for all who ask, in whatever order they know the candidates", () => {
  fc.assert(fc.property(candidates, fc.string(), (known, key) => {
    const order = ranked(known, key);
    assertEquals(ranked(known.toReversed(), key), order);
    assertEquals(new Set(order), new Set(known));
  }));
});

Deno.test("when one goes the others keep their order, so that only its own keys move", () => {
  fc.assert(fc.property(candidates, fc.nat(), fc.string(), (known, at, key) => {
    const gone = known[at % known.length];
    assertEquals(
      ranked(known.filter((each) => each !== gone), key),
      ranked(known, key).filter((each) => each !== gone),
    );
  }));
});

Deno.test("one that becomes heavier only gains keys, and takes them from all", () => {
  const before = new Map(KEYS.map((key) => [key, ranked(even("abcd"), key)[0].id]));
  const after = even("abcd").map((each) => each.id === "c" ? { ...each, weight: 2 } : each);
  for (const key of KEYS) {
    const now = ranked(after, key)[0].id;
    assert(now === "c" || now === before.get(key), `${key} has moved from ${before.get(key)} to ${now}`);
  }
});
