import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Denial, Grant, Verdict } from "../../kernel/plugin/hooks.ts";
import { repeated } from "../../kernel/log/repeated.ts";
import { Refusal } from "../../kernel/reasons.ts";
import type { OpenSession } from "../../kernel/sessions/session.ts";
import { streamMatcher } from "../../kernel/streams/stream_pattern.ts";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { settled } from "../../kernel/testing/settled.ts";
import { Authorizer, MAX_HELD_BACK } from "./authorizer.ts";
import { FailureTable } from "./failures.ts";
import { SecretCheck } from "./secrets/secret_check.ts";
import { StreamKeys } from "./ways/stream_keys.ts";
import { applicantOf, type Asker, sessionOf } from "./testing.ts";
import { Users } from "./ways/users.ts";
import type { Way } from "./ways/way.ts";

class Stage {
  readonly clock = new FakeClock();
  readonly logged = collectLog("debug", this.clock);
  readonly log = repeated(this.logged.log, 1000, this.clock);
  readonly controller = new AbortController();
  readonly sessions: OpenSession[] = [];
  readonly authorizer: Authorizer;

  constructor(ways: readonly Way[] = [keys()], failures = 6) {
    const rules = { gates: [], ways, isOpen: streamMatcher([]) };
    const settings = { failures, withinSeconds: 600, banSeconds: 60, exempt: [] };
    this.authorizer = new Authorizer({ publish: rules, play: rules }, {
      clock: this.clock,
      log: this.log,
      failures: new FailureTable(settings, this.clock),
      signal: this.controller.signal,
    });
  }

  /** Asks, and says what came of it, or that nothing has come yet. */
  async ask(asker: Asker): Promise<string> {
    const said = this.decide(asker).then(saidBy, ({ message }: Refusal) => message);
    return await Promise.race([said, settled().then(() => "held back")]);
  }

  decide(asker: Asker): Promise<Verdict> {
    const { session, key, stream, action } = applicantOf(asker);
    this.sessions.push(session as OpenSession);
    return this.authorizer.decide(action, { session, key, stream });
  }
}

function keys(): StreamKeys {
  return new StreamKeys({ "live/*": ["sesame", "another"] }, new SecretCheck(new FakeClock()));
}

function saidBy(verdict: Verdict): string {
  return (verdict as Denial | undefined)?.deny ?? "in";
}

const WRONG = { query: "key=wrong" };
const WRONG_TEXT = "Cannot publish live/cam: the key is wrong";

Deno.test("wrong credentials are answered later and later, and then the address is banned, whatever it presents", async () => {
  const stage = new Stage();
  assertEquals([await stage.ask(WRONG), await stage.ask(WRONG)], [WRONG_TEXT, WRONG_TEXT]);
  for (const delayMs of [500, 1000, 2000]) {
    const verdict = stage.decide(WRONG);
    await settled();
    stage.clock.advance(delayMs - 1);
    assertEquals(await Promise.race([verdict, settled().then(() => "held back")]), "held back");
    stage.clock.advance(1);
    assertEquals(saidBy(await verdict), WRONG_TEXT);
  }
  assertEquals(await stage.ask(WRONG), WRONG_TEXT);
  const banned = "Too many wrong credentials from your address: try again in 60 s";
  assertEquals([await stage.ask(WRONG), await stage.ask({ query: "key=sesame" })], [banned, banned]);
  assertThrows(() => stage.authorizer.connect(sessionOf(), "live"), Refusal, banned);
  assertEquals(await stage.ask({ query: "key=sesame", remote: "192.0.2.8:1" }), "in");
  stage.clock.advance(60_000);
  assertEquals(await stage.ask({ query: "key=sesame" }), "in");
  assert(stage.logged.lines().includes("warning An address is banned for its wrong credentials"));
});

Deno.test("who presents nothing, or what has expired, is not taken for one who guesses", async () => {
  const stage = new Stage([{
    needs: "a token",
    hasPasswords: false,
    check: () => ({ says: "stale", why: "it expired" }),
  }]);
  for (let at = 0; at < 100; at++) assertEquals(await stage.ask({}), "Cannot publish live/cam: it expired");
  const other = new Stage();
  for (let at = 0; at < 100; at++) assertEquals(await other.ask({}), "Cannot publish live/cam: it needs a key");
});

Deno.test("a right credential is answered at once, though wrong ones from the same address wait", async () => {
  const stage = new Stage();
  await stage.ask(WRONG);
  await stage.ask(WRONG);
  assertEquals(await stage.ask(WRONG), "held back");
  assertEquals(await stage.ask({ query: "key=sesame" }), "in");
  stage.controller.abort();
});

Deno.test("who leaves while the answer is held back, or when the server stops, is let go", async () => {
  const stage = new Stage();
  await stage.ask(WRONG);
  await stage.ask(WRONG);
  const [left, stopped] = [stage.decide(WRONG), stage.decide(WRONG)];
  await settled();
  assertEquals(stage.clock.pending >= 2, true);
  stage.sessions.at(-2)?.close("left");
  await left;
  stage.controller.abort();
  await stopped;
  stage.log[Symbol.dispose]();
  assertEquals(stage.clock.pending, 0);
});

Deno.test("a crowd that guesses is not held back without end: memory is bounded", async () => {
  const stage = new Stage([keys()], 1_000_000);
  const remote = (at: number) => ({ ...WRONG, remote: `10.0.${at >> 8}.${at & 255}:1` });
  for (let at = 0; at < MAX_HELD_BACK; at++) {
    await stage.decide(remote(at));
    await stage.decide(remote(at));
  }
  const held = Array.from({ length: MAX_HELD_BACK }, (_, at) => stage.decide(remote(at)));
  await settled();
  assertEquals(await stage.ask(remote(0)), WRONG_TEXT);
  stage.controller.abort();
  await Promise.all(held);
});

Deno.test("publishers with the same key are the same one, with another key another; neither name shows a key", async () => {
  const stage = new Stage();
  const credential = async (query: string) => (await stage.decide({ query }) as Grant).credential;
  assertEquals(await credential("key=sesame"), "key 1 of live/*");
  assertEquals(await credential("token=sesame"), "key 1 of live/*");
  assertEquals(await credential("key=another"), "key 2 of live/*");
});

Deno.test("where a password counts, HTTP may ask for one; who may not is told so without being asked", async () => {
  const users = new Users({ ann: { password: "x", publish: ["live/*"], play: [] } }, new SecretCheck(new FakeClock()));
  const [withUsers, withKeys] = [new Stage([keys(), users]), new Stage()];
  const challenge = async (stage: Stage, query: string) => (await stage.decide({ query }) as Denial).challenge;
  assertEquals(await challenge(withUsers, ""), 'Basic realm="Sluice", charset="UTF-8"');
  assertEquals(await challenge(withKeys, ""), 'Bearer realm="Sluice"');
  const denial = await withUsers.decide({ query: "user=ann&pass=x", action: "play" }) as Denial;
  assertEquals([denial.deny, denial.challenge], [
    'Cannot play live/cam: the user "ann" may not play live/cam',
    undefined,
  ]);
  assertEquals(saidBy(await withUsers.decide({})), "Cannot publish live/cam: it needs a key or a user and a password");
});

Deno.test("a flood of refusals is one line of the log a second, with a count", async () => {
  const stage = new Stage();
  for (let at = 0; at < 500; at++) await stage.ask({});
  stage.clock.advance(1000);
  assertEquals(stage.logged.lines(), [
    "info publish refused: it needs a key",
    "info publish refused: it needs a key … 499 more",
  ]);
});
