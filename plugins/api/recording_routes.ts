import { z } from "@hono/zod-openapi";
import { join } from "@std/path";
import { BadNameError, parseStreamPath, streamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { RecordingList, streamOf } from "../shared/recordings/recording_list.ts";
import { servedPath, TOP_FOLDERS } from "../shared/recordings/served_path.ts";
import { storeAddresses } from "../shared/recordings/store_addresses.ts";
import { WrittenFiles } from "../shared/recordings/written_files.ts";
import { Problem } from "../../kernel/front/problem.ts";
import { type ApiRouter, apiRouter, changeRoute, readRoute } from "./router.ts";
import { recordingSchema } from "./schemas.ts";
import { pageOf, pageQuery } from "../shared/http/paging.ts";

const tags = ["recordings"];

const listQuery = pageQuery.extend({
  stream: z.string().optional().describe("Of this stream: app/name"),
  kind: z.enum(TOP_FOLDERS).optional(),
});

const pathQuery = z.object({ path: z.string().describe("The recording's path, as the list has it") });

/** What recordings there are, and removing one. */
export function recordingRoutes(ctx: PluginContext): ApiRouter {
  const written = new WrittenFiles(ctx);
  const router = apiRouter();
  addList(router, ctx, written);
  addRemove(router, ctx, written);
  return router;
}

function addList(router: ApiRouter, ctx: PluginContext, written: WrittenFiles): void {
  const recordings = new RecordingList(ctx.files, ctx.dataDir, written, ctx.clock);
  const addresses = storeAddresses(ctx);
  const list = readRoute(
    ctx.guard,
    { path: "/recordings", tags, request: { query: listQuery }, summary: "List recordings" },
    "Recordings, the newest first",
    pageOf(recordingSchema),
  );
  router.openapi(list, async (c) => {
    const { stream, ...asked } = c.req.valid("query");
    const page = await recordings.page({ ...asked, stream: stream === undefined ? undefined : keyOf(stream) });
    const items = await Promise.all(page.recordings.map(async ({ start, modified, ...rest }) => ({
      ...rest,
      start: start?.toISOString() ?? null,
      modified: modified.toISOString(),
      storeUrl: await addresses.find(rest.path.slice(1)),
    })));
    return c.json({ items, total: page.total, offset: asked.offset, limit: asked.limit }, 200);
  });
}

function addRemove(router: ApiRouter, ctx: PluginContext, written: WrittenFiles): void {
  const remove = changeRoute(
    ctx.guard,
    "delete",
    { path: "/recordings", tags, request: { query: pathQuery }, summary: "Remove a recording" },
    "It is gone",
  );
  router.openapi(remove, async (c) => {
    const parts = recordingParts(c.req.valid("query").path);
    const path = parts.join("/");
    if (written.has(path)) throw new Problem(409, `Cannot remove ${path}: it is being written`);
    const full = join(ctx.dataDir, path);
    if ((await ctx.files.facts(full))?.kind !== "file") throw new Problem(404, `There is no recording ${path}`);
    await ctx.files.remove(full);
    ctx.log.info(`Removed ${path}, as its operator wishes`);
    ctx.tell("artifact:remove", { stream: streamOf(parts), by: "api", path });
    return c.body(null, 204);
  });
}

function recordingParts(path: string): readonly string[] {
  const parts = servedPath(path);
  if (parts && /\.(flv|mp4)$/.test(parts.at(-1) ?? "")) return parts;
  throw new Problem(400, "This is not the path of a recording");
}

function keyOf(stream: string) {
  try {
    const { app, name } = parseStreamPath(stream);
    return streamKey(app, name, new URLSearchParams());
  } catch (error) {
    if (error instanceof BadNameError) throw new Problem(400, error.message);
    throw error;
  }
}
