import type { StreamRequest, Verdict } from "../../kernel/plugin/hooks.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { nodeSessions } from "../shared/node_sessions.ts";
import { hopFault, hopsOf } from "../shared/relay/hops.ts";
import type { ClusterNode } from "./cluster_node.ts";
import { passesOf } from "./node_secrets.ts";

/** Lets other nodes in by their passes, and nobody in who has come through here already. */
export function admitNodes(ctx: PluginContext, node: ClusterNode): void {
  const passed = nodeSessions(ctx);
  const { secrets } = node;
  for (const action of ["publish", "play"] as const) {
    ctx.decide(action, ({ session, stream }): Verdict => {
      // A session may ask for one stream after another: each pass is for one of them.
      passed.delete(session);
      const fault = hopFault(session.params, node.id);
      if (fault) return { deny: `Cannot ${action} ${stream}: ${fault}` };
      if (action === "play" && hopsOf(session.params).some((hop) => node.held.viaOf(stream).includes(hop))) {
        return { deny: `Cannot play ${stream}: this node has it from the one that asks` };
      }
      const passes = passesOf(session.params);
      // A node that has yet to hear what the others know takes them for anybody.
      if (passes.length === 0 || !secrets.isKnown) return undefined;
      if (!secrets.admits(passes, { action, stream })) {
        return { deny: `Cannot ${action} ${stream}: this node's pass does not count here: secrets or clocks differ` };
      }
      passed.add(session);
      return credentialOf({ session });
    });
  }
}

/** A node whose connection has broken may take over from itself. */
function credentialOf({ session }: Pick<StreamRequest, "session">): Verdict {
  return { credential: `node ${hopsOf(session.params)[0] ?? ""}` };
}
