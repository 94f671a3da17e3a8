import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import {
  type DecisionHandler,
  HookBus,
  type ResolveRequest,
  type StreamRequest,
  type StreamSource,
  type Verdict,
} from "./hooks.ts";
import { Refusal } from "../reasons.ts";
import { OpenSession } from "../sessions/session.ts";
import { collectLog } from "../testing/collected_log.ts";
import { FakeClock } from "../testing/fake_clock.ts";
import { settled } from "../testing/settled.ts";

/** How long a handler may think about a decision. */
const DECISION_MS = 10_000;

function stage() {
  const clock = new FakeClock();
  const collected = collectLog("debug", clock);
  const bus = new HookBus(collected.log, clock);
  const session = new OpenSession({ protocol: "rtmp", remote: "127.0.0.1:5000" }, collected.log, clock);
  const key = { vhost: "_", app: "live", name: "cam" };
  const request: ResolveRequest = { session, key, stream: "live/cam", waitSeconds: 10 };
  const answer = (verdict: unknown): DecisionHandler<"play"> => () => verdict as Verdict;
  const refusal = async (): Promise<Refusal> => {
    const error = await bus.permit("play", request).then(() => undefined, (error) => error);
    assertInstanceOf(error, Refusal);
    return error;
  };
  return { clock, ...collected, bus, request, answer, refusal };
}

const START = { addresses: [] };

Deno.test("what nobody decides is allowed", async () => {
  const { bus, request } = stage();
  assertEquals(await bus.permit("publish", request), {});
  assertEquals(await bus.resolve(request), undefined);
});

Deno.test("handlers are asked one after the other, in the order of their plugins", async () => {
  const { bus, request } = stage();
  const asked: string[] = [];
  for (const [order, owner] of [[2, "c"], [0, "a"], [1, "b"], [1, "b again"]] as const) {
    bus.decide(
      "play",
      async () => {
        await settled();
        asked.push(owner);
      },
      owner,
      order,
    );
  }
  const permitted = bus.permit("play", request);
  assertEquals(asked, []);
  await permitted;
  assertEquals(asked, ["a", "b", "b again", "c"]);
});

Deno.test("a handler is given the request", async () => {
  const { bus, request } = stage();
  let given: StreamRequest | undefined;
  bus.decide("publish", (request) => void (given = request), "a", 0);
  await bus.permit("publish", request);
  assertEquals(given === request, true);
});

Deno.test("the first denial wins, with its words and where to go instead, and nobody is asked after it", async () => {
  const { bus, answer, refusal, lines } = stage();
  let asked = 0;
  bus.decide("play", answer(undefined), "a", 0);
  bus.decide("play", answer({ deny: "no key", redirect: "rtmp://other/live" }), "b", 1);
  bus.decide("play", () => void asked++, "c", 2);
  const { code, message, redirect } = await refusal();
  assertEquals([code, message, redirect, asked], ["denied", "no key", "rtmp://other/live", 0]);
  assertEquals(lines(), []);
});

Deno.test("a denial with a challenge says that the credential does not count", async () => {
  const { bus, answer, refusal } = stage();
  bus.decide("play", answer({ deny: "no key", challenge: "Bearer" }), "a", 0);
  const { code, message, challenge } = await refusal();
  assertEquals([code, message, challenge], ["unauthorized", "no key", "Bearer"]);
});

Deno.test("a decision is about its own name only", async () => {
  const { bus, request, answer } = stage();
  bus.decide("play", answer({ deny: "no" }), "a", 0);
  assertEquals(await bus.permit("publish", request), {});
  await assertRejects(() => bus.permit("play", request), Refusal, "no");
});

Deno.test("grants add up", async () => {
  const { bus, request, answer } = stage();
  bus.decide("play", answer({ credential: "token-1" }), "a", 0);
  bus.decide("play", answer({}), "b", 1);
  bus.decide("play", answer(undefined), "c", 2);
  assertEquals(await bus.permit("play", request), { credential: "token-1" });
});

Deno.test("a handler that throws refuses without telling the peer why, and the log says whose it was", async () => {
  const { bus, refusal, lines, records } = stage();
  bus.decide(
    "play",
    () => {
      throw new TypeError("no such column");
    },
    "auth",
    0,
  );
  const { code, message } = await refusal();
  assertEquals([code, message], ["error", "The server could not decide this play request"]);
  assertEquals(lines(), ["error Plugin auth failed in its play handler: no such column"]);
  assertEquals(records[0].properties.plugin, "auth");
});

