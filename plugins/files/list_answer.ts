import type { Context } from "hono";
import { z } from "zod";
import type { HttpEnv } from "../../kernel/front/front.ts";
import { BadNameError, parseStreamPath, type StreamKey, streamKey } from "../../kernel/names.ts";
import { problemAnswer } from "../../kernel/front/problem.ts";
import { CORS } from "../shared/serving/answer.ts";
import type { RecordingList } from "../shared/recordings/recording_list.ts";
import { TOP_FOLDERS } from "../shared/recordings/served_path.ts";

/** Most recordings on one page. */
const MAX_LIMIT = 1000;

const query = z.object({
  stream: z.string().optional(),
  kind: z.enum(TOP_FOLDERS).optional(),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(100),
});

const HEADERS = { ...CORS, "Cache-Control": "no-store" };

/** Answers `GET /api/v1/files?stream=app/name&kind=flv&offset=0&limit=100`. */
export async function answerList(c: Context<HttpEnv>, list: RecordingList): Promise<Response> {
  try {
    const { stream, ...asked } = query.parse(c.req.query());
    return c.json(await list.page({ ...asked, stream: keyOf(stream, c) }), 200, HEADERS);
  } catch (error) {
    const fault = faultOf(error);
    if (fault === undefined) throw error;
    return problemAnswer(c, 400, fault, CORS);
  }
}

function keyOf(stream: string | undefined, c: Context<HttpEnv>): StreamKey | undefined {
  if (stream === undefined) return undefined;
  const { app, name } = parseStreamPath(stream);
  return streamKey(app, name, new URLSearchParams(c.req.query()));
}

function faultOf(error: unknown): string | undefined {
  if (error instanceof BadNameError) return error.message;
  if (error instanceof z.ZodError) return `${error.issues[0].path.join(".")}: ${error.issues[0].message}`;
}
