import { assertEquals } from "@std/assert";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { settled } from "../../kernel/testing/settled.ts";
import { Membership } from "./membership.ts";
import { FakeStore } from "./testing.ts";
import { report } from "./testing_reports.ts";
import { ClusterView } from "./view.ts";

function stage() {
  const clock = new FakeClock();
  const logged = collectLog("debug", clock);
  const fake = new FakeStore();
  const view = new ClusterView("me", clock, { aliveMs: 3000, staleMs: 60_000 });
  let beat = 0;
  const own = () => report("me", { beat: ++beat });
  const store = fake.open();
  const membership = new Membership({ clock, log: logged.log, store, view, beatMs: 1000, report: own });
  const pass = async (seconds: number) => {
    for (let left = seconds * 10; left > 0; left--) {
      clock.advance(100);
      await settled();
    }
  };
  return { clock, logged, fake, store, view, membership, pass };
}

Deno.test("a node reports once a beat, at once when something changes, and takes its leave", async () => {
  const { clock, fake, membership, pass } = stage();
  await membership.start();
  await pass(5);
  assertEquals(fake.asked, 6);
  await pass(0.5);
  for (let i = 0; i < 10; i++) membership.tell();
  await settled();
  assertEquals(fake.asked, 7, "what changes together is told once");
  for (let i = 0; i < 10; i++) membership.tell();
  await settled();
  assertEquals(fake.asked, 7, "and what changes right after that a little later");
  await pass(0.1);
  assertEquals(fake.asked, 8);
  const refreshed = membership.refresh();
  await pass(0.1);
  await refreshed;
  assertEquals(fake.asked, 9);
  await membership[Symbol.asyncDispose]();
  assertEquals([fake.reports.size, clock.pending], [0, 0]);
});

Deno.test("a store that is silent is asked ever more seldom, and what was to be told is told when it answers", async () => {
  const { fake, view, membership, pass, logged } = stage();
  await membership.start();
  fake.isUp = false;
  await pass(100);
  const asked = fake.asked;
  assertEquals(asked > 15 && asked < 50, true, `${asked}`);
  membership.tell();
  await membership.refresh();
  assertEquals(fake.asked, asked, "nobody is asked out of turn");
  assertEquals([membership.problem, view.lostAt !== undefined], ["connection refused", true]);
  fake.isUp = true;
  await pass(6);
  assertEquals([membership.problem, view.lostAt, fake.reports.has("me")], [undefined, undefined, true]);
  assertEquals(logged.lines().map((line) => line.split(" ")[0]), ["warning", "info"]);
  await membership[Symbol.asyncDispose]();
});

Deno.test("a store that hangs counts as silent, and holds up neither a question nor the end", async () => {
  const { clock, store, membership, pass } = stage();
  store.exchange = () => new Promise(() => {});
  store.leave = () => new Promise(() => {});
  const started = membership.start();
  await pass(3);
  await started;
  assertEquals(membership.problem, "it has not answered within 2.5 s");
  await membership.refresh();
  await membership[Symbol.asyncDispose]();
  assertEquals(clock.pending, 0);
});

Deno.test("a store that takes half a beat for its answers is asked once a beat all the same", async () => {
  const { clock, fake, store, membership, pass } = stage();
  const { exchange } = store;
  store.exchange = async (own) => {
    const late = Promise.withResolvers<void>();
    using _timer = clock.setTimeout(late.resolve, 500);
    await late.promise;
    return await exchange(own);
  };
  const started = membership.start();
  await pass(1);
  await started;
  const asked = fake.asked;
  await pass(10);
  assertEquals(fake.asked - asked, 10);
  await membership[Symbol.asyncDispose]();
});

Deno.test("taking leave of a store that hangs takes a second at most", async () => {
  const { clock, store, membership, pass } = stage();
  await membership.start();
  store.leave = () => new Promise(() => {});
  const over = membership[Symbol.asyncDispose]();
  await pass(2);
  await over;
  assertEquals(clock.pending, 0);
});

Deno.test("nodes that counted when a store was asked that hangs count meanwhile and afterwards", async () => {
  const { fake, store, view, membership, pass } = stage();
  await fake.open().exchange(report("other", { beat: 1 }));
  await membership.start();
  await pass(1.5);
  store.exchange = () => new Promise(() => {});
  for (let left = 60; left > 0; left--) {
    await pass(0.1);
    assertEquals(view.nodes.map(({ report: { id } }) => id), ["other"], `after ${6 - left / 10} s`);
  }
  const over = membership[Symbol.asyncDispose]();
  await pass(3);
  await over;
});