Deno.test("a handler that rejects refuses", async () => {
  const { bus, refusal, lines } = stage();
  bus.decide("play", () => Promise.reject(new Error("database is away")), "auth", 0);
  assertEquals((await refusal()).code, "error");
  assertEquals(lines(), ["error Plugin auth failed in its play handler: database is away"]);
});

Deno.test("a handler may refuse in its own words by throwing a refusal", async () => {
  const { bus, refusal, lines } = stage();
  bus.decide("play", () => Promise.reject(new Refusal("limit", "too many players")), "quota", 0);
  const { code, message } = await refusal();
  assertEquals([code, message, lines()], ["limit", "too many players", []]);
});

Deno.test("a handler that does not answer in time refuses, and hears that its answer no longer counts", async () => {
  const { clock, bus, refusal, lines } = stage();
  let heard: AbortSignal | undefined;
  bus.decide(
    "play",
    (_, signal) => {
      heard = signal;
      return new Promise(() => {});
    },
    "auth",
    0,
  );
  const refused = refusal();
  await clock.advanceAsync(DECISION_MS - 1, 1000);
  assertEquals([heard?.aborted, clock.pending], [false, 1]);
  await clock.advanceAsync(1);
  assertEquals([(await refused).code, heard?.aborted], ["error", true]);
  assertEquals(lines(), ["error Plugin auth failed in its play handler: no answer within 10 s"]);
});

Deno.test("a handler that fails after its time is not heard any more", async () => {
  const { clock, bus, refusal, lines } = stage();
  const late = Promise.withResolvers<void>();
  bus.decide("play", () => late.promise, "auth", 0);
  const refused = refusal();
  await clock.advanceAsync(DECISION_MS, 1000);
  await refused;
  late.reject(new Error("too late"));
  await settled();
  assertEquals(lines().length, 1);
});

Deno.test("an answer in time leaves no timer", async () => {
  const { clock, bus, request } = stage();
  bus.decide("play", settled, "a", 0);
  await bus.permit("play", request);
  assertEquals(clock.pending, 0);
});

for (const answer of [false, true, null, 0, "", "yes", 1]) {
  Deno.test(`an answer that is none, ${JSON.stringify(answer)}, refuses`, async () => {
    const { bus, answer: answering, refusal, lines } = stage();
    bus.decide("play", answering(answer), "auth", 0);
    assertEquals((await refusal()).code, "error");
    assertEquals(lines().length, 1);
  });
}

Deno.test("a handler taken back is not asked, and those who are asked just now do not lose their turn", async () => {
  const { bus, request, answer } = stage();
  const gone = bus.decide("play", answer({ deny: "no" }), "gone", 0);
  gone[Symbol.dispose]();
  gone[Symbol.dispose]();
  assertEquals(await bus.permit("play", request), {});

  const gate = Promise.withResolvers<void>();
  const first = bus.decide("play", () => gate.promise, "first", 0);
  bus.decide("play", answer({ deny: "no key" }), "auth", 1);
  const permitted = bus.permit("play", request);
  first[Symbol.dispose]();
  gate.resolve();
  await assertRejects(() => permitted, Refusal, "no key");
});

Deno.test("how each question of a session came out is told, with the time that it took", async () => {
  const { clock, bus, request, refusal, lines } = stage();
  const told: string[] = [];
  const observer = bus.onDecided(({ name, stream, session, ms, refusal }) => {
    told.push([name, stream, session === request.session, ms, refusal?.message].join(" "));
  });
  bus.onDecided(() => {
    throw new Error("no");
  });
  const gate = Promise.withResolvers<{ deny: string } | void>();
  bus.decide("play", () => gate.promise, "auth", 0);
  const refused = refusal();
  clock.advance(7);
  gate.resolve({ deny: "no key" });
  await refused;
  await bus.permit("connect", { session: request.session, vhost: "_" });
  observer[Symbol.dispose]();
  await bus.permit("publish", request);
  assertEquals(told, ["play live/cam true 7 no key", "connect  true 0 "]);
  assertEquals(lines().length, 3, "what an observer throws is logged, and decides nothing");
});

Deno.test("the first source wins, and nobody is asked after it", async () => {
  const { bus, request } = stage();
  const source: StreamSource = { name: "edge", run: () => Promise.resolve() };
  let asked = 0;
  bus.decide("resolve", () => {}, "a", 0);
  bus.decide("resolve", () => Promise.resolve(source), "b", 1);
  bus.decide("resolve", () => void asked++, "c", 2);
  assertEquals(await bus.resolve(request), source);
  assertEquals(asked, 0);
});

