import { z } from "@hono/zod-openapi";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { Census } from "../shared/census.ts";
import { Problem } from "../../kernel/front/problem.ts";
import { type ApiRouter, apiRouter, changeRoute, readRoute } from "./router.ts";
import { sessionSchema } from "./schemas.ts";
import { paged, pageOf, pageQuery } from "../shared/http/paging.ts";

const tags = ["sessions"];

const idPath = z.object({ id: z.string() });

const listQuery = pageQuery.extend({
  stream: z.string().optional().describe("Of this stream, by its id"),
  protocol: z.string().optional(),
  role: z.enum(["publish", "play"]).optional(),
});

const kickQuery = z.object({
  reason: z.string().max(200).optional().describe("Told to the peer, where its protocol can"),
});

/** Who is connected, and sending somebody away. */
export function sessionRoutes(ctx: PluginContext, census: Census): ApiRouter {
  const router = apiRouter();
  const list = readRoute(
    ctx.guard,
    { path: "/sessions", tags, request: { query: listQuery }, summary: "List sessions" },
    "Sessions, the oldest first",
    pageOf(sessionSchema),
  );
  router.openapi(list, (c) => {
    const { stream, protocol, role, ...page } = c.req.valid("query");
    const isWanted = (session: Session) => {
      if (protocol && session.protocol !== protocol) return false;
      const part = stream || role ? census.part(session) : undefined;
      return (!stream || part?.stream === stream) && (!role || part?.role === role);
    };
    const { items, ...rest } = paged([...ctx.sessions].filter(isWanted), page);
    return c.json({ ...rest, items: items.map((session) => sessionAnswer(session, census)) }, 200);
  });

  const show = readRoute(
    ctx.guard,
    { path: "/sessions/{id}", tags, request: { params: idPath }, summary: "Show a session" },
    "The session",
    sessionSchema,
  );
  router.openapi(show, (c) => c.json(sessionAnswer(findSession(ctx, c.req.valid("param").id), census), 200));

  const kick = changeRoute(
    ctx.guard,
    "delete",
    { path: "/sessions/{id}", tags, request: { params: idPath, query: kickQuery }, summary: "Send a peer away" },
    "Its connection is closed",
  );
  router.openapi(kick, (c) => {
    findSession(ctx, c.req.valid("param").id).close("kicked", c.req.valid("query").reason);
    return c.body(null, 204);
  });
  return router;
}

function sessionAnswer(session: Session, census: Census): z.output<typeof sessionSchema> {
  return { ...session.toJSON(), ...census.part(session) };
}

function findSession(ctx: PluginContext, id: string): Session {
  for (const session of ctx.sessions) if (session.id === id) return session;
  throw new Problem(404, `There is no session ${id.slice(0, 40)}`);
}
