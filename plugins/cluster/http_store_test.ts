import { assertEquals, assertMatch } from "@std/assert";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { HttpStore } from "./http_store.ts";
import { NodeSecrets } from "./node_secrets.ts";
import type { NodeReport } from "./report.ts";
import { report } from "./testing_reports.ts";

const SECRET = "a secret of the nodes of this test";

/** A list of two other nodes, and what the second one answers. */
function stage(answer: () => Response) {
  const clock = new FakeClock();
  const { log, lines } = collectLog("debug", clock);
  const stage = { answer, lines, ids: (reports: readonly NodeReport[]) => reports.map(({ id }) => id) };
  const fetched = (url: string | URL | Request) => {
    const { host } = new URL(String(url));
    return Promise.resolve().then(() => host === "good:8501" ? Response.json(report("good")) : stage.answer());
  };
  const secrets = new NodeSecrets(clock, SECRET);
  const store = new HttpStore(["http://good:8501", "http://other:8501"], secrets, { clock, log, fetch: fetched });
  return { ...stage, store, set: (next: () => Response) => void (stage.answer = next) };
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
    const { store, lines, ids, set } = stage(answer);
    for (let beat = 1; beat < 4; beat++) await store.exchange(report("me", { beat }));
    assertEquals(lines().length, 1, lines().join("\n"));
    assertMatch(lines()[0], words);
    set(() => Response.json(report("other")));
    assertEquals(ids(await store.exchange(report("me"))), ["good", "other"]);
    await store.exchange(report("me"));
    assertMatch(lines().slice(1).join("\n"), /^info http:\/\/other:8501 .*answers as a node of this cluster again$/);
    assertEquals(lines().join().includes(SECRET), false);
    await store[Symbol.asyncDispose]();
  });
}

Deno.test("a node that is in its own list has nothing to say about that", async () => {
  const { store, lines } = stage(() => Response.json(report("me", { beat: 7 })));
  await store.exchange(report("me"));
  assertEquals(lines(), []);
  await store[Symbol.asyncDispose]();
});