Deno.test("a resolver that fails is as one that does not know", async () => {
  const { clock, bus, request, lines } = stage();
  const source: StreamSource = { name: "edge", run: () => Promise.resolve() };
  bus.decide("resolve", () => Promise.reject(new Error("no route")), "a", 0);
  bus.decide("resolve", () => Promise.reject(new Refusal("not-found", "not mine")), "b", 1);
  bus.decide("resolve", () => new Promise(() => {}), "c", 2);
  bus.decide("resolve", () => source, "d", 3);
  const resolved = bus.resolve(request);
  await settled();
  await clock.advanceAsync(DECISION_MS, 1000);
  assertEquals(await resolved, source);
  assertEquals(lines(), [
    "error Plugin a failed in its resolve handler: no route",
    "error Plugin c failed in its resolve handler: no answer within 10 s",
  ]);
});

Deno.test("events reach all their handlers at once, in the order of their plugins", () => {
  const { bus } = stage();
  const heard: string[] = [];
  bus.on(
    "server:start",
    async () => {
      heard.push("b");
      await settled();
    },
    "b",
    1,
  );
  bus.on("server:start", () => void heard.push("a"), "a", 0);
  bus.on("server:stop", () => void heard.push("stop"), "c", 2);
  bus.tell("server:start", START);
  assertEquals(heard, ["a", "b"]);
});

Deno.test("a handler of an event that throws or rejects is logged and harms nobody else", async () => {
  const { bus, lines } = stage();
  const heard: string[] = [];
  bus.on(
    "server:start",
    () => {
      throw new Error("at once");
    },
    "a",
    0,
  );
  bus.on("server:start", () => Promise.reject(new Error("later")), "b", 1);
  bus.on("server:start", () => void heard.push("c"), "c", 2);
  bus.tell("server:start", START);
  await settled();
  assertEquals(heard, ["c"]);
  assertEquals(lines(), [
    "error Plugin a failed in its server:start handler: at once",
    "error Plugin b failed in its server:start handler: later",
  ]);
});

Deno.test("what a handler of an event returns does not matter", () => {
  const { bus, lines } = stage();
  for (const value of [1, true, "x", {}, null]) bus.on("server:start", (() => value) as never, "a", 0);
  bus.tell("server:start", START);
  assertEquals(lines(), []);
});

Deno.test("a handler that is taken back while an event is told costs the others nothing", () => {
  const { bus } = stage();
  const heard: string[] = [];
  const once = bus.on(
    "server:start",
    () => {
      heard.push("once");
      once[Symbol.dispose]();
    },
    "a",
    0,
  );
  bus.on("server:start", () => void heard.push("b"), "b", 1);
  bus.tell("server:start", START);
  bus.tell("server:start", START);
  assertEquals(heard, ["once", "b", "b"]);
});

Deno.test("handlers that are still at work are waited for, and those that they start too", async () => {
  const { clock, bus } = stage();
  const work = Promise.withResolvers<void>();
  const more = Promise.withResolvers<void>();
  bus.on(
    "server:start",
    async () => {
      await work.promise;
      bus.tell("server:stop", {});
    },
    "a",
    0,
  );
  bus.on("server:stop", () => more.promise, "b", 1);
  bus.tell("server:start", START);
  let isSettled = false;
  const waiting = bus.settled(5000).then(() => isSettled = true);
  await settled();
  work.resolve();
  await settled();
  assertEquals(isSettled, false);
  more.resolve();
  await waiting;
  assertEquals(clock.pending, 0);
});

Deno.test("handlers that never finish are waited for only so long", async () => {
  const { clock, bus } = stage();
  bus.on("server:start", () => new Promise(() => {}), "a", 0);
  bus.tell("server:start", START);
  const waiting = bus.settled(5000);
  clock.advance(5000);
  await waiting;
  assert(clock.pending === 0);
});

Deno.test("with nobody at work there is nothing to wait for", async () => {
  const { clock, bus } = stage();
  bus.on("server:start", () => Promise.resolve(), "a", 0);
  bus.tell("server:start", START);
  await settled();
  await bus.settled(5000);
  assertEquals(clock.pending, 0);
});

Deno.test("an observer that throws keeps neither others nor handlers from hearing, and is logged", () => {
  const { bus, records } = stage();
  const heard: string[] = [];
  using _broken = bus.observe(() => {
    throw new Error("broken");
  });
  using _whole = bus.observe((name) => void heard.push(`observer ${name}`));
  using _handler = bus.on("server:start", () => void heard.push("handler"), "a", 0);
  bus.tell("server:start", START);
  assertEquals(heard, ["observer server:start", "handler"]);
  assertEquals(records.map(({ level }) => level), ["error"]);
});
