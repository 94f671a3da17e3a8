import { createRoute, z } from "@hono/zod-openapi";
import type { FeedEvent } from "../../kernel/plugin/event_feed.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { PROBLEM } from "../shared/http/described_routes.ts";
import { eventMatcher } from "../shared/event_names.ts";
import { eventStream } from "./event_stream.ts";
import { type ApiRouter, apiRouter } from "./router.ts";

const query = z.object({
  names: z.string().optional().describe(
    "Events wanted, with commas between them: stream:start,play:*; all when absent",
  ),
  stream: z.string().optional().describe("Those of this stream alone, by its id"),
});

const headers = z.object({
  "last-event-id": z.string().optional().describe("The last event that came: the stream goes on behind it"),
});

/** What happens, as it happens. */
export function eventRoutes(ctx: PluginContext): ApiRouter {
  const router = apiRouter();
  const route = createRoute({
    method: "get",
    path: "/events",
    tags: ["events"],
    summary: "Hear of events",
    request: { query, headers },
    middleware: [ctx.guard("read")] as const,
    security: [{ token: [] }],
    responses: {
      200: { description: "Server-sent events", content: { "text/event-stream": { schema: z.string() } } },
      default: PROBLEM,
    },
  });
  router.openapi(route, (c) => {
    const { names, stream } = c.req.valid("query");
    const isNamed = nameMatcher(names);
    const wish = {
      lastId: c.req.valid("header")["last-event-id"],
      isWanted: (event: FeedEvent) => isNamed(event.name) && (stream === undefined || event.stream === stream),
    };
    return c.body(eventStream(ctx.feed, ctx.clock, ctx.signal, wish), 200, {
      "content-type": "text/event-stream",
      "x-accel-buffering": "no",
    });
  });
  return router;
}

/** Names with commas between them; all events when there are none. */
function nameMatcher(names: string | undefined): (name: string) => boolean {
  const wanted = names?.split(",").map((name) => name.trim()).filter(Boolean);
  if (!wanted) return () => true;
  return eventMatcher(wanted);
}
