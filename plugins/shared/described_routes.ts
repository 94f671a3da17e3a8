import type { RouteConfig } from "@hono/zod-openapi";
import type { EventFeed } from "../../kernel/event_feed.ts";
import type { PluginContext } from "../../kernel/plugin.ts";

const known = new WeakMap<EventFeed, RouteConfig[]>();

/** The routes of one server that plugins other than the API's own answer below `/api/v1`, for its description. */
export function describedRoutes({ feed }: Pick<PluginContext, "feed">): RouteConfig[] {
  let routes = known.get(feed);
  if (!routes) known.set(feed, routes = []);
  return routes;
}
