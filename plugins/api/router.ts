import { createRoute, OpenAPIHono, type RouteConfig, type z } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import type { HttpEnv } from "../../kernel/front.ts";
import type { Access, Asker, Role } from "./access.ts";
import { Problem, problemAnswer } from "./problem.ts";
import { problemSchema } from "./schemas.ts";

/** The API's routes, described. */
export type ApiRouter = OpenAPIHono<HttpEnv>;

const PROBLEM = { description: "What went wrong", content: { "application/problem+json": { schema: problemSchema } } };

/** Makes a router that answers what is wrong with a request in words. */
export function apiRouter(): ApiRouter {
  const router = new OpenAPIHono<HttpEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      return problemAnswer(c, new Problem(400, `${issue.path.join(".") || "The request"}: ${issue.message}`));
    },
  });
  router.onError((error, c) => {
    if (error instanceof Problem) return problemAnswer(c, error);
    throw error;
  });
  return router;
}

/** Lets those through who have the role; nothing of the API is kept by caches. */
export function guarded(access: Access, role: Role): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const rebuff = access.refuse(askerOf(c), role);
    if (rebuff) throw new Problem(rebuff.status, rebuff.why);
    await next();
    c.header("cache-control", "no-store");
  };
}

/** A route for reading; `schema` is what it answers. */
export function readRoute<const R extends Omit<RouteConfig, "method" | "responses">, S extends z.ZodType>(
  access: Access,
  route: R,
  description: string,
  schema: S,
) {
  return createRoute({
    ...route,
    method: "get",
    middleware: [guarded(access, "read")] as const,
    security: [{ token: [] }],
    responses: {
      200: { description, content: { "application/json": { schema } } },
      default: PROBLEM,
    },
  });
}

/** A route that changes something and has nothing to answer. */
export function changeRoute<
  const R extends Omit<RouteConfig, "method" | "responses">,
  const M extends "put" | "post" | "delete",
>(access: Access, method: M, route: R, description: string) {
  return createRoute({
    ...route,
    method,
    middleware: [guarded(access, "write")] as const,
    security: [{ token: [] }],
    responses: { 204: { description }, default: PROBLEM },
  });
}

function askerOf(c: Context<HttpEnv>): Asker {
  const header = (name: string) => c.req.header(name);
  return {
    address: c.env?.incoming?.socket.remoteAddress,
    authorization: header("authorization"),
    host: header("host"),
    origin: header("origin"),
    fetchSite: header("sec-fetch-site"),
    isForwarded: ["forwarded", "x-forwarded-for", "x-real-ip", "via"].some((name) => header(name) !== undefined),
  };
}
