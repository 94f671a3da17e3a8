import type { Context } from "hono";
import { z } from "zod";
import type { HttpEnv } from "../../kernel/front.ts";
import { parseStreamPath } from "../../kernel/names.ts";
import { CORS } from "../shared/serving/answer.ts";
import type { RecordingList } from "./recording_list.ts";
import { TOP_FOLDERS } from "./served_path.ts";

/** Most recordings on one page. */
const MAX_LIMIT = 1000;

const streamPath = z.string().superRefine((path, ctx) => {
  try {
    parseStreamPath(path);
  } catch (error) {
    ctx.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
  }
});

const query = z.object({
  stream: streamPath.optional(),
  kind: z.enum(TOP_FOLDERS).optional(),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(100),
});

const HEADERS = { ...CORS, "Cache-Control": "no-store" };

/** Answers `GET /api/v1/files?stream=app/name&kind=flv&offset=0&limit=100`. */
export async function answerList(c: Context<HttpEnv>, list: RecordingList): Promise<Response> {
  const { success, data, error } = query.safeParse(c.req.query());
  if (success) return c.json(await list.page(data), 200, HEADERS);
  const [{ path, message }] = error.issues;
  return c.json({ error: `${path.join(".")}: ${message}` }, 400, HEADERS);
}
