import { assert, assertEquals, assertMatch } from "@std/assert";
import { settled } from "../../../kernel/testing/settled.ts";
import { FakePull } from "./testing/fake_pull.ts";
import { type Answer, PullStage } from "./testing/pull_stage.ts";

/** Accepts once with this connection, and then does something else. */
function once(pull: FakePull, then: Answer): Answer {
  let isFirst = true;
  return () => {
    const answer = isFirst ? pull : then();
    isFirst = false;
    return answer;
  };
}

Deno.test("two fast retries, then one a second, and after ten seconds without anything the stream is given up", async () => {
  const pull = new FakePull().send("V0 A0 K0 d40");
  await using stage = new PullStage({ a: once(pull, () => "unreachable") });
  await stage.start();
  await stage.pass(3);
  pull.send("d80");
  await settled();
  pull.lose();
  await settled();
  await stage.pass(12);
  assertEquals(stage.takeAsked(), "a0 a3 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13");
  assertEquals(stage.outcome, "ended");
});

Deno.test("a stream that never could be had is given up before its players are, in the words of the last failure", async () => {
  await using stage = new PullStage({ a: () => "unreachable" });
  await stage.start();
  await stage.pass(12);
  assertEquals(stage.takeAsked(), "a0 a0 a0 a1 a2 a3 a4 a5 a6 a7 a8 a9");
  assertEquals([stage.outcome, stage.publication], ["the server behind this one cannot be reached", undefined]);
  assertEquals(stage.code, "unreachable");
});

Deno.test("a server that does not answer, alone: players hear so before they give up", async () => {
  for (const silent of [() => "silence" as const, () => new FakePull()]) {
    await using stage = new PullStage({ a: silent });
    await stage.start();
    await stage.pass(9.75);
    assertEquals([stage.takeAsked(), stage.outcome], ["a0 a8", "the server behind this one does not answer"]);
    assertEquals(stage.code, "no-answer");
  }
});

Deno.test("what is wrong with a server is a warning once, until it is something else", async () => {
  const answers: ("unreachable" | "404")[] = ["unreachable", "unreachable", "404", "unreachable"];
  await using stage = new PullStage({ a: () => answers.shift() ?? "unreachable", b: () => "404" });
  await stage.start();
  await stage.pass(12);
  const warnings = stage.house.logged.records.filter(({ level }) => level === "warning").map(({ message }) =>
    String(message)
  );
  assertEquals(warnings, [...new Set(warnings)]);
  assertEquals(warnings.length > 0, true);
});

Deno.test("a server that accepts and breaks off again and again is not asked without pauses", async () => {
  let count = 0;
  await using stage = new PullStage({ a: () => new FakePull().send(`V0 K${count++ * 40}`).lose() });
  await stage.start();
  await stage.pass(5);
  assertEquals(stage.takeAsked(), "a0 a0 a0 a1 a2 a3 a4 a5");
});

Deno.test("a server that sends sound alone until the next key frame: the stream begins with the picture", async () => {
  const pull = new FakePull();
  await using stage = new PullStage({ a: once(pull, () => "unreachable") });
  await stage.start();
  pull.announce().send("A0 a0");
  await stage.pass(0.25);
  assert(stage.publication, "players are not told that there is something");
  for (let i = 1; i < 6; i++) {
    pull.send(`a${i * 1000}`);
    await stage.pass(1);
    assertEquals([stage.read(), stage.takeAsked()], ["", i === 1 ? "a0" : ""]);
  }
  pull.send("V6000 K6000 a6000");
  await stage.pass(0.25);
  assertEquals(stage.read().match(/[aK]\d+/g), ["K6000", "a6000"]);
});

Deno.test("a server that dies: the next one is asked at once, and the dead one is benched for five seconds", async () => {
  const first = new FakePull().send("V0 A0 K0 d40");
  const second = new FakePull().send("V0 A0 K0 d40 K80");
  await using stage = new PullStage({
    a: once(first, () => "unreachable"),
    b: once(second, () => "unreachable"),
  });
  await stage.start();
  first.lose();
  await settled();
  assertEquals(stage.takeAsked(), "a0 b0");
  assertEquals(stage.read().match(/K\d+/g)?.at(-1), "K80");
  assertEquals(stage.choice.next("live/cam"), "rtmp://b/x/y");
  for (let i = 1; i < 5; i++) {
    second.send(`d${i * 1000}`);
    await stage.pass(1);
  }
  await stage.pass(0.75);
  assertEquals(stage.choice.next("live/cam"), "rtmp://b/x/y");
  await stage.pass(0.25);
  assertEquals(stage.choice.next("live/cam"), "rtmp://a/x/y");
});

for (
  const { how, silent } of [
    { how: "says nothing at all", silent: () => "silence" as const },
    { how: "accepts and sends nothing", silent: () => new FakePull() },
    { how: "begins and stops without a word", silent: () => new FakePull().send("V0 K0 d40") },
  ]
) {
  Deno.test(`a server that ${how} is left for another one after two seconds`, async () => {
    await using stage = new PullStage({ a: silent, b: () => new FakePull().send("V0 K0 d40 d80") });
    await stage.start();
    await stage.pass(1.75);
    assertEquals(stage.takeAsked(), "a0");
    await stage.pass(0.25);
    assertEquals(stage.takeAsked(), "b2");
    assertEquals(stage.read().match(/[Kd]\d+/g), ["K0", "d40", "d80"]);
  });
}

