import { z } from "@hono/zod-openapi";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { Problem } from "../../kernel/front/problem.ts";
import { describedRoutes, PROBLEM } from "../shared/http/described_routes.ts";
import type { ShownUpload } from "./upload.ts";
import type { RemoteCopies } from "./remote_copies.ts";
import type { Uploads } from "./uploads.ts";

const PATH = "/api/v1/uploads";

const states = z.enum(["open", "due", "done"]);

const query = z.object({
  state: states.optional().describe("Of these alone"),
  stream: z.string().optional().describe("Of this stream: app/name"),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

const count = () => z.int().min(0);

const failure = z.object({
  problem: z.string(),
  since: z.iso.datetime(),
  attempts: count(),
  retryAt: z.iso.datetime(),
});

const upload = z.object({
  id: count(),
  stream: z.string(),
  path: z.string().describe("Where the recording is served here"),
  key: z.string().describe("What the object in the store is called"),
  state: states.describe(
    "open while it may grow, due when it is complete and on its way, done when the store has confirmed it",
  ),
  bytes: count(),
  sentBytes: count(),
  since: z.iso.datetime(),
  doneAt: z.iso.datetime().nullable(),
  isLocal: z.boolean().describe("Whether its files are here too"),
  url: z.string().nullable().describe(
    "Where it can be read in the store; signed, and for a while, unless everybody may",
  ),
  failure: failure.nullable().describe("Why it waits, and until when"),
}).meta({ id: "Upload" });

const totals = z.object({ open: count(), due: count(), done: count() }).describe("How many there are in each state");

/** What is on its way to the store, and trying again what waits. */
export function uploadRoutes(ctx: PluginContext, uploads: Uploads, remote: RemoteCopies): void {
  describe(ctx);
  ctx.http.get(PATH, ctx.guard("read"), async (c) => {
    const asked = query.safeParse(c.req.query());
    if (!asked.success) {
      throw new Problem(400, `${asked.error.issues[0].path.join(".")}: ${asked.error.issues[0].message}`);
    }
    const { offset, limit } = asked.data;
    const { items, total } = uploads.ledger.page(asked.data);
    const shown = await Promise.all(items.map((item) => shownUpload(item, uploads, remote)));
    return c.json({ items: shown, total, offset, limit, totals: uploads.ledger.counts() }, 200, NO_STORE);
  });
  ctx.http.post(`${PATH}/retry`, ctx.guard("write"), (c) => c.json({ retried: uploads.retry() }));
  ctx.http.post(`${PATH}/:id/retry`, ctx.guard("write"), (c) => {
    const id = Number(c.req.param("id"));
    if (!Number.isSafeInteger(id) || !uploads.ledger.get(id)) throw new Problem(404, "There is no such upload");
    return c.json({ retried: uploads.retry(id) });
  });
}

const NO_STORE = { "Cache-Control": "no-store" };

async function shownUpload(
  item: ShownUpload,
  uploads: Uploads,
  remote: RemoteCopies,
): Promise<z.output<typeof upload>> {
  const { id, stream, path, key, state, bytes, sentBytes, since, doneAt, isLocal } = item;
  const failed = uploads.failureOf(id);
  return {
    ...{ id, stream, path: `/${path}`, key, state, bytes, sentBytes, isLocal },
    since: timeOf(since),
    doneAt: doneAt === undefined ? null : timeOf(doneAt),
    url: await remote.addressOf(item),
    failure: failed ? { ...failed, since: failed.since.toISOString(), retryAt: failed.retryAt.toISOString() } : null,
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function describe(ctx: PluginContext): void {
  const shared = { tags: ["uploads"], security: [{ token: [] }] };
  const json = (schema: z.ZodType) => ({ content: { "application/json": { schema } } });
  const page = z.object({ items: z.array(upload), total: count(), offset: count(), limit: count(), totals });
  const retried = z.object({ retried: count().describe("How many waited") });
  describedRoutes(ctx).push(
    {
      ...shared,
      method: "get",
      path: PATH,
      summary: "List recordings on their way to the store, and there",
      request: { query },
      responses: { 200: { description: "The uploads, the newest first", ...json(page) }, default: PROBLEM },
    },
    {
      ...shared,
      method: "post",
      path: `${PATH}/retry`,
      summary: "Try again at once what waits after a failure",
      responses: { 200: { description: "They are tried", ...json(retried) }, default: PROBLEM },
    },
    {
      ...shared,
      method: "post",
      path: `${PATH}/{id}/retry`,
      summary: "Try one upload again at once",
      request: { params: z.object({ id: z.string() }) },
      responses: { 200: { description: "It is tried if it waited", ...json(retried) }, default: PROBLEM },
    },
  );
}
