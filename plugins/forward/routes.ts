import { z } from "zod";
import type { PluginContext } from "../../kernel/plugin.ts";
import { addressFault } from "../shared/relay/address.ts";
import { requestText } from "../shared/request_text.ts";
import type { Forwards } from "./forwards.ts";

const PATH = "/api/v1/forwards";

/** A name and an address are not longer. */
const MAX_BODY_BYTES = 65_536;

const wish = z.strictObject({ stream: z.string(), url: z.string() });

/** Where streams go, and changing that while they are live. */
export function forwardRoutes(ctx: PluginContext, forwards: Forwards): void {
  ctx.http.get(PATH, ctx.guard("read"), (c) => {
    const items = forwards.targets.map((target) => target.toJSON());
    return c.json({ items, total: items.length });
  });
  ctx.http.post(PATH, ctx.guard("write"), async (c) => {
    const parsed = wish.safeParse(await jsonOf(c.req.raw));
    if (!parsed.success) return c.json({ error: "Expected a JSON body of { stream, url }" }, 400);
    const { stream, url } = parsed.data;
    const fault = addressFault(url);
    if (fault) return c.json({ error: `Cannot forward ${stream}: ${fault}` }, 400);
    try {
      return c.json(forwards.add(stream, url).toJSON(), 201);
    } catch (error) {
      if (error instanceof RangeError) return c.json({ error: error.message }, 409);
      if (error instanceof TypeError) return c.json({ error: error.message }, 400);
      throw error;
    }
  });
  ctx.http.delete(`${PATH}/:id`, ctx.guard("write"), async (c) => {
    try {
      await forwards.remove(c.req.param("id"));
      return c.body(null, 204);
    } catch (error) {
      if (error instanceof RangeError) return c.json({ error: error.message }, 404);
      throw error;
    }
  });
}

/** The value that a request's body holds; undefined for one that is too long or no JSON. */
async function jsonOf(request: Request): Promise<unknown> {
  try {
    return JSON.parse(await requestText(request, MAX_BODY_BYTES));
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
