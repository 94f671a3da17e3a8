import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { NodeSecrets } from "../../plugins/cluster/node_secrets.ts";
import { RedisStore } from "../../plugins/cluster/redis_store.ts";
import { held, report } from "../../plugins/cluster/testing_reports.ts";
import { untilHolds } from "../support/until_holds.ts";
import { PASSWORD, TestRedis } from "./test_redis.ts";

const PREFIX = "test:";

function open(port: number, path = ""): RedisStore {
  const secrets = new NodeSecrets(new FakeClock());
  return new RedisStore(`redis://:${PASSWORD}@127.0.0.1:${port}${path}`, PREFIX, secrets, collectLog().log);
}

/** Whether a store takes a report; what it says otherwise. */
function said(store: RedisStore): Promise<string> {
  return store.exchange(report("a")).then(() => "", (error) => error.message);
}

/** An address that leads now to one and now to another port, as a name or a balancer does. */
class Way implements AsyncDisposable {
  port: number;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open: Promise<unknown>[] = [];
  readonly #accepting: Promise<void>;

  constructor(port: number) {
    this.port = port;
    this.#accepting = this.#accept();
  }

  get ownPort(): number {
    return this.#listener.addr.port;
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      const far = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
      this.#open.push(near.readable.pipeTo(far.writable).catch(() => {}));
      this.#open.push(far.readable.pipeTo(near.writable).catch(() => {}));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    await Promise.all(this.#open);
  }
}

Deno.test("a Redis that is full says so in words, and is used again when it is not", async () => {
  await using redis = new TestRedis();
  await redis.start();
  await using store = open(redis.port);
  assertEquals(await said(store), "");
  await redis.ask("CONFIG", "SET", "maxmemory", "1");
  assertMatch(await said(store), /it is full/);
  await redis.ask("CONFIG", "SET", "maxmemory", "0");
  assertEquals(await said(store), "");
});

Deno.test("a database that Redis does not have is told, and nothing is written into another one", async () => {
  await using redis = new TestRedis();
  await redis.start();
  await using store = open(redis.port, "/99");
  await assertRejects(() => store.exchange(report("a")), Error, "it has no database of the number in the address");
  assertEquals(await redis.ask("KEYS", "*"), []);
  await using third = open(redis.port, "/3");
  assertEquals(await said(third), "");
  assertEquals(await redis.ask("KEYS", "*"), []);
});

Deno.test("a Redis that becomes a replica is left for the one to which its address leads then", async () => {
  await using first = new TestRedis();
  await using second = new TestRedis();
  for (const redis of [first, second]) await redis.start();
  await using way = new Way(first.port);
  const store = open(way.ownPort);
  assertEquals(await said(store), "");
  await first.ask("REPLICAOF", "127.0.0.1", String(second.port));
  way.port = second.port;
  assertMatch(await said(store), /it is a replica/);
  await untilHolds(async () => await said(store) === "", "the other one is not found");
  assertEquals(await second.ask("EXISTS", `${PREFIX}node:a`), 1);
  await store[Symbol.asyncDispose]();
});

Deno.test("the rights that the documentation gives a user of Redis are enough", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/scaling.md", import.meta.url));
  const [, words] = /`ACL (SETUSER sluice [^`]+)`/.exec(text)!;
  await using redis = new TestRedis();
  await redis.start();
  await redis.ask("ACL", ...words.split(" "));
  const secrets = new NodeSecrets(new FakeClock());
  const address = `redis://sluice:password@127.0.0.1:${redis.port}/1`;
  const { log, lines } = collectLog();
  for (let round = 0; round < 2; round++) {
    await using a = new RedisStore(address, "sluice:", secrets, log);
    await using b = new RedisStore(address, "sluice:", secrets, log);
    assertEquals(await a.exchange(report("a", { beat: 1 })), []);
    assertEquals(await b.exchange(report("b", { beat: 1 })), [report("a", { beat: 1 })]);
    assertEquals((await a.exchange(report("a", { beat: 2 }))).length, 1);
    await a.leave("a");
    assertEquals(await b.exchange(report("b", { beat: 2 })), []);
    await b.leave("b");
  }
  assertEquals(lines("debug"), []);
});

Deno.test("of nodes that have gone, and of a thousand streams that came and went, only the secret is kept", async () => {
  await using redis = new TestRedis();
  await redis.start();
  await using a = open(redis.port);
  await using b = open(redis.port);
  for (let beat = 1; beat <= 100; beat++) {
    const streams = Array.from({ length: 10 }, (_, i) => held("origin", `live/cam-${beat}-${i}`));
    await a.exchange(report("a", { beat, streams }));
    await b.exchange(report("b", { beat }));
  }
  const keys = await redis.ask("KEYS", "*") as string[];
  const names = ["node:a", "node:b", "nodes", "secret", "streams:a", "streams:b"];
  assertEquals(keys.toSorted(), names.map((name) => `${PREFIX}${name}`));
  for (const key of keys) {
    const expires = Number(await redis.ask("PTTL", key)) > 0;
    assertEquals([key, expires], [key, key !== `${PREFIX}secret`], "a node that is killed leaves nothing for ever");
  }
  await a.leave("a");
  await b.leave("b");
  assertEquals(await redis.ask("KEYS", "*"), [`${PREFIX}secret`]);
});
