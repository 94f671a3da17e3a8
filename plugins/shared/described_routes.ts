import { type RouteConfig, z } from "@hono/zod-openapi";
import type { EventFeed } from "../../kernel/event_feed.ts";
import type { PluginContext } from "../../kernel/plugin.ts";

const known = new WeakMap<EventFeed, RouteConfig[]>();

/** The routes of one server that plugins other than the API's own answer below `/api/v1`, for its description. */
export function describedRoutes({ feed }: Pick<PluginContext, "feed">): RouteConfig[] {
  let routes = known.get(feed);
  if (!routes) known.set(feed, routes = []);
  return routes;
}

const problem = z.object({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe("What could not be done, and what is true now"),
}).meta({ id: "Problem" });

/** How each route answers that does not do what it is asked (RFC 9457). */
export const PROBLEM = {
  description: "What went wrong",
  content: { "application/problem+json": { schema: problem } },
} as const;
