import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { OfferedClients, type StreamClient } from "../sessions/client.ts";
import { RecordedFeed } from "./event_feed.ts";
import type { DrainPolicy } from "../drain.ts";
import type { Examiner } from "../streams/findings.ts";
import type { Listener } from "../front/front.ts";
import { type DecisionHandler, type Decisions, type EventHandler, type Events, HookBus } from "./hooks.ts";
import type { Logger } from "../log/log.ts";
import { definePlugin, type PluginContext, type PluginDefinition } from "./plugin.ts";
import { onlyIsolate } from "./placement.ts";
import { PluginHost, type SharedContext, within } from "./plugin_host.ts";
import { ToldTimings } from "../fanout/timings.ts";
import { Closed } from "../reasons.ts";
import { collectLog } from "../testing/collected_log.ts";
import type { SinkControl } from "../streams/sinks.ts";
import type { Stream } from "../streams/stream.ts";
import { systemFiles } from "../files/system_files.ts";
import { FakeClock } from "../testing/fake_clock.ts";
import { settled } from "../testing/settled.ts";

/** What plugins share, with every registration and its undoing written down. */
function stage() {
  const clock = new FakeClock();
  const { log, lines, records } = collectLog("debug", clock);
  const done: string[] = [];
  const noted = (what: string): Disposable => {
    done.push(`+${what}`);
    return { [Symbol.dispose]: () => void done.push(`-${what}`) };
  };
  const hooks = new NotingBus(log, clock, noted);
  const shared: SharedContext = {
    clock,
    log,
    hooks,
    fetch,
    dataDir: "./data",
    feed: new RecordedFeed(clock),
    timings: new ToldTimings(),
    files: systemFiles,
    sinks: new Set<SinkControl>(),
    examiners: new Set<Examiner>(),
    drainPolicies: new Set<DrainPolicy>(),
    placement: onlyIsolate(),
    clients: new OfferedClients(),
    streams: new Map(),
    sessions: new Set(),
    stallMs: 20_000,
    claimDataDir: () => Promise.resolve(),
    open: () => Promise.reject(new Error("not here")),
    publish: () => Promise.reject(new Error("not here")),
    play: () => Promise.reject(new Error("not here")),
    bring: () => undefined,
    stop: () => {},
    control: {} as SharedContext["control"],
    front: {
      protocol: ({ name }) => noted(`protocol ${name}`),
      upgrade: ({ name }) => noted(`upgrade ${name}`),
      listen: async ({ name, host, port }): Promise<Listener> => {
        await settled();
        return Object.assign(noted(`listen ${name}`), { name, host, port });
      },
    },
  };
  const host = (setup: PluginDefinition["setup"], order = 0) =>
    new PluginHost(definePlugin({ name: "probe", setup })(), order, shared);
  return { clock, hooks, shared, done, lines, records, host };
}

class NotingBus extends HookBus {
  readonly #noted: (what: string) => Disposable;

  constructor(log: Logger, clock: FakeClock, noted: (what: string) => Disposable) {
    super(log, clock);
    this.#noted = noted;
  }

