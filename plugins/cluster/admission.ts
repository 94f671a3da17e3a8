import type { StreamRequest, Verdict } from "../../kernel/hooks.ts";
import type { PluginContext } from "../../kernel/plugin.ts";
import { NODE_PASS, nodeSessions } from "../shared/node_sessions.ts";
import { hopFault, hopsOf } from "../shared/relay/hops.ts";
import type { ClusterNode } from "./cluster_node.ts";
import { isNodePass, type PassUse } from "./node_pass.ts";

/** Lets other nodes in by their passes, and nobody in who has come through here already. */
export function admitNodes(ctx: PluginContext, node: ClusterNode): void {
  const passed = nodeSessions(ctx);
  const { secret } = node.asker;
  for (const action of ["publish", "play"] as const) {
    ctx.decide(action, ({ session, stream }): Verdict => {
      // A session may ask for one stream after another: each pass is for one of them.
      passed.delete(session);
      const fault = hopFault(session.params, node.id);
      if (fault) return { deny: `Cannot ${action} ${stream}: ${fault}` };
      if (action === "play" && hopsOf(session.params).some((hop) => node.held.viaOf(stream).includes(hop))) {
        return { deny: `Cannot play ${stream}: this node has it from the one that asks` };
      }
      const pass = session.params.get(NODE_PASS);
      if (pass === null) return undefined;
      const use: PassUse = { action, stream };
      if (secret === undefined || !isNodePass(pass, secret, use, ctx.clock.date())) {
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
