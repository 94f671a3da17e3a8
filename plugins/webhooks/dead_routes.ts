import { z } from "@hono/zod-openapi";
import type { Hono } from "hono";
import type { HttpEnv } from "../../kernel/front/front.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { describedRoutes, PROBLEM } from "../shared/http/described_routes.ts";
import { pageAsked, pageOf, pageQuery } from "../shared/http/paging.ts";
import { shownAddress } from "../shared/relay/address.ts";
import type { Outbox } from "./outbox.ts";

const PATH = "/api/v1/webhooks/dead";

const message = z.object({
  receiver: z.string().describe("Its address, without keys"),
  event: z.object({ name: z.unknown(), id: z.unknown(), stream: z.unknown() }).partial(),
  attempts: z.int().min(0),
  problem: z.string(),
  since: z.iso.datetime(),
  givenUp: z.iso.datetime(),
}).meta({ id: "DeadMessage" });

/** Messages that were given up: to be looked at, and to be forgotten. */
export function deadRoutes(ctx: PluginContext, http: Hono<HttpEnv>, outbox: Outbox): void {
  describe(ctx);
  http.get(PATH, ctx.guard("read"), (c) => {
    const { offset, limit } = pageAsked(c);
    const items = outbox.dead(offset, limit).map(({ receiver, body, attempts, since, problem, diedAt }) => ({
      receiver: shownAddress(receiver),
      event: nameOf(body),
      attempts,
      problem,
      since: new Date(since).toISOString(),
      givenUp: new Date(diedAt).toISOString(),
    }));
    return c.json({ items, total: outbox.deadCount, offset, limit });
  });
  http.delete(PATH, ctx.guard("write"), (c) => {
    outbox.forgetDead();
    return c.body(null, 204);
  });
}

/** The body itself may hold what a publisher presented; its name is enough to know what was lost. */
function nameOf(body: string): unknown {
  const { name, action, id, stream } = JSON.parse(body);
  return { name: name ?? action, id, stream };
}

function describe(ctx: PluginContext): void {
  const shared = { path: PATH, tags: ["webhooks"], security: [{ token: [] }] };
  const json = (schema: z.ZodType) => ({ content: { "application/json": { schema } } });
  describedRoutes(ctx).push(
    {
      ...shared,
      method: "get",
      summary: "List messages to webhooks that were given up",
      request: { query: pageQuery },
      responses: { 200: { description: "The messages, the newest first", ...json(pageOf(message)) }, default: PROBLEM },
    },
    {
      ...shared,
      method: "delete",
      summary: "Forget messages to webhooks that were given up",
      responses: { 204: { description: "They are forgotten" }, default: PROBLEM },
    },
  );
}