  override decide<K extends keyof Decisions>(name: K, ...rest: [DecisionHandler<K>, string, number]): Disposable {
    return both(super.decide(name, ...rest), this.#noted(name));
  }

  override on<K extends keyof Events>(name: K, ...rest: [EventHandler<K>, string, number]): Disposable {
    return both(super.on(name, ...rest), this.#noted(name));
  }
}

function both(...list: Disposable[]): Disposable {
  return { [Symbol.dispose]: () => list.forEach((each) => each[Symbol.dispose]()) };
}

Deno.test("all that a plugin registers is undone when it goes, the last first", async () => {
  const { host, done } = stage();
  const plugin = host(async (ctx) => {
    ctx.defer(() => void done.push("-first"));
    ctx.decide("publish", () => {});
    ctx.on("stream:start", () => {});
    ctx.front.protocol({ name: "rtmp", matches: () => true, accept() {} });
    ctx.front.upgrade({ name: "ws", matches: () => true, accept() {} });
    await ctx.front.listen({ name: "rtmp", host: "127.0.0.1", port: 0 });
    ctx.defer(async () => {
      await settled();
      done.push("-last");
    });
  });
  await plugin.setup({});
  const registered = done.splice(0);
  assertEquals(registered, ["+publish", "+stream:start", "+protocol rtmp", "+upgrade ws", "+listen rtmp"]);
  await plugin[Symbol.asyncDispose]();
  assertEquals(done, [
    "-last",
    "-listen rtmp",
    "-upgrade ws",
    "-protocol rtmp",
    "-stream:start",
    "-publish",
    "-first",
  ]);
});

Deno.test("what was registered before a setup failed is undone too", async () => {
  const { host, done } = stage();
  const plugin = host((ctx) => {
    ctx.on("stream:start", () => {});
    ctx.defer(() => void done.push("-file"));
    throw new TypeError("no such folder");
  });
  await assertRejects(() => plugin.setup({}), TypeError, "no such folder");
  await plugin[Symbol.asyncDispose]();
  assertEquals(done, ["+stream:start", "-file", "-stream:start"]);
});

Deno.test("a cleanup that fails keeps no other from running", async () => {
  const { host, done } = stage();
  const plugin = host((ctx) => {
    ctx.defer(() => void done.push("-first"));
    ctx.defer(() => {
      throw new Error("disk full");
    });
    ctx.defer(() => Promise.reject(new Error("network away")));
    ctx.defer(() => void done.push("-last"));
  });
  await plugin.setup({});
  await assertRejects(() => plugin[Symbol.asyncDispose]());
  assertEquals(done, ["-last", "-first"]);
});

Deno.test("a plugin's handlers stand at its place in the list, whenever they are registered", async () => {
  const { host, hooks } = stage();
  const heard: string[] = [];
  const contexts: PluginContext[] = [];
  for (const order of [0, 1]) await host((ctx) => void contexts.push(ctx), order).setup({});
  contexts[1].on("server:stop", () => void heard.push("second"));
  contexts[0].on("server:stop", () => void heard.push("first"));
  contexts[1].tell("server:stop", {});
  assertEquals(heard, ["first", "second"]);
  hooks.tell("server:stop", {});
  assertEquals(heard.length, 4);
});

Deno.test("a plugin hears that it goes, and why, before anything is undone", async () => {
  const { host } = stage();
  let signal: AbortSignal | undefined;
  const order: string[] = [];
  const plugin = host((ctx) => {
    signal = ctx.signal;
    ctx.signal.addEventListener("abort", () => order.push("signal"));
    ctx.defer(() => void order.push("cleanup"));
  });
  await plugin.setup({});
  assertEquals(signal?.aborted, false);
  await plugin[Symbol.asyncDispose]();
  assertEquals([signal && Closed.of(signal).reason, order], ["shutdown", ["signal", "cleanup"]]);
});

Deno.test("a plugin logs under its own name, and its failures are told by it", async () => {
  const { host, hooks, records } = stage();
  await host((ctx) => {
    ctx.log.info("hello");
    ctx.on("server:stop", () => {
      throw new Error("oops");
    });
  }).setup({});
  hooks.tell("server:stop", {});
  assertEquals(records.map(({ category, message }) => [category.join("."), ...message]), [
    ["sluice.probe", "hello"],
    ["sluice", "Plugin probe failed in its server:stop handler: oops"],
  ]);
});

Deno.test("a promise is waited for, but not longer than allowed, and no timer is left", async () => {
  const { clock } = stage();
  assertEquals(await within(clock, 1000, Promise.resolve()), true);
  const never = within(clock, 1000, new Promise(() => {}));
  await settled();
  clock.advance(1000);
  assertEquals([await never, clock.pending], [false, 0]);
  await assertRejects(() => within(clock, 1000, Promise.reject(new Error("x"))), Error, "x");
  assertEquals(clock.pending, 0);
});

Deno.test("what a plugin writes down is seen by others until the plugin goes", async () => {
  const { shared, host } = stage();
  const control = { name: "probe", runs: [], start: () => {}, stop: () => Promise.resolve() };
  let seen: ReadonlySet<SinkControl> | undefined;
  const plugin = host((ctx) => {
    ctx.sink(control);
    seen = ctx.sinks;
  });
  await plugin.setup({});
  assertEquals([...seen ?? []], [control]);
  await plugin[Symbol.asyncDispose]();
  assertEquals([seen, shared.sinks.size], [shared.sinks, 0]);
});

Deno.test("what one plugin finds out about a stream, others can read, until it goes", async () => {
  const { host } = stage();
  const finding = { code: "quiet", severity: "info", text: "It is quiet", since: new Date(0) } as const;
  const examining = host((ctx) => ctx.examiner(({ id }) => id === "live/cam" ? [finding] : []));
  let ctx!: PluginContext;
  const reading = host((own) => void (ctx = own));
  await examining.setup({});
  await reading.setup({});
  const found = (id: string) => ctx.findings({ id } as Stream);
  assertEquals([found("live/cam"), found("live/dog")], [[finding], []]);
  await examining[Symbol.asyncDispose]();
  assertEquals(found("live/cam"), []);
});

Deno.test("a protocol offers its client to all, by its schemes, until it goes", async () => {
  const { host } = stage();
  const client: StreamClient = {
    schemes: ["gopher", "gophers"],
    pull: () => Promise.reject(new Error("not here")),
    push: () => Promise.reject(new Error("not here")),
  };
  const protocol = host((ctx) => void ctx.clients.add(client));
  let ctx!: PluginContext;
  const user = host((own) => void (ctx = own));
  await protocol.setup({});
  await user.setup({});
  assertEquals([ctx.clients.for("gopher://a/b?key=x"), ctx.clients.for("GOPHERS://a/b")], [client, client]);
  for (const url of ["telnet://a/secret", "secret"]) {
    const error = assertThrows(() => ctx.clients.for(url), TypeError, "there are gopher, gophers");
    assertEquals(error.message.includes("secret"), false);
  }
  await protocol[Symbol.asyncDispose]();
  assertThrows(() => ctx.clients.for("gopher://a/b"), TypeError, "there are none");
});
