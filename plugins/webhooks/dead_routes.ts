import { z } from "zod";
import type { PluginContext } from "../../kernel/plugin.ts";
import { shownAddress } from "../shared/relay/address.ts";
import type { Outbox } from "./outbox.ts";

const query = z.object({
  offset: z.coerce.number().int().min(0).catch(0),
  limit: z.coerce.number().int().min(1).max(1000).catch(100),
});

/** Messages that were given up: to be looked at, and to be forgotten. */
export function deadRoutes(ctx: PluginContext, outbox: Outbox): void {
  const path = "/api/v1/webhooks/dead";
  ctx.http.get(path, ctx.guard("read"), (c) => {
    const { offset, limit } = query.parse(c.req.query());
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
  ctx.http.delete(path, ctx.guard("write"), (c) => {
    outbox.forgetDead();
    return c.body(null, 204);
  });
}

/** The body itself may hold what a publisher presented; its name is enough to know what was lost. */
function nameOf(body: string): unknown {
  const { name, action, id, stream } = JSON.parse(body);
  return { name: name ?? action, id, stream };
}
