import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { NodeSecrets } from "../../plugins/cluster/node_secrets.ts";
import { RedisStore } from "../../plugins/cluster/redis_store.ts";
import { held, report } from "../../plugins/cluster/testing_reports.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import type { NodeReport } from "../../plugins/cluster/report.ts";
import { untilHolds } from "../support/until_holds.ts";
import { PASSWORD, TestRedis } from "./test_redis.ts";

const { log, records } = collectLog();

const clock = new FakeClock();

interface OpenOptions {
  readonly prefix?: string;
  readonly password?: string;
  readonly secrets?: NodeSecrets;
}

function open({ port }: TestRedis, options: OpenOptions = {}): RedisStore {
  const { prefix = "test:", password = PASSWORD, secrets = new NodeSecrets(clock) } = options;
  return new RedisStore(`redis://:${password}@127.0.0.1:${port}`, prefix, secrets, log);
}

function byId(reports: readonly NodeReport[]): NodeReport[] {
  return reports.toSorted((x, y) => x.id < y.id ? -1 : 1);
}

Deno.test("nodes read in Redis what others have written, the newest streams of each", async () => {
  await using redis = new TestRedis();
  await redis.start();
  await using a = open(redis);
  await using b = open(redis);
  await using other = open(redis, { prefix: "other:" });
  const first = report("a", { beat: 1, streams: [held("origin")] });
  assertEquals(await a.exchange(first), []);
  assertEquals(await b.exchange(report("b")), [first]);
  assertEquals(await other.exchange(report("c")), [], "another prefix is another cluster");
  const moved = report("a", { beat: 2, isDraining: true, streams: [held("origin")] });
  await a.exchange(moved);
  assertEquals(await b.exchange(report("b", { beat: 2 })), [moved]);
  const changed = report("a", { beat: 3, streams: [held("interrupted origin"), held("copy via b", "live/b")] });
  assertEquals(byId(await a.exchange(changed)).map(({ id }) => id), ["b"]);
  assertEquals(await b.exchange(report("b", { beat: 3 })), [changed]);
  await a.leave("a");
  assertEquals(await b.exchange(report("b", { beat: 4 })), []);
});

Deno.test("nodes agree in Redis on what they know each other by, and one that comes back empty is told it", async () => {
  await using redis = new TestRedis();
  await redis.start();
  const [first, second, third, told] = Array.from({ length: 4 }, () => new NodeSecrets(clock));
  told.configure("what the settings of this node say");
  const stores = [first, second, told].map((secrets) => open(redis, { secrets }));
  for (const [i, store] of stores.entries()) await store.exchange(report(`${i}`));
  const knows = (one: NodeSecrets, other: NodeSecrets) => {
    const use = { action: "play", stream: "live/cam" } as const;
    return one.admits(other.passes(use), use);
  };
  assertEquals([knows(first, second), knows(second, first), knows(first, told)], [true, true, false]);
  const agreed = second.offered;
  await redis.kill();
  await redis.start();
  const answers = (store: RedisStore) => store.exchange(report("1")).then(() => true, () => false);
  await untilHolds(() => answers(stores[1]), "it does not answer again");
  await using late = open(redis, { secrets: third });
  await late.exchange(report("3"));
  assertEquals([third.offered, knows(first, third)], [agreed, true]);
  for (const store of stores) await store[Symbol.asyncDispose]();
  assertEquals(JSON.stringify(records).includes(agreed!), false);
});

Deno.test("two nodes of one name are told so, each once", async () => {
  await using redis = new TestRedis();
  await redis.start();
  await using one = open(redis);
  await using other = open(redis);
  const told = () =>
    records.filter(({ message }) => message.join("").includes("Another node calls itself twin")).length;
  for (let beat = 1; beat < 8; beat += 2) {
    await one.exchange(report("twin", { beat }));
    if (beat === 3) assertEquals(told(), 0, "one that follows on itself has no twin");
    if (beat >= 3) await other.exchange(report("twin", { beat: beat + 1, address: "http://elsewhere:8501" }));
  }
  assertEquals(told(), 2);
  for (let beat = 10; beat < 20; beat++) {
    await one.exchange(report("twin", { beat }));
    if (beat % 3 === 0) await other.exchange(report("twin", { beat: beat + 0.5, address: "http://elsewhere:8501" }));
  }
  assertEquals(told(), 2, "nor when one of them reports less often than the other");
});

Deno.test("a Redis that dies and comes back empty: nodes say so in words, connect again and write all anew", async () => {
  await using redis = new TestRedis();
  await redis.start();
  await using a = open(redis);
  await using b = open(redis);
  const full = report("a", { beat: 1, streams: [held("origin")] });
  await a.exchange(full);
  await b.exchange(report("b"));
  await redis.kill();
  await untilHolds(() => b.exchange(report("b", { beat: 2 })).then(() => false, () => true), "it still answers");
  const error = await assertRejects(() => b.exchange(report("b", { beat: 3 })), Error);
  assertMatch(error.message, /ECONNREFUSED|not connected|the connection is lost/);
  await redis.start();
  const answers = (store: RedisStore, own: NodeReport) => store.exchange(own).then(() => true, () => false);
  await untilHolds(() => answers(a, { ...full, beat: 4 }), "a does not come back");
  let seen: readonly NodeReport[] = [];
  await untilHolds(() => b.exchange(report("b", { beat: 5 })).then((got) => (seen = got, true), () => false), "nor b");
  assertEquals(seen, [{ ...full, beat: 4 }]);
});

Deno.test("a wrong password, and a Redis that is not there, are told in words without the password", async () => {
  await using redis = new TestRedis();
  await redis.start();
  await using wrong = open(redis, { password: "password-that-is-wrong" });
  const refused = await assertRejects(() => wrong.exchange(report("a")), Error);
  assertMatch(refused.message, /password|WRONGPASS|NOAUTH/i);
  await using nowhere = new RedisStore(`redis://user:${PASSWORD}@127.0.0.1:1`, "test:", new NodeSecrets(clock), log);
  const lost = await assertRejects(() => nowhere.exchange(report("a")), Error);
  assertMatch(lost.message, /ECONNREFUSED/);
  assertEquals(nowhere.name, "redis://127.0.0.1:1");
  const said = JSON.stringify(records) + refused.message + lost.message;
  for (const secret of [PASSWORD, "password-that-is-wrong"]) assertEquals(said.includes(secret), false);
});
