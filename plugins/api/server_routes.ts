import process from "node:process";
import type { z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import type { HttpEnv } from "../../kernel/front/front.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { Refusal } from "../../kernel/reasons.ts";
import { LoopLag } from "../shared/loop_lag.ts";
import { type ApiRouter, apiRouter, readRoute } from "./router.ts";
import { serverSchema } from "./schemas.ts";

type ServerAnswer = z.output<typeof serverSchema>;

/** What there is to know of the server itself. */
export function serverRoutes(ctx: PluginContext, version: string): ApiRouter {
  const router = apiRouter();
  const since = ctx.clock.date();
  const run = crypto.randomUUID();
  const lag = new LoopLag(ctx.clock);
  ctx.defer(() => lag[Symbol.dispose]());
  const mayWrite = (c: Context<HttpEnv>) => passes(ctx.guard("write"), c);
  let addresses: ServerAnswer["addresses"] = [];
  ctx.on("server:start", (event) => void (addresses = [...event.addresses]));
  const show = readRoute(
    ctx.guard,
    { path: "/server", tags: ["server"], summary: "Show the server" },
    "What it is and does",
    serverSchema,
  );
  router.openapi(show, async (c) => {
    const answer: ServerAnswer = {
      name: "Sluice",
      version,
      run,
      since: since.toISOString(),
      seconds: Math.max(0, (ctx.clock.date().getTime() - since.getTime()) / 1000),
      addresses,
      streams: ctx.streams.size,
      sessions: ctx.sessions.size,
      viewers: [...ctx.streams.values()].reduce((sum, { viewers }) => sum + viewers, 0),
      memory: Deno.memoryUsage(),
      cpuSeconds: cpuSeconds(),
      loopLagSeconds: lag.recentWorst,
      disk: { freeBytes: await ctx.files.freeBytes(ctx.dataDir) },
      sinks: [...ctx.sinks].map(({ name }) => name),
      role: await mayWrite(c) ? "write" : "read",
    };
    return c.json(answer, 200);
  });
  return router;
}

/** Whether a guard would let a request through. */
async function passes(guard: MiddlewareHandler<HttpEnv>, c: Context<HttpEnv>): Promise<boolean> {
  try {
    await guard(c, () => Promise.resolve());
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
