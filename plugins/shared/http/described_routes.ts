import { type RouteConfig, z } from "@hono/zod-openapi";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";
import { perServer } from "../per_server.ts";

/** The routes of one server that plugins other than the API's own answer below `/api/v1`, for its description. */
export const describedRoutes: (ctx: Pick<PluginContext, "feed">) => RouteConfig[] = perServer(() => []);

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
