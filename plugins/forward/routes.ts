import { z } from "@hono/zod-openapi";
import { Problem } from "../../kernel/front/problem.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { describedRoutes, PROBLEM } from "../shared/http/described_routes.ts";
import { pageAsked, paged, pageOf, pageQuery } from "../shared/http/paging.ts";
import { templateFault } from "../shared/relay/address.ts";
import { RATE_SECONDS } from "../shared/relay/target.ts";
import { requestJson } from "../shared/http/request_json.ts";
import type { Forwards } from "./forwards.ts";

const PATH = "/api/v1/forwards";

/** A name and an address are not longer. */
const MAX_BODY_BYTES = 65_536;

const wish = z.strictObject({
  stream: z.string().describe("The stream's id"),
  url: z.string().describe("Where it is to go; {vhost}, {app} and {stream} stand for its names"),
  silentAudio: z.boolean().default(false).describe(
    "Whether it gets silence while the stream has pictures and no sound",
  ),
}).meta({ id: "ForwardWish" });

const target = z.object({
  id: z.string(),
  stream: z.string(),
  address: z.string().describe("Without keys"),
  state: z.enum(["connecting", "live", "waiting", "refused", "ended"]),
  since: z.iso.datetime(),
  problem: z.string().optional().describe("Why it waits"),
  bytes: z.int().min(0),
  bitrate: z.int().min(0).describe(
    `Bits of media per second over the last ${RATE_SECONDS} seconds; 0 while it is not live`,
  ),
  connects: z.int().min(0).describe("How often it was connected"),
  skips: z.int().min(0).describe("How often it was too slow and jumped to the newest key frame"),
  silentAudio: z.boolean().optional().describe("Whether silence is being added; absent when it never is"),
}).meta({ id: "ForwardTarget" });

/** Where streams go, and changing that while they are live. */
export function forwardRoutes(ctx: PluginContext, forwards: Forwards): void {
  describe(ctx);
  ctx.http.get(PATH, ctx.guard("read"), (c) => {
    const { items, ...rest } = paged(forwards.targets, pageAsked(c));
    return c.json({ items: items.map((target) => target.toJSON()), ...rest });
  });
  ctx.http.post(PATH, ctx.guard("write"), async (c) => {
    const parsed = wish.safeParse(await requestJson(c.req.raw, MAX_BODY_BYTES));
    if (!parsed.success) throw new Problem(400, "Expected a JSON body of { stream, url, silentAudio }");
    const { stream, url, silentAudio } = parsed.data;
    const fault = templateFault(url);
    if (fault) throw new Problem(400, `Cannot forward ${stream}: ${fault}`);
    try {
      return c.json(forwards.add(stream, url, silentAudio).toJSON(), 201);
    } catch (error) {
      if (error instanceof RangeError) throw new Problem(409, error.message);
      if (error instanceof TypeError) throw new Problem(400, error.message);
      throw error;
    }
  });
  ctx.http.delete(`${PATH}/:id`, ctx.guard("write"), async (c) => {
    try {
      await forwards.remove(c.req.param("id"));
      return c.body(null, 204);
    } catch (error) {
      if (error instanceof RangeError) throw new Problem(404, error.message);
      throw error;
    }
  });
}

function describe(ctx: PluginContext): void {
  const shared = { tags: ["forwards"], security: [{ token: [] }] };
  const json = (schema: z.ZodType) => ({ content: { "application/json": { schema } } });
  describedRoutes(ctx).push(
    {
      ...shared,
      method: "get",
      path: PATH,
      summary: "List where streams go",
      request: { query: pageQuery },
      responses: { 200: { description: "The targets, the oldest first", ...json(pageOf(target)) }, default: PROBLEM },
    },
    {
      ...shared,
      method: "post",
      path: PATH,
      summary: "Send a live stream to one more target",
      request: { body: { ...json(wish), required: true } },
      responses: { 201: { description: "The target", ...json(target) }, default: PROBLEM },
    },
    {
      ...shared,
      method: "delete",
      path: `${PATH}/{id}`,
      summary: "Send a stream there no more",
      request: { params: z.object({ id: z.string() }) },
      responses: { 204: { description: "It is stopped" }, default: PROBLEM },
    },
  );
}
