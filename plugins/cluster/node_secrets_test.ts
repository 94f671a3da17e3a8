import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import type { PassUse } from "./node_pass.ts";
import { NodeSecrets, passesOf } from "./node_secrets.ts";

const USE: PassUse = { action: "play", stream: "live/cam" };
const [FIRST, SECOND] = ["the first secret of all nodes", "the second secret of all nodes"];
const MINUTE_MS = 60_000;

function knows(one: NodeSecrets, other: NodeSecrets): boolean {
  return one.admits(other.passes(USE), USE);
}

Deno.test("nodes know each other by what they have agreed on, and nobody before that", () => {
  const clock = new FakeClock();
  const [one, other] = [new NodeSecrets(clock), new NodeSecrets(clock)];
  assertNotEquals(one.offered, other.offered);
  assertEquals([one.isKnown, one.passes(USE), one.admits(["", "z.z"], USE)], [false, [], false]);
  for (const each of [one, other]) each.agree(FIRST);
  assertEquals([one.offered, knows(one, other), knows(other, one)], [FIRST, true, true]);
});

Deno.test("what the settings say counts, and is offered to nobody, neither then nor later", () => {
  const clock = new FakeClock();
  const secrets = new NodeSecrets(clock, FIRST);
  assert(knows(secrets, new NodeSecrets(clock, FIRST)));
  assertEquals(secrets.offered, undefined);
  secrets.configure(undefined);
  assertNotEquals(secrets.offered, FIRST);
});

Deno.test("a secret that was replaced counts for ten minutes, in which nodes know each other that have heard of it and that have not", () => {
  const clock = new FakeClock();
  const [changed, not] = [new NodeSecrets(clock, FIRST), new NodeSecrets(clock, FIRST)];
  changed.configure(SECOND);
  changed.configure(SECOND);
  clock.advance(9 * MINUTE_MS);
  assertEquals([knows(changed, not), knows(not, changed)], [true, true]);
  assert(knows(new NodeSecrets(clock, SECOND), changed));
  clock.advance(MINUTE_MS);
  assertEquals([knows(changed, not), knows(not, changed)], [false, false]);
});

Deno.test("nodes that are told a secret one after the other know each other, whatever they had agreed on", () => {
  const clock = new FakeClock();
  const [told, not] = [new NodeSecrets(clock), new NodeSecrets(clock)];
  for (const each of [told, not]) each.agree(FIRST);
  told.configure(SECOND);
  assertEquals([knows(told, not), knows(not, told)], [true, true]);
});

Deno.test("of what a peer shows in its query a few passes are looked at, and only what looks like one", () => {
  const passes = new NodeSecrets(new FakeClock(), FIRST).passes(USE);
  const params = new URLSearchParams({ node: "3", other: passes[0] });
  for (const pass of [passes, passes, passes, passes, passes].flat()) params.append("node", pass);
  assertEquals(passesOf(params), [passes, passes, passes, passes].flat());
});
