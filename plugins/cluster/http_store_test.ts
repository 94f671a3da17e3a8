import { assertEquals, assertMatch } from "@std/assert";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { settled } from "../../kernel/testing/settled.ts";
import { HttpStore } from "./http_store.ts";
import { NodeSecrets } from "./node_secrets.ts";
import type { NodeReport } from "./report.ts";
import { report } from "./testing_reports.ts";

const SECRET = "a secret of the nodes of this test";

/** A list of two other nodes, and what the second one answers, or that it hangs. */
function stage(first: () => Response) {
  const clock = new FakeClock();
  const { log, lines } = collectLog("debug", clock);
  let [answer, isHanging, asked] = [first, false, 0];
  const fetched = async (url: string | URL | Request, { signal }: RequestInit = {}) => {
    if (new URL(String(url)).host === "good:8501") return Response.json(report("good"));
    asked++;
    if (!isHanging) return await Promise.resolve().then(() => answer());
    const over = Promise.withResolvers<never>();
    signal?.addEventListener("abort", () => over.reject(signal.reason));
    return await over.promise;
  };
  const secrets = new NodeSecrets(clock, SECRET);
  const store = new HttpStore(["http://good:8501", "http://other:8501"], secrets, { clock, log, fetch: fetched });
  return {
    clock,
    store,
    lines,
    ids: (reports: readonly NodeReport[]) => reports.map(({ id }) => id),
    answers: (next: () => Response) => void (answer = next),
    hangs: (is: boolean) => void (isHanging = is),
    asked: () => asked,
  };
}

const WRONG = [
  {
    what: "that cannot be reached",
    answer: () => {
      throw new TypeError("error sending request", { cause: new Error("connection refused") });
    },
    words: /^warning http:\/\/other:8501, which is one of cluster\.nodes, .*cannot be reached: connection refused/,
  },
  {
    what: "that has another secret",
    answer: () => new Response("", { status: 401 }),
    words: /other:8501.*does not take this one for a node: secrets or clocks differ/,
  },
  { what: "that is in no cluster", answer: () => new Response("", { status: 404 }), words: /other:8501.*answers 404/ },
  { what: "that is something else", answer: () => Response.json({ hello: 1 }), words: /other:8501.*is no node/ },
  { what: "that is no JSON", answer: () => new Response("<html>"), words: /other:8501.*is no node/ },
  {
    what: "of the same name",
    answer: () => Response.json(report("me", { address: "http://twin:8501" })),
    words: /other:8501.*calls itself me, as this one does/,
  },
];

for (const { what, answer, words } of WRONG) {
  Deno.test(`a node of a list ${what} is named in words, once, and again when it is well`, async () => {
    const { store, lines, ids, answers } = stage(answer);
    for (let beat = 1; beat < 4; beat++) await store.exchange(report("me", { beat }));
    assertEquals(lines().length, 1, lines().join("\n"));
    assertMatch(lines()[0], words);
    answers(() => Response.json(report("other")));
    assertEquals(ids(await store.exchange(report("me"))), ["good", "other"]);
    await store.exchange(report("me"));
    assertMatch(lines().slice(1).join("\n"), /^info http:\/\/other:8501 .*answers as a node of this cluster again$/);
    assertEquals(lines().join().includes(SECRET), false);
    await store[Symbol.asyncDispose]();
  });
}

Deno.test("a node of a list that is silent is waited for once, and the others are known meanwhile", async () => {
  const { store, clock, ids, lines, hangs, asked } = stage(() => Response.json(report("other")));
  hangs(true);
  const first = store.exchange(report("me"));
  await settled();
  clock.advance(1500);
  assertEquals(ids(await first), ["good"]);
  assertMatch(lines()[0], /other:8501.*cannot be reached: it has not answered within 1.5 s/);
  for (let beat = 0; beat < 20; beat++) {
    assertEquals(ids(await store.exchange(report("me"))), ["good"], "nobody is waited for");
    clock.advance(100);
    await settled();
  }
  assertEquals(asked() <= 3, true, "it is asked again while it may still answer");
  hangs(false);
  clock.advance(1500);
  await store.exchange(report("me"));
  await settled();
  assertEquals(ids(await store.exchange(report("me"))), ["good", "other"]);
  assertEquals(ids(await store.exchange(report("me"))), ["good", "other"]);
  await store[Symbol.asyncDispose]();
});

Deno.test("a node that is in its own list has nothing to say about that", async () => {
  const { store, lines } = stage(() => Response.json(report("me", { beat: 7 })));
  await store.exchange(report("me"));
  assertEquals(lines(), []);
  await store[Symbol.asyncDispose]();
});
