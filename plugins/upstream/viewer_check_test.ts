import { assertEquals, assertRejects } from "@std/assert";
import { ClientError, type ClientOptions, type PullClient } from "../../kernel/sessions/client.ts";
import { Refusal } from "../../kernel/reasons.ts";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { settled } from "../../kernel/testing/settled.ts";
import { Choice } from "../shared/relay/choice.ts";
import { FakePull } from "../shared/relay/testing/fake_pull.ts";
import { ViewerCheck } from "./viewer_check.ts";

/** What a server does with a question: a status, or nothing at all. */
type Answer = "yes" | "unreachable" | "silence" | string;

/** Servers that are asked about viewers. */
class Stage {
  readonly clock = new FakeClock();
  readonly logged = collectLog("debug", this.clock);
  /** Who was asked when, as `a0 b2` in seconds. */
  readonly asked: string[] = [];
  readonly answers: Record<string, Answer>;
  readonly check: ViewerCheck;
  readonly #choice: Choice;

  constructor(answers: Record<string, Answer>) {
    this.answers = answers;
    this.#choice = new Choice("order", Object.keys(answers).map((name) => `http://${name}`), this.clock);
    const client = {
      schemes: ["http"],
      pull: (url: string, options?: ClientOptions) => this.#pull(new URL(url).hostname, options?.timeoutMs ?? Infinity),
      push: () => Promise.reject(new Error("no")),
    };
    const clients = { add: () => ({ [Symbol.dispose]: () => {} }), for: () => client };
    this.check = new ViewerCheck({ clients, clock: this.clock, log: this.logged.log });
  }

  /** How it comes out for a viewer, as a word and the server's words. */
  async outcome(waitSeconds = 0, stream = "live/cam", token = "t"): Promise<string> {
    const addressAt = (server: string) => `${server}/live/cam.flv`;
    const question = { stream, params: new URLSearchParams({ token }), waitSeconds, choice: this.#choice, addressAt };
    try {
      const verdict = await this.check.decide(question, new AbortController().signal);
      return verdict && "deny" in verdict ? `deny: ${verdict.deny}` : "yes";
    } catch (error) {
      return `${(error as Refusal).code}: ${(error as Refusal).message}`;
    }
  }

  /** Time goes on by quarters of a second. */
  async pass(seconds: number): Promise<void> {
    await settled();
    for (let left = seconds; left > 0; left -= 0.25) {
      this.clock.advance(250);
      await settled();
    }
  }

  async #pull(name: string, timeoutMs: number): Promise<PullClient> {
    this.asked.push(`${name}${this.clock.now() / 1000}`);
    const answer = this.answers[name];
    if (answer === "yes") return new FakePull();
    if (answer !== "silence") {
      throw new ClientError(answer, answer === "unreachable" ? `${name} is gone` : `says ${answer}`);
    }
    const late = Promise.withResolvers<never>();
    using _timer = this.clock.setTimeout(() => late.reject(new ClientError("timeout", `${name} is silent`)), timeoutMs);
    return await late.promise;
  }
}

const CASES: readonly [answers: Record<string, Answer>, outcome: string, asked: string][] = [
  [{ a: "yes", b: "403" }, "yes", "a0"],
  [{ a: "403", b: "yes" }, "deny: says 403", "a0"],
  [{ a: "4403" }, "deny: says 4403", "a0"],
  [{ a: "NetStream.Play.Failed" }, "deny: says NetStream.Play.Failed", "a0"],
  [{ a: "404" }, "not-found: says 404", "a0"],
  [{ a: "4404" }, "not-found: says 4404", "a0"],
  [{ a: "NetStream.Play.StreamNotFound" }, "not-found: says NetStream.Play.StreamNotFound", "a0"],
  [{ a: "404", b: "yes" }, "yes", "a0 b0"],
  [{ a: "404", b: "403" }, "deny: says 403", "a0 b0"],
  [{ a: "503", b: "yes" }, "yes", "a0 b0"],
  [{ a: "503", b: "404" }, "unreachable: says 503", "a0 b0"],
  [{ a: "404", b: "unreachable" }, "unreachable: the server behind this one cannot be reached", "a0 b0"],
  [{ a: "unreachable", b: "yes" }, "yes", "a0 b0"],
  [{ a: "504" }, "no-answer: says 504", "a0"],
];

