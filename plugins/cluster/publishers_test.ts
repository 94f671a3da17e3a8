import { assertEquals } from "@std/assert";
import { ClientError, type PushClient } from "../../kernel/sessions/client.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { collectLog } from "../../kernel/testing/collected_log.ts";
import { FakeClock } from "../../kernel/testing/fake_clock.ts";
import { settled } from "../../kernel/testing/settled.ts";
import type { ClusterNode } from "./cluster_node.ts";
import { Publishers } from "./publishers.ts";
import { report } from "./testing_reports.ts";

/** A node that takes viewers alone, beside one that takes publishers; a test says when a connection to that one has failed. */
function stage() {
  const dials: PromiseWithResolvers<PushClient>[] = [];
  const handlers = new Map<string, (event: unknown) => void>();
  const dial = () => {
    const dialled = Promise.withResolvers<PushClient>();
    dials.push(dialled);
    return dialled.promise;
  };
  const ctx = {
    decide: () => {},
    on: (name: string, handler: (event: unknown) => void) => void handlers.set(name, handler),
    clients: { for: () => ({ push: dial }) },
    clock: new FakeClock(),
    log: collectLog().log,
  };
  const node = {
    role: "viewers",
    isFromNode: () => false,
    hopsOf: () => [],
    asker: { id: "c", secrets: { passes: () => [] } },
    view: { nodes: [{ report: report("a") }] },
    held: { passesOn: () => ({ [Symbol.dispose]: () => {} }) },
    membership: { tell: () => {} },
  };
  const stream = {
    id: "live/cam",
    key: { vhost: "default", app: "live", name: "cam" },
    signal: new AbortController().signal,
  };
  const publishers = new Publishers(ctx as unknown as PluginContext, node as unknown as ClusterNode, {
    publishers: "push",
  });
  return {
    dials,
    comes: (protocol: string) => handlers.get("stream:resume")!({ stream, session: { protocol } }),
    fails: async (number: number) => {
      dials[number].reject(new ClientError("unreachable", "It does not answer"));
      await settled();
    },
    stop: () => handlers.get("server:stop")!({}),
    publishers,
  };
}

Deno.test("a publisher who returns while the node still stops passing the stream on is passed on, when it has stopped", async () => {
  const { dials, comes, fails, publishers, stop } = stage();
  comes("rtmp");
  comes("rtmp");
  await settled();
  assertEquals(dials.length, 1);
  comes("cluster");
  comes("rtmp");
  comes("rtmp");
  await settled();
  assertEquals(dials.length, 1, "never two at once");
  await fails(0);
  assertEquals(dials.length, 2);
  stop();
  await fails(1);
  await publishers[Symbol.asyncDispose]();
});

Deno.test("a publisher who returns and goes again before the node has stopped passing the stream on is not passed on", async () => {
  const { dials, comes, fails, publishers } = stage();
  comes("rtmp");
  comes("cluster");
  comes("rtmp");
  comes("cluster");
  await fails(0);
  assertEquals(dials.length, 1);
  await publishers[Symbol.asyncDispose]();
});
