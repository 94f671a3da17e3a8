import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { keepersOf, originsOf, parentsOf, type Seeker, takersOf } from "./parents.ts";
import type { NodeReport } from "./report.ts";
import { held, report } from "./testing_reports.ts";
import type { Holder } from "./view.ts";

const FULL = { load: { connections: 1000, mostConnections: 1000, mbps: 0, mostMbps: 1000, cpu: 0 } };

function holder(id: string, story: string, more: Partial<NodeReport> = {}): Holder {
  return { node: report(id, more), held: held(story), heardAt: 0 };
}

const CASES: readonly { what: string; holders: readonly Holder[]; seeker?: Partial<Seeker>; expected: string }[] = [
  { what: "nobody has it", holders: [], expected: "" },
  { what: "the seeker itself is no parent", holders: [holder("me", "origin")], expected: "" },
  {
    what: "where it is published comes before a copy of it",
    holders: [holder("b", "copy via a"), holder("a", "origin")],
    expected: "a b",
  },
  {
    what: "a copy with room comes before an origin without",
    holders: [holder("a", "origin", FULL), holder("b", "copy via a")],
    expected: "b a",
  },
  {
    what: "of copies the one with the shortest way comes first",
    holders: [
      holder("a", "origin", FULL),
      holder("b", "copy via e,d,a"),
      holder("c", "copy via a"),
      holder("d", "copy via c,a"),
      holder("e", "copy via f,c,d,a"),
    ],
    expected: "c d b e a",
  },
  {
    what: "who is being emptied comes after those who are full",
    holders: [holder("a", "origin", { isDraining: true }), holder("b", "copy via a", FULL)],
    expected: "b a",
  },
  {
    what: "what is interrupted comes last",
    holders: [holder("a", "interrupted origin"), holder("b", "copy via c", { isDraining: true })],
    expected: "b a",
  },
  {
    what: "a copy that comes through the seeker would go in a circle",
    holders: [holder("b", "copy via me,a"), holder("c", "copy via b,me,a"), holder("a", "origin")],
    expected: "a",
  },
  {
    what: "so would a node that the request came through",
    holders: [holder("a", "origin"), holder("b", "copy via a")],
    seeker: { hops: ["b"] },
    expected: "a",
  },
  {
    what: "who is left, and whoever has it from there, is none",
    holders: [holder("a", "origin"), holder("b", "copy via a"), holder("c", "copy via d")],
    seeker: { leaving: "a" },
    expected: "c",
  },
];

for (const { what, holders, seeker = {}, expected } of CASES) {
  Deno.test(`where a stream is fetched: ${what}`, () => {
    const found = parentsOf(holders, { id: "me", stream: "live/cam", ...seeker });
    assertEquals(found.map(({ node: { id } }) => id).join(" "), expected);
  });
}

const ids = ["a", "b", "c", "d", "e"];

/** A cluster in which copies come through any nodes. */
const holders = fc.array(
  fc.record({
    id: fc.constantFrom(...ids),
    via: fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 4 }),
    isDraining: fc.boolean(),
    isInterrupted: fc.boolean(),
  }),
  { maxLength: 8 },
).map((list) =>
  list.map(({ id, via, isDraining, isInterrupted }) => {
    const story = `${isInterrupted ? "interrupted " : ""}${via.length > 0 ? `copy via ${via}` : "origin"}`;
    return holder(id, story, { isDraining });
  })
);

Deno.test("no parent ever has the stream through the seeker, and none that would do is left out", () => {
  fc.assert(fc.property(holders, fc.constantFrom(...ids), fc.constantFrom(...ids, undefined), (known, id, leaving) => {
    const found = parentsOf(known, { id, stream: "live/cam", leaving });
    for (const each of known) {
      const { node, held: { via } } = each;
      const isCircle = node.id === id || via.includes(id);
      const isLeft = leaving !== undefined && (node.id === leaving || via.includes(leaving));
      assertEquals(found.includes(each), !isCircle && !isLeft);
    }
  }));
});

Deno.test("seekers are spread over the nodes that a stream is published to, by their room", () => {
  const known = [holder("a", "origin"), holder("b", "origin", { load: { ...FULL.load, connections: 500 } })];
  const first = Array.from(
    { length: 3000 },
    (_, i) => parentsOf(known, { id: `edge-${i}`, stream: "live/cam" })[0].node.id,
  );
  const share = first.filter((id) => id === "a").length / first.length;
  assert(Math.abs(share - 2 / 3) < 0.05, `${share}`);
});

Deno.test("publishers are taken by those who take them and stay, those with room first", () => {
  const nodes = [
    report("a", FULL),
    report("b", { role: "viewers" }),
    report("c", { isDraining: true }),
    report("d"),
  ];
  assertEquals(takersOf(nodes, "live/cam").map(({ id }) => id), ["d", "a"]);
});

Deno.test("copies are kept by as many nodes as are wanted, less those that it is published to besides", () => {
  const nodes = ids.map((id) => report(id, id === "e" ? { role: "viewers" } : {}));
  const count = (origins: string[], copies: number) => keepersOf(nodes, origins, copies, "live/cam").length;
  assertEquals([count(["a"], 0), count(["a"], 1), count(["a"], 2), count(["a", "b"], 1), count(["a"], 9)], [
    0,
    1,
    2,
    0,
    3,
  ]);
  const keepers = keepersOf(nodes, ["a"], 2, "live/cam");
  assertEquals(keepers.includes("a") || keepers.includes("e"), false);
  assertEquals(keepersOf(nodes.toReversed(), ["a"], 2, "live/cam"), keepers, "all know the same");
});

Deno.test("where streams are published is told from where they are copied", () => {
  const nodes = [
    report("a", { streams: [held("origin"), held("origin", "live/b")] }),
    report("b", { streams: [held("copy via a"), held("origin", "live/b")] }),
  ];
  assertEquals([...originsOf(nodes)], [["live/cam", ["a"]], ["live/b", ["a", "b"]]]);
});
