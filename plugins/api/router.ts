import { createRoute, OpenAPIHono, type RouteConfig, type z } from "@hono/zod-openapi";
import type { HttpEnv } from "../../kernel/front/front.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { problemAnswer, thrownProblem } from "../../kernel/front/problem.ts";
import { PROBLEM } from "../shared/http/described_routes.ts";

/** The API's routes, described. */
export type ApiRouter = OpenAPIHono<HttpEnv>;

/** Makes what lets only those through who have a role. */
export type Guard = PluginContext["guard"];

/** Makes a router that answers what is wrong with a request in words. */
export function apiRouter(): ApiRouter {
  const router = new OpenAPIHono<HttpEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      return problemAnswer(c, 400, `${issue.path.join(".") || "The request"}: ${issue.message}`);
    },
  });
  router.onError(thrownProblem);
  return router;
}

/** What a route says of itself, but for how it is asked and what it answers. */
type AnsweringRoute = Omit<RouteConfig, "method" | "responses">;

/** A route for reading; `schema` is what it answers. */
export function readRoute<const R extends AnsweringRoute, S extends z.ZodType>(
  guard: Guard,
  route: R,
  description: string,
  schema: S,
) {
  return answeringRoute(guard("read"), "get", route, description, schema);
}

/** A route that changes something; `schema` is what it answers. */
export function resultRoute<const R extends AnsweringRoute, S extends z.ZodType>(
  guard: Guard,
  route: R,
  description: string,
  schema: S,
) {
  return answeringRoute(guard("write"), "post", route, description, schema);
}

function answeringRoute<const R extends AnsweringRoute, const M extends "get" | "post", S extends z.ZodType>(
  guarded: ReturnType<Guard>,
  method: M,
  route: R,
  description: string,
  schema: S,
) {
  return createRoute({
    ...route,
    method,
    middleware: [guarded] as const,
    security: [{ token: [] }],
    responses: {
      200: { description, content: { "application/json": { schema } } },
      default: PROBLEM,
    },
  });
}

/** A route that changes something and has nothing to answer. */
export function changeRoute<
  const R extends AnsweringRoute,
  const M extends "put" | "post" | "delete",
>(guard: Guard, method: M, route: R, description: string) {
  return createRoute({
    ...route,
    method,
    middleware: [guard("write")] as const,
    security: [{ token: [] }],
    responses: { 204: { description }, default: PROBLEM },
  });
}
