import { assertEquals } from "@std/assert";
import { ClientError } from "../../../kernel/sessions/client.ts";
import { FakeClock } from "../../../kernel/testing/fake_clock.ts";
import { Choice } from "./choice.ts";
import { SeveralServers } from "./several_servers.ts";

function start(servers: string[], name: "order" | "least-active" = "order") {
  const clock = new FakeClock();
  const refusals: string[] = [];
  const choice = new Choice(name, servers, clock);
  const target = new SeveralServers({
    stream: "live/cam",
    choice,
    clock,
    addressAt: (server) => `rtmp://${server}/x/y`,
    onRefused: (words) => refusals.push(words),
    random: () => 0,
  });
  /** Fails so many times; gives who was asked, and the pauses behind each, in seconds. */
  const fail = (times: number, code = "unreachable", liveMs?: number) =>
    Array.from({ length: times }, () => {
      const server = new URL(target.next()).hostname;
      const seconds = target.pauseAfter(new ClientError(code, `${server} says ${code}`), liveMs) / 1000;
      clock.advance(seconds * 1000);
      return `${server}${seconds}`;
    }).join(" ");
  return { clock, choice, target, refusals, fail };
}

Deno.test("a server that dies: the next one at once, twice without a pause and then once a second, then ever more seldom", () => {
  const { fail } = start(["a", "b"]);
  assertEquals(fail(12), "a0 b0 a1 b1 a1 b1 a1 b1 a1 b1 a1 b1");
  assertEquals(fail(8), "a1 b2 a4 b8 a16 a30 a30 a30");
});

Deno.test("after a connection that was a good one it begins anew", () => {
  const { fail } = start(["a", "b"]);
  fail(15);
  assertEquals([fail(1, "lost", 1000), fail(3)], ["b0", "a0 b1 a1"]);
});

Deno.test("servers that accept and break off at once are asked ever more seldom too", () => {
  const { fail } = start(["a"]);
  assertEquals(fail(14, "lost", 20), "a0 a0 a1 a1 a1 a1 a1 a1 a1 a1 a1 a1 a1 a2");
});

Deno.test("when each of them says no for good, that is told in the words of the last", () => {
  const { fail, refusals } = start(["a", "b"]);
  fail(1, "403");
  assertEquals(refusals, []);
  fail(1, "4401", 20);
  assertEquals(refusals, ["the server behind this one says 4401"]);
});

Deno.test("what a server said before the stream was well with another one counts no more", () => {
  const { fail, refusals } = start(["a", "b"]);
  assertEquals([fail(1, "403"), fail(1, "403", 60_000)], ["a0", "b0"]);
  assertEquals(refusals, []);
  fail(1, "403");
  assertEquals(refusals, ["the server behind this one says 403"]);
});

Deno.test("a name that is taken, and a server that is away, are no reasons to turn the publisher away", () => {
  for (const code of ["409", "NetStream.Publish.BadName", "503", "unreachable", "left"]) {
    const { fail, refusals } = start(["a"]);
    fail(20, code);
    assertEquals(refusals, [], code);
  }
  const { fail, refusals } = start(["a", "b"]);
  fail(1, "403");
  fail(1, "unreachable");
  fail(1, "403");
  assertEquals(refusals, [], "one of them may still take it");
});

Deno.test("a server counts as used for as long as the stream goes there", () => {
  const { choice, target } = start(["a", "b"], "least-active");
  assertEquals([target.next(), choice.next("x")], ["rtmp://a/x/y", "b"]);
  target[Symbol.dispose]();
  assertEquals(choice.next("x"), "a");
});
