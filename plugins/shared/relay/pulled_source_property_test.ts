import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { settled } from "../../../kernel/testing/settled.ts";
import { FakePull } from "./testing/fake_pull.ts";
import { type Answer, PullStage } from "./testing/pull_stage.ts";

/** What a server does from one request to the next. */
type Deed = "unreachable" | "silence" | "404" | "403" | "503" | { readonly frames: number; readonly then: Ending };

/** What becomes of a connection that was accepted, once so many frames have come, four a second. */
type Ending = "finish" | "lose" | "silence";

const SERVERS = ["a", "b", "c"] as const;

const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.constantFrom("unreachable" as const, "silence" as const, "404" as const, "403" as const, "503" as const),
  fc.record({ frames: fc.nat(12), then: fc.constantFrom<Ending>("finish", "lose", "silence") }),
);

const scenario = fc.record({
  /** What each server does, one deed after the other; after the last it is gone. */
  servers: fc.array(fc.array(deed, { maxLength: 6 }), { minLength: 1, maxLength: SERVERS.length }),
  waitSeconds: fc.constantFrom(0, 2, 10),
  /** When it is stopped, in quarters of a second; hardly ever before it ends by itself. */
  stopAt: fc.oneof(fc.nat(40), fc.constant(Infinity)),
});

/** Servers that do as a scenario says, and what can be seen of who asks them. */
class Servers {
  readonly answers: Record<string, Answer> = {};
  /** Connections that have not ended, with what is still to come. */
  readonly open = new Map<FakePull, { left: number; readonly then: Ending }>();
  /** When something last came, in milliseconds. */
  newsAt = 0;
  #stamp = 0;

  constructor(deeds: readonly (readonly Deed[])[]) {
    for (const [i, list] of deeds.entries()) {
      const next = list.values();
      this.answers[SERVERS[i]] = () => this.#do(next.next().value ?? "unreachable");
    }
  }

  /** Sends a further frame over each connection, or ends it. */
  step(now: number): void {
    for (const [pull, plan] of this.open) {
      if (plan.left-- > 0) {
        this.newsAt = now;
        pull.send(`K${this.#stamp += 40}`);
        continue;
      }
      if (plan.then === "silence") continue;
      this.open.delete(pull);
      pull[plan.then]();
    }
  }

  #do(deed: Deed): ReturnType<Answer> {
    if (typeof deed === "string") return deed;
    const pull = new FakePull();
    if (deed.frames > 0) pull.send("V0");
    this.open.set(pull, { left: deed.frames, then: deed.then });
    void pull.closed.then(() => this.open.delete(pull));
    return pull;
  }
}

/** Checks who was asked when: never one that had just failed while another had not, and not without pauses. */
function checkAttempts(asked: readonly string[], servers: number): void {
  const attempts = asked.map((text) => ({ server: text[0], at: Number(text.slice(1)) }));
  for (const [i, { at }] of attempts.entries()) {
    const within = attempts.slice(0, i + 1).filter((each) => at - each.at < 1);
    assert(within.length <= 4, `too often: ${asked.join(" ")}`);
  }
  for (const [i, { server, at }] of attempts.entries()) {
    // An attempt has failed when the next one begins, or up to a second before.
    const failedAt = (name: string) =>
      attempts.findLast((each, at) => at < i && each.server === name) ? lastEnd(name, i) : -Infinity;
    const isFresh = (name: string) => at - failedAt(name) > 5.5;
    const others = SERVERS.slice(0, servers).filter((name) => name !== server && isFresh(name));
    if (at - failedAt(server) < 3.5) assertEquals(others, [], `${server} at ${at} s: ${asked.join(" ")}`);
  }

  function lastEnd(name: string, before: number): number {
    const last = attempts.findLastIndex((each, at) => at < before && each.server === name);
    return attempts[last + 1]?.at ?? Infinity;
  }
}

Deno.test("whatever servers do, a source asks one at a time and not too often, and ends when nothing comes or it is stopped", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ servers: deeds, waitSeconds, stopAt }) => {
      const servers = new Servers(deeds);
      const stage = new PullStage(servers.answers);
      stage.waitSeconds = waitSeconds;
      await stage.start();
      for (let quarter = 0; stage.outcome === undefined && quarter < stopAt; quarter++) {
        assert(servers.open.size <= 1, "two connections at once");
        const now = stage.house.clock.now();
        const latest = (stage.publication ? servers.newsAt + 10_000 : 9500) + 1000;
        assert(now <= latest, `it goes on after ${now} ms, the last frame came at ${servers.newsAt}: ${stage.asked}`);
        servers.step(now);
        await settled();
        await stage.pass(0.25);
      }
      if (stage.outcome === "ended") assert(stage.publication, "a stream that never began has ended");
      else if (stage.outcome !== undefined) {
        assertEquals(stage.publication, undefined);
        assert(["unreachable", "no-answer", "not-live", "denied"].includes(stage.code ?? ""), stage.outcome);
      }
      checkAttempts(stage.asked, deeds.length);
      await stage[Symbol.asyncDispose]();
      await settled();
      assertEquals(servers.open.size, 0, "a connection is left");
    }),
    { numRuns: 40 },
  );
});
