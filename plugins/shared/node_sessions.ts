import type { EventFeed } from "../../kernel/event_feed.ts";
import type { PluginContext } from "../../kernel/plugin.ts";
import type { Session } from "../../kernel/session.ts";

const known = new WeakMap<EventFeed, WeakSet<Session>>();

/** The sessions of other nodes of a server's cluster, which have shown that they belong to it: they need no other credential. */
export function nodeSessions({ feed }: Pick<PluginContext, "feed">): WeakSet<Session> {
  let sessions = known.get(feed);
  if (!sessions) known.set(feed, sessions = new WeakSet());
  return sessions;
}
