import { z } from "@hono/zod-openapi";
import { ConfigError } from "../../kernel/config/config.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { requestText, TooLongError } from "../shared/http/request_text.ts";
import { Problem } from "../../kernel/front/problem.ts";
import { type ApiRouter, apiRouter, changeRoute, readRoute, resultRoute } from "./router.ts";

const tags = ["server"];

/** Larger ones are no configuration. */
const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** Addresses of some servers and a number are not longer. */
const MAX_OPTIONS_BYTES = 65_536;

const report = z.object({
  changed: z.array(z.string()).describe("What counts from now on, by its path"),
  restart: z.array(z.string()).describe("What has changed too and counts after a new start"),
}).meta({ id: "ReloadReport" });

const checked = report.extend({
  valid: z.boolean(),
  problems: z.array(z.string()).describe("What is wrong, a sentence each"),
}).meta({ id: "ConfigCheck" });

const drainOptions = z.object({
  redirect: z.array(z.url()).optional().describe(
    "Where newcomers are sent, an address for each protocol: rtmp://b, http://b:8501",
  ),
  seconds: z.number().min(0).max(86_400).optional().describe(
    "Seconds over which those who are there are sent away; absent, they may stay",
  ),
});

const drainState = z.object({
  isDraining: z.boolean(),
  since: z.iso.datetime().optional(),
  sessions: z.int().min(0).describe("Sessions that are there"),
}).meta({ id: "DrainState" });

/** The settings of the server, and how it is emptied before it is stopped. */
export function controlRoutes(ctx: PluginContext): ApiRouter {
  const router = apiRouter();
  addSettings(router, ctx);
  addCheck(router, ctx);
  addDrain(router, ctx);
  return router;
}

function addSettings(router: ApiRouter, { guard, control }: PluginContext): void {
  router.openapi(
    readRoute(
      guard,
      { path: "/config", tags, summary: "Show the settings" },
      "The settings in force",
      z.record(z.string(), z.unknown()),
    ),
    (c) => c.json(JSON.parse(control.config()), 200),
  );
  router.openapi(
    resultRoute(guard, { path: "/reload", tags, summary: "Read the settings anew" }, "What has changed", report),
    async (c) => {
      const { changed, restart } = await followed(control.reload());
      return c.json({ changed: [...changed], restart: [...restart] }, 200);
    },
  );
}

function addCheck(router: ApiRouter, { guard, control }: PluginContext): void {
  router.openapi(
    resultRoute(
      guard,
      {
        path: "/config/check",
        tags,
        summary: "Check a configuration file",
        requestBody: described("A file as it is, comments too"),
      },
      "What it would change",
      checked,
    ),
    async (c) => {
      const text = await textOf(c.req.raw, MAX_DOCUMENT_BYTES);
      try {
        const { changed, restart } = await control.check(text);
        return c.json({ valid: true, problems: [], changed: [...changed], restart: [...restart] }, 200);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        return c.json({ valid: false, problems: [...error.problems], changed: [], restart: [] }, 200);
      }
    },
  );
}

function addDrain(router: ApiRouter, { guard, control, sessions }: PluginContext): void {
  const state = () => {
    const draining = control.draining;
    return { isDraining: draining !== undefined, since: draining?.since.toISOString(), sessions: sessions.size };
  };
  router.openapi(
    readRoute(
      guard,
      { path: "/drain", tags, summary: "Show whether the server is being emptied" },
      "How far it is",
      drainState,
    ),
    (c) => c.json(state(), 200),
  );
  router.openapi(
    resultRoute(
      guard,
      { path: "/drain", tags, summary: "Let nobody in any more", requestBody: described("Optional", drainOptions) },
      "How far it is",
      drainState,
    ),
    async (c) => {
      const text = await textOf(c.req.raw, MAX_OPTIONS_BYTES);
      control.drain(text === "" ? {} : parsed(text));
      return c.json(state(), 200);
    },
  );
  router.openapi(
    changeRoute(guard, "delete", { path: "/drain", tags, summary: "Let everybody in again" }, "Everybody is let in"),
    (c) => {
      control.resume();
      return c.body(null, 204);
    },
  );
}

/** A body that is described alone: its handler reads it as it came, whatever type it goes by. */
function described(description: string, schema: z.ZodType = z.record(z.string(), z.unknown())) {
  const { $schema: _, ...shape } = z.toJSONSchema(schema);
  return { description, content: { "application/json": { schema: shape as { type: "object" } } } };
}

async function textOf(request: Request, mostBytes: number): Promise<string> {
  try {
    return await requestText(request, mostBytes);
  } catch (error) {
    if (error instanceof TooLongError) throw new Problem(413, error.message);
    throw error;
  }
}

async function followed<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof ConfigError) throw new Problem(400, error.problems.join("\n"));
    throw error;
  }
}

function parsed(text: string): z.output<typeof drainOptions> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Problem(400, "The body is no JSON");
  }
  const result = drainOptions.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Problem(400, `${issue.path.join(".") || "The body"}: ${issue.message}`);
}
