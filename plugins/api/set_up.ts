import { join } from "@std/path";
import type { ManageRequest } from "../../kernel/plugin/guard.ts";
import type { Verdict } from "../../kernel/plugin/hooks.ts";
import type { PluginContext, Reloadable } from "../../kernel/plugin/plugin.ts";
import { Refusal } from "../../kernel/reasons.ts";
import { VERSION } from "../../kernel/version.ts";
import { Access, askerOf } from "./access.ts";
import { describedRoutes } from "../shared/http/described_routes.ts";
import { censusOf } from "../shared/census.ts";
import { DOCS_HEADERS, docsPage } from "./docs_page.ts";
import { eventRoutes } from "./event_routes.ts";
import { type ApiRouter, apiRouter } from "./router.ts";
import { recordingRoutes } from "./recording_routes.ts";
import { controlRoutes } from "./control_routes.ts";
import { serverRoutes } from "./server_routes.ts";
import { sessionRoutes } from "./session_routes.ts";
import { srsRoutes } from "./srs/routes.ts";
import { streamRoutes } from "./stream_routes.ts";
import { findTokens, TOKEN_FILE } from "./tokens.ts";
import type { ApiSettings } from "./plugin.ts";

const BASE = "/api/v1";

const CHALLENGE = 'Bearer realm="Sluice API"';

/** Opens the API's routes and decides who may use them. */
export async function setUp(ctx: PluginContext, settings: ApiSettings): Promise<Reloadable<ApiSettings>> {
  const tokensOf = ({ token: write, readToken: read }: ApiSettings) =>
    findTokens(ctx.files, ctx.dataDir, { write, read });
  const tokens = await tokensOf(settings);
  if (tokens.isNew) sayTokens(ctx, tokens.write);
  const access = new Access(settings, tokens, ctx.clock);
  ctx.decide("manage", (request) => decide(access, request));
  const census = censusOf(ctx);
  if (settings.srsPort !== undefined) {
    const { port } = await ctx.front.listen({ name: "srs-api", host: settings.host, port: settings.srsPort });
    const srs = srsRoutes(ctx, census, VERSION);
    ctx.http.use(`${BASE}/*`, (c, next) => {
      return c.env?.incoming?.socket.localPort === port ? Promise.resolve(srs.fetch(c.req.raw, c.env)) : next();
    });
  }
  ctx.http.route(
    "/",
    documented(ctx, [
      serverRoutes(ctx, VERSION),
      controlRoutes(ctx),
      streamRoutes(ctx, census),
      sessionRoutes(ctx, census),
      recordingRoutes(ctx),
      eventRoutes(ctx),
    ]),
  );
  return {
    takes: ["token", "readToken", "local", "openRead"],
    async reload(next) {
      const found = await tokensOf(next);
      if (found.isNew) sayTokens(ctx, found.write);
      return () => access.configure(next, found);
    },
  };
}

function decide(access: Access, request: ManageRequest): Verdict {
  const rebuff = access.refuse(askerOf(request), request.role);
  if (rebuff?.status === 429) throw new Refusal("too-many", rebuff.why);
  return rebuff && { deny: rebuff.why, challenge: rebuff.status === 401 ? CHALLENGE : undefined };
}

function documented(ctx: PluginContext, parts: readonly ApiRouter[]): ApiRouter {
  const router = apiRouter();
  for (const part of parts) router.route(BASE, part);
  router.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  const description = "What the server does, and how to change it. Errors are application/problem+json (RFC 9457).";
  const about = { openapi: "3.1.0", info: { title: "Sluice API", version: VERSION, description } };
  let document: unknown;
  let known = 0;
  const described = () => {
    const more = describedRoutes(ctx).slice(known);
    for (const route of more) router.openAPIRegistry.registerPath(route);
    known += more.length;
    return document = more.length > 0 || !document ? router.getOpenAPI31Document(about) : document;
  };
  router.get(`${BASE}/openapi.json`, ctx.guard("read"), (c) => c.json(described() as object));
  router.get(`${BASE}/docs`, ctx.guard("read"), (c) => c.body(docsPage(described()), 200, { ...DOCS_HEADERS }));
  return router;
}

/** The log may be kept where others read it: the token itself is shown once, to a person at a terminal. */
function sayTokens(ctx: PluginContext, token: string): void {
  const path = join(ctx.dataDir, TOKEN_FILE);
  ctx.log.info(`The API's tokens have been made: they are in ${path}, which only its owner may read`);
  if (Deno.stderr.isTerminal()) console.error(`The API's token, shown this once: ${token}`);
}
