import { assertEquals } from "@std/assert";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { OwnDecisions } from "./own_decisions.ts";

type Handler = (request: unknown, signal: AbortSignal) => Promise<unknown>;

/** What a backend is told of the parameters of a session. */
async function toldOf(query: string): Promise<unknown> {
  const handlers = new Map<string, Handler>();
  const clock = new FakeClock();
  const ctx = { feed: {}, clock, decide: (name: string, handler: Handler) => void handlers.set(name, handler) };
  const decisions = new OwnDecisions(ctx as unknown as PluginContext);
  let told: unknown;
  const ask = (_url: string, body: string) => {
    told = JSON.parse(body).session.params;
    return Promise.resolve({ status: 200, text: "" });
  };
  const url = "http://backend.test/";
  decisions.configure({ connect: url }, { ask, clock, failOpen: false, cacheMs: 0, onFailure: () => {} });
  const session = {
    id: "1",
    protocol: "http-flv",
    remote: "192.0.2.7:5000",
    info: {},
    params: new URLSearchParams(query),
  };
  await handlers.get("connect")!({ session, app: "live", vhost: "default" }, new AbortController().signal);
  return told;
}

Deno.test("a backend is not shown the passes of nodes", async () => {
  const pass = `k3x9f0.${"a".repeat(43)}`;
  assertEquals(await toldOf(`key=k&node=${pass}&hops=a`), { key: "k", hops: "a" });
});

Deno.test("a backend is shown parameters that are called as a pass is, and are none", async () => {
  assertEquals(await toldOf("key=k&node=7"), { key: "k", node: "7" });
});
