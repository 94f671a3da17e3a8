import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { held, report } from "./testing_reports.ts";
import { ClusterView } from "./view.ts";

const LIMITS = { aliveMs: 3000, staleMs: 60_000 };

function stage() {
  const clock = new FakeClock();
  const view = new ClusterView("me", clock, LIMITS);
  const ids = () => view.nodes.map(({ report: { id } }) => id).sort().join("");
  return { clock, view, ids };
}

Deno.test("a node counts as long as its reports grow, and for three seconds after", () => {
  const { clock, view, ids } = stage();
  view.take([report("a"), report("b")]);
  for (let beat = 2; beat < 10; beat++) {
    clock.advance(1000);
    view.take([report("a", { beat }), report("b")]);
  }
  assertEquals(ids(), "a", "the report of b is an old one, however often it is read");
  clock.advance(2999);
  assertEquals(ids(), "a");
  clock.advance(1);
  assertEquals([ids(), view.node("a")], ["", undefined]);
});

Deno.test("a node that is started anew with a clock that is an hour behind counts from its second report on", () => {
  const { clock, view, ids } = stage();
  const hour = 3_600_000;
  view.take([report("a", { beat: 2 * hour })]);
  clock.advance(10_000);
  view.take([report("a", { beat: hour })]);
  assertEquals(ids(), "", "one alone may be an old one that the store has found again");
  clock.advance(1000);
  view.take([report("a", { beat: hour })]);
  assertEquals(ids(), "");
  clock.advance(1000);
  view.take([report("a", { beat: hour + 1000, role: "viewers" })]);
  assertEquals([ids(), view.node("a")?.role], ["a", "viewers"]);
});

Deno.test("a node that the store does not know any more counts until it is overdue", () => {
  const { clock, view, ids } = stage();
  view.take([report("a")]);
  clock.advance(1000);
  view.take([]);
  assertEquals(ids(), "a");
  clock.advance(2000);
  view.take([]);
  assertEquals(ids(), "");
});

Deno.test("of itself a node needs no view", () => {
  const { view, ids } = stage();
  view.take([report("me"), report("a")]);
  assertEquals(ids(), "a");
});

Deno.test("while the store is silent all count who did, for as long as that is said to be good", () => {
  const { clock, view, ids } = stage();
  view.take([report("a", { streams: [held("origin")] }), report("b")]);
  clock.advance(2000);
  view.take([report("a", { beat: 2, streams: [held("origin")] })]);
  clock.advance(1000);
  view.lose();
  clock.advance(60_000);
  view.lose();
  assertEquals([ids(), view.holders("live/cam").length], ["a", 1], "b was overdue when it fell silent");
  clock.advance(1);
  assertEquals(ids(), "");
});

Deno.test("a store that is silent has been so since it was asked first in vain", () => {
  const { clock, view, ids } = stage();
  view.ask();
  view.take([report("a")]);
  clock.advance(2000);
  view.ask();
  clock.advance(2500);
  assertEquals(ids(), "a");
  view.lose();
  view.ask();
  clock.advance(57_500);
  assertEquals([ids(), view.lostAt], ["a", 2000]);
  clock.advance(1);
  assertEquals(ids(), "");
});

Deno.test("when the store answers again, empty, the others have time to come back to it", () => {
  const { clock, view, ids } = stage();
  view.take([report("a"), report("b")]);
  view.lose();
  clock.advance(30_000);
  view.take([]);
  assertEquals([ids(), view.lostAt], ["ab", undefined]);
  clock.advance(14_000);
  view.take([report("a", { beat: 2 })]);
  assertEquals(ids(), "ab");
  clock.advance(1000);
  view.take([report("a", { beat: 3 })]);
  assertEquals(ids(), "a");
});

Deno.test("a store that was silent for too long tells nothing of before", () => {
  const { clock, view, ids } = stage();
  view.take([report("a")]);
  view.lose();
  clock.advance(60_001);
  view.take([report("b")]);
  assertEquals(ids(), "b");
});

Deno.test("who has a stream is who says so, with all that is known of them", () => {
  const { view } = stage();
  view.take([
    report("a", { streams: [held("origin")] }),
    report("b", { streams: [held("copy via a"), held("origin", "live/other")] }),
    report("c"),
  ]);
  const found = view.holders("live/cam").map(({ node, held: { kind, via } }) => `${node.id} ${kind} ${via}`);
  assertEquals(found, ["a origin ", "b copy a"]);
  view.take([report("a", { beat: 2 })]);
  assertEquals(view.holders("live/cam").map(({ node: { id } }) => id), ["b"]);
});

Deno.test("listeners hear of every answer until they are taken back", () => {
  const { view } = stage();
  let heard = 0;
  const listening = view.onChange(() => heard++);
  view.take([report("a")]);
  view.take([]);
  listening[Symbol.dispose]();
  view.take([report("b")]);
  assertEquals(heard, 2);
});

/** What happens to a view: time, an answer of the store with all reports, some of them new, or none. */
const step = fc.oneof(
  fc.record({ type: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 5000 }) }),
  fc.record({ type: fc.constant("take" as const), ids: fc.uniqueArray(fc.constantFrom("a", "b", "c")) }),
  fc.record({ type: fc.constant("lose" as const) }),
);

Deno.test("whatever happens: while the store answers nobody counts who is long overdue, and everybody who has just reported", () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const { clock, view, ids } = stage();
    const heardAt = new Map<string, number>();
    const beats = new Map<string, number>();
    let beat = 1;
    let answersSince = 0;
    for (const each of steps) {
      if (each.type === "pass") clock.advance(each.ms);
      else if (each.type === "lose") view.lose();
      else {
        if (view.lostAt !== undefined) answersSince = clock.now();
        beat++;
        for (const id of each.ids) beats.set(id, beat);
        view.take([...beats].map(([id, newest]) => report(id, { beat: newest })));
        for (const id of each.ids) heardAt.set(id, clock.now());
      }
      if (view.lostAt !== undefined) continue;
      for (const [id, at] of heardAt) {
        const isCounted = ids().includes(id);
        if (clock.now() - at < LIMITS.aliveMs) assertEquals(isCounted, true, id);
        if (clock.now() - Math.max(at, answersSince + 15_000) >= LIMITS.aliveMs) assertEquals(isCounted, false, id);
      }
    }
  }));
});