Deno.test("a server that stands alone may be silent for eight seconds: its publisher may return to it", async () => {
  const pulls = [new FakePull().send("V0 K0"), new FakePull().send("V0 K0")];
  const [first, second] = pulls;
  await using stage = new PullStage({ a: () => pulls.shift() ?? "unreachable" });
  await stage.start();
  await stage.pass(7.75);
  first.send("d40");
  await settled();
  await stage.pass(7.75);
  assertEquals(stage.takeAsked(), "a0");
  await stage.pass(0.25);
  assertEquals(stage.takeAsked(), "a15.75");
  second.send("d40 d80");
  await settled();
  assertEquals(stage.read().match(/[Kd]\d+/g), ["K0", "d40", "d80"]);
});

Deno.test("a stream that is lost while its servers do not answer at all ends after ten seconds without it too", async () => {
  const pull = new FakePull().send("V0 K0");
  let answer: Answer = () => "unreachable";
  await using stage = new PullStage({ a: once(pull, () => answer()) });
  await stage.start();
  pull.lose();
  await settled();
  await stage.pass(4);
  answer = () => "silence";
  await stage.pass(6.25);
  assertEquals([stage.takeAsked(), stage.outcome], ["a0 a0 a0 a1 a2 a3 a4 a5", "ended"]);
});

Deno.test("what a server sends anew after a break is left out, and keeps nobody waiting for more than ten seconds", async () => {
  await using stage = new PullStage({ a: () => new FakePull().send("V0 K0 d40") });
  await stage.start();
  await stage.pass(20);
  assertEquals([stage.read().match(/[Kd]\d+/g), stage.outcome], [["K0", "d40"], "ended"]);
  assertEquals(stage.takeAsked(), "a0 a8");
});

Deno.test("a stream that ends in order and is nowhere else ends here at once", async () => {
  for (const names of [["a"], ["a", "b"]]) {
    const pull = new FakePull().send("V0 K0").finish();
    const answers = names.map((name): [string, Answer] => [name, () => "404"]);
    await using stage = new PullStage({ ...Object.fromEntries(answers), a: once(pull, () => "404") });
    await stage.start();
    assertEquals([stage.outcome, stage.house.clock.now()], ["ended", 0]);
  }
});

Deno.test("a server that comes back without the stream has ten seconds until its publisher is there too", async () => {
  const pull = new FakePull().send("V0 K0");
  let answer: Answer = () => "unreachable";
  await using stage = new PullStage({ a: once(pull, () => answer()) });
  await stage.start();
  pull.lose();
  await stage.pass(2);
  answer = () => "404";
  await stage.pass(4);
  assertEquals(stage.outcome, undefined);
  answer = () => new FakePull().send("V0 K0 d40");
  await stage.pass(1);
  assertEquals(stage.read().match(/[Kd]\d+/g), ["K0", "d40"]);
});

Deno.test("a server that says no for good ends the stream, in its words when it has not begun", async () => {
  await using stage = new PullStage({ a: () => "403" });
  await stage.start();
  assertEquals([stage.outcome, stage.house.clock.now()], ["the server behind this one says 403", 0]);
});

Deno.test("while one of several servers cannot be asked, nobody is told that there is no such stream", async () => {
  for (
    const [other, code] of [["unreachable", "unreachable"], ["silence", "no-answer"], ["404", "not-live"]] as const
  ) {
    for (const answers of [{ a: () => other, b: () => "404" as const }, { a: () => "404" as const, b: () => other }]) {
      await using stage = new PullStage(answers);
      await stage.start();
      await stage.pass(9.75);
      assertEquals(stage.code, code);
    }
  }
});

Deno.test("servers wait for a stream to begin for as long as who asks for it does, and no longer", async () => {
  for (const [wish, seconds] of [[0, 0], [2.5, 2.5], [60, 5]]) {
    await using stage = new PullStage({ a: () => "404" });
    stage.waitSeconds = wish;
    await stage.start();
    assertEquals([stage.waits[0], stage.code, stage.house.clock.now()], [seconds, "not-live", 0]);
  }
  await using several = new PullStage({ a: () => "404", b: () => "404" });
  several.waitSeconds = 0;
  await several.start();
  assertEquals([several.takeAsked(), several.code], ["a0 b0", "not-live"]);
});

Deno.test("of several servers each is asked without its waiting, again and again for five seconds", async () => {
  let begun = false;
  await using stage = new PullStage({ a: () => "404", b: () => begun ? new FakePull().send("V0 K0") : "404" });
  await stage.start();
  await stage.pass(2.5);
  begun = true;
  await stage.pass(1);
  assertEquals(stage.takeAsked(), "a0 b0 a0 b1 a2 b3");
  assertEquals([new Set(stage.waits), stage.read().match(/K\d+/g)], [new Set([0]), ["K0"]]);
  await using none = new PullStage({ a: () => "404", b: () => "404" });
  await none.start();
  await none.pass(6);
  assertMatch(none.outcome!, /says 404/);
  assertEquals(none.takeAsked(), "a0 b0 a0 b1 a2 b3 a4 b5");
  await using alone = new PullStage({ a: () => new FakePull().send("V0 K0") });
  await alone.start();
  assertEquals(alone.waits, [5]);
});

Deno.test("a source that is stopped while it waits ends, and leaves no timer", async () => {
  for (const answer of ["silence", "unreachable", "404"] as const) {
    const stage = new PullStage({ a: () => answer, b: () => answer });
    await stage.start();
    await stage.pass(1);
    assertEquals(stage.outcome, undefined);
    await stage[Symbol.asyncDispose]();
    assertEquals(stage.outcome, "ended");
  }
});
