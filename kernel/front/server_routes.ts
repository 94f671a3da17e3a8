import { Hono } from "hono";
import type { HttpEnv } from "./front.ts";
import type { Logger } from "../log/log.ts";
import type { PluginHost } from "../plugin/plugin_host.ts";
import { Problem, problemAnswer, thrownProblem } from "./problem.ts";
import { Refusal } from "../reasons.ts";

/** All routes of a server: first what plugins want before everything, then theirs, in their order. */
export function serverRoutes(plugins: readonly PluginHost[], log: Logger): Hono<HttpEnv> {
  const root = new Hono<HttpEnv>();
  for (const plugin of plugins) root.route("/", plugin.before);
  for (const plugin of plugins) root.route("/", plugin.http);
  root.notFound((c) => problemAnswer(c, 404, "There is nothing at this address"));
  answerErrors(root, log);
  return root;
}

/** Has what routes throw answered: a refusal in its words, all else without any. */
export function answerErrors(root: Hono<HttpEnv>, log: Logger): void {
  root.onError((error, c) => {
    if (error instanceof Refusal || error instanceof Problem) return thrownProblem(error, c);
    const { req, env } = c;
    // Who has left in the middle of the request is not to be told anything, and the server is not at fault.
    const hasLeft = req.raw.signal.aborted || env?.incoming?.destroyed && !env.incoming.complete;
    if (!hasLeft) log.error(`A request failed: ${error.message}`, { path: req.path, error });
    return problemAnswer(c, 500, "The server failed to answer this request");
  });
}
