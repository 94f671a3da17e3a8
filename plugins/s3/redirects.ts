import type { Context } from "hono";
import type { HttpEnv } from "../../kernel/front/front.ts";
import { repeated, type RepeatedLogger } from "../../kernel/log/repeated.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { problemAnswer } from "../../kernel/front/problem.ts";
import { Refusal } from "../../kernel/reasons.ts";
import { servedPath, TOP_FOLDERS } from "../shared/recordings/served_path.ts";
import { CORS } from "../shared/serving/answer.ts";
import { mediaType } from "../shared/serving/media_type.ts";
import type { RemoteCopies } from "./remote_copies.ts";
import { StoreError } from "./store_error.ts";

/** While the store is down everybody who plays asks: it is told of once in so many milliseconds. */
const TOLD_MS = 60_000;

const NOT_KEPT = { ...CORS, "Cache-Control": "no-store" };

/**
 * Sends those who ask for a file that is not here any more to the store. Whoever may not have it has been refused before.
 *
 * A playlist of a bucket that not everybody can read is answered here: what it names is asked for here too, and sent on, each
 * with a signature of its own.
 */
export function redirectToStore(ctx: PluginContext, remote: RemoteCopies): void {
  const log = repeated(ctx.log, TOLD_MS, ctx.clock);
  ctx.defer(() => log[Symbol.dispose]());
  for (const top of TOP_FOLDERS) {
    ctx.before.on(["GET", "HEAD"], `/${top}/*`, async (c, next) => {
      await next();
      if (c.res.status !== 404) return;
      const answer = await answerFor(c, ctx.signal, remote, log);
      if (!answer) return;
      c.res = undefined;
      c.res = answer;
    });
  }
}

async function answerFor(
  c: Context<HttpEnv>,
  signal: AbortSignal,
  remote: RemoteCopies,
  log: RepeatedLogger,
): Promise<Response | undefined> {
  const path = servedPath(c.env?.incoming?.url ?? new URL(c.req.url).pathname)?.join("/");
  if (path === undefined) return undefined;
  const newest = remote.newest(path);
  if (newest !== undefined) return sentTo(`/${newest}`);
  const key = remote.find(path);
  if (key === undefined) return undefined;
  if (remote.isPublic || !path.endsWith(".m3u8")) {
    const method = c.req.method === "HEAD" ? "HEAD" : "GET";
    return sentTo(await remote.urlOf(key, method));
  }
  try {
    const text = await remote.textOf(key, signal);
    if (text === undefined) return undefined;
    return new Response(text, { headers: { ...NOT_KEPT, "Content-Type": mediaType(path)! } });
  } catch (error) {
    if (!(error instanceof StoreError || error instanceof Refusal)) throw error;
    if (error instanceof StoreError) log.warn(`Cannot answer for playlists: ${error.message}`, { path });
    return problemAnswer(c, 503, `${path} is in a store that does not answer`, CORS);
  }
}

/** An answer of its own: what the context makes has the headers of the one that it is instead of. */
function sentTo(location: string): Response {
  return new Response(null, { status: 302, headers: { ...NOT_KEPT, Location: location } });
}
