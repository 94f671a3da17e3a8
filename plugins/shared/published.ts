import type { Events } from "../../kernel/plugin/hooks.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { Stream } from "../../kernel/streams/stream.ts";

/** The protocol of the sessions in which streams come from other nodes of a cluster. */
export const CLUSTER_PROTOCOL = "cluster";

/** Whether what a session brings is published at another node of the cluster, where all is done that is done once for a stream. */
export function isCopy({ protocol }: Pick<Session, "protocol">): boolean {
  return protocol === CLUSTER_PROTOCOL;
}

/**
 * Calls back once for each stream that is published here, rather than fetched from another node of a cluster: when it begins,
 * or when a publisher comes for what was a copy before.
 */
export function onPublished(
  ctx: Pick<PluginContext, "on">,
  handler: (event: Events["stream:start"]) => void | Promise<void>,
): void {
  const begun = new WeakSet<Stream>();
  const note = (event: Events["stream:start"]) => {
    if (isCopy(event.session) || begun.has(event.stream)) return;
    begun.add(event.stream);
    return handler(event);
  };
  ctx.on("stream:start", note);
  ctx.on("stream:resume", note);
}