for (const [answers, outcome, asked] of CASES) {
  const said = Object.entries(answers).map(([name, answer]) => `${name} says ${answer}`).join(", ");
  Deno.test(`about a viewer ${said}: ${outcome}`, async () => {
    const stage = new Stage(answers);
    assertEquals([await stage.outcome(), stage.asked.join(" "), stage.clock.pending], [outcome, asked, 0]);
  });
}

Deno.test("the log says which server could not be asked, and the viewer hears no address", async () => {
  const stage = new Stage({ a: "unreachable" });
  assertEquals(await stage.outcome(), "unreachable: the server behind this one cannot be reached");
  assertEquals(stage.logged.lines(), [
    "warning Nobody can be let in to live/cam by a server behind this one: a is gone",
  ]);
});

Deno.test("a server that is silent is left for another one, and alone it has until there has to be a decision", async () => {
  const two = new Stage({ a: "silence", b: "yes" });
  const permitted = two.outcome();
  await two.pass(2);
  assertEquals([await permitted, two.asked], ["yes", ["a0", "b2"]]);
  const silent = new Stage({ a: "silence", b: "silence", c: "silence" });
  const refused = silent.outcome();
  await silent.pass(9);
  assertEquals(await refused, "no-answer: the server behind this one does not answer");
  assertEquals([silent.asked, silent.clock.pending], [["a0", "b2", "c4"], 0]);
});

Deno.test("who waits for a stream to begin is asked about again and again, for as long as it waits", async () => {
  for (const [waitSeconds, asked] of [[0, 1], [2.5, 4], [5, 6]] as const) {
    const stage = new Stage({ a: "404" });
    const refused = stage.outcome(waitSeconds);
    await stage.pass(6);
    assertEquals([await refused, stage.asked.length], ["not-found: says 404", asked]);
  }
  const stage = new Stage({ a: "404", b: "404" });
  const permitted = stage.outcome(5);
  await stage.pass(1.5);
  stage.answers.b = "yes";
  await stage.pass(1);
  assertEquals([await permitted, stage.clock.pending], ["yes", 0]);
});

Deno.test("those who wait for streams that do not exist hold up nobody else", async () => {
  const stage = new Stage({ a: "404" });
  const waiting = Array.from({ length: 100 }, (_, i) => stage.outcome(5, `live/none-${i}`));
  await stage.pass(0.25);
  stage.answers.a = "yes";
  assertEquals(await stage.outcome(), "yes");
  await stage.pass(1);
  assertEquals(new Set(await Promise.all(waiting)), new Set(["yes"]));
});

Deno.test("what the newest viewers have said is known, and that of names without end is not", async () => {
  const stage = new Stage({ a: "yes" });
  for (const token of ["old", "new"]) await stage.outcome(0, "live/cam", token);
  assertEquals(stage.check.paramsOf("live/cam")?.get("token"), "new");
  for (let i = 0; i < 10_000; i++) await stage.outcome(0, `live/${i}`);
  assertEquals(stage.check.paramsOf("live/cam"), undefined);
  assertEquals(stage.check.paramsOf("live/9999")?.get("token"), "t");
  stage.check.forget("live/9999");
  assertEquals(stage.check.paramsOf("live/9999"), undefined);
});

Deno.test("too many who ask at once are told to try again", async () => {
  const stage = new Stage({ a: "silence" });
  const asked = Array.from({ length: 3000 }, () => stage.outcome());
  await settled();
  await assertRejects(() => Promise.all(asked.map((each) => each.then(assertYes))), Error, "limit");
  await stage.pass(9);
});

function assertYes(outcome: string): void {
  if (outcome !== "yes") throw new Error(outcome);
}
