import { assertEquals } from "@std/assert";
import { RecordedFeed } from "../../kernel/plugin/event_feed.ts";
import type { DecisionHandler, Decisions, Verdict } from "../../kernel/plugin/hooks.ts";
import { DEFAULT_VHOST } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { House } from "../../kernel/testing/house.ts";
import { NODE_PASS, nodeSessions } from "../shared/node_sessions.ts";
import { admitNodes } from "./admission.ts";
import type { ClusterNode } from "./cluster_node.ts";
import { NodeSecrets } from "./node_secrets.ts";

const SECRET = "what all nodes know";

/** A node, and what it says to those who ask it for a stream. */
function stage() {
  const clock = new FakeClock();
  const handlers = new Map<keyof Decisions, DecisionHandler<"play">>();
  const ctx = {
    clock,
    feed: new RecordedFeed(clock),
    decide: (name: keyof Decisions, handler: DecisionHandler<"play">) => void handlers.set(name, handler),
  } as unknown as PluginContext;
  const secrets = new NodeSecrets(clock, SECRET);
  const node = { id: "here", secrets, held: { viaOf: () => [] } } as unknown as ClusterNode;
  admitNodes(ctx, node);
  const session = new House().session();
  /** What is said to this session about a stream of this name. */
  const ask = async (action: "play" | "publish", name: string, pass?: string): Promise<Verdict | void> => {
    session.params.delete(NODE_PASS);
    if (pass !== undefined) session.params.set(NODE_PASS, pass);
    const key = { vhost: DEFAULT_VHOST, app: "live", name };
    return await handlers.get(action)!({ session, key, stream: `live/${name}` }, new AbortController().signal);
  };
  const pass = (name: string) => secrets.passes({ action: "play", stream: `live/${name}` })[0];
  return { ask, pass, isNode: () => nodeSessions(ctx).has(session) };
}

Deno.test("a pass counts for what is asked with it, and for nothing that the same session asks for later", async () => {
  const { ask, pass, isNode } = stage();
  assertEquals(await ask("play", "cam", pass("cam")), { credential: "node " });
  assertEquals(isNode(), true);
  for (const [action, name] of [["play", "other"], ["publish", "cam"]] as const) {
    assertEquals(await ask(action, name), undefined);
    assertEquals(isNode(), false, `it needs no other credential to ${action} ${name}`);
    await ask("play", "cam", pass("cam"));
  }
});

Deno.test("a session with a pass for another stream is no node", async () => {
  const { ask, pass, isNode } = stage();
  await ask("play", "cam", pass("cam"));
  const verdict = await ask("play", "other", pass("cam"));
  assertEquals([Object.keys(verdict ?? {}), isNode()], [["deny"], false]);
});
