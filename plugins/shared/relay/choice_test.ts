import { assert, assertEquals } from "@std/assert";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { Choice, type ChoiceName } from "./choice.ts";

const SERVERS = ["a", "b", "c"];

function choose(name: ChoiceName, clock = new FakeClock(), random = () => 0.5, servers = SERVERS): Choice {
  return new Choice(name, servers, clock, random);
}

Deno.test("in order: always the first, and the next ones while it has just failed", () => {
  const clock = new FakeClock();
  const choice = choose("order", clock);
  assertEquals([choice.next("x"), choice.next("x")], ["a", "a"]);
  choice.bench("a", "x");
  assertEquals([choice.next("x"), choice.next("y")], ["b", "a"]);
  choice.bench("b", "x");
  choice.bench("c", "x");
  assertEquals(choice.next("x"), "a", "when all have failed the one is asked whose failure is the oldest");
  choice.bench("a", "x");
  assertEquals(choice.next("x"), "b");
  clock.advance(5000);
  assertEquals(choice.next("x"), "a");
});

Deno.test("a server is benched for five seconds, for the stream that it failed alone", () => {
  const clock = new FakeClock();
  const choice = choose("order", clock);
  choice.bench("a", "x");
  clock.advance(4999);
  assertEquals([choice.next("x"), choice.next("y")], ["b", "a"]);
  assertEquals([choice.hasOther("b", "x"), choice.hasOther("b", "y")], [true, true]);
  choice.bench("c", "x");
  assertEquals([choice.hasOther("b", "x"), choice.hasOther("b", "y")], [false, true]);
  clock.advance(1);
  assertEquals([choice.next("x"), choice.hasOther("b", "x")], ["a", true]);
});

Deno.test("round-robin: one after the other", () => {
  const choice = choose("round-robin");
  assertEquals(Array.from({ length: 5 }, () => choice.next("x")), ["a", "b", "c", "a", "b"]);
});

Deno.test("random: by chance, and another when that one has failed", () => {
  const choice = choose("random");
  assertEquals(choice.next("x"), "b");
  choice.bench("b", "x");
  assertEquals(choice.next("x"), "c");
});

Deno.test("least-active: the one that is used least", () => {
  const choice = choose("least-active");
  const uses = [choice.use("a"), choice.use("a"), choice.use("b")];
  assertEquals(choice.next("x"), "c");
  uses.push(choice.use("c"), choice.use("c"));
  assertEquals(choice.next("x"), "b");
  for (const use of uses) use[Symbol.dispose]();
  assertEquals(choice.next("x"), "a");
});

for (const name of ["murmur", "md5"] as const) {
  Deno.test(`${name}: everybody chooses the same, evenly, and a server that goes moves its own streams alone`, () => {
    const streams = Array.from({ length: 3000 }, (_, i) => `live/cam-${i}`);
    const all = choose(name);
    const others = choose(name, undefined, undefined, ["c", "a"]);
    const counts = new Map<string, number>();
    for (const stream of streams) {
      const server = all.next(stream);
      assertEquals(choose(name).next(stream), server);
      counts.set(server, (counts.get(server) ?? 0) + 1);
      if (server !== "b") assertEquals(others.next(stream), server);
    }
    for (const server of SERVERS) {
      assert(Math.abs(counts.get(server)! - 1000) < 150, `${server}: ${counts.get(server)}`);
    }
  });
}
