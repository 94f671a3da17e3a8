import { Hono } from "hono";
import type { HttpEnv } from "../../../kernel/front/front.ts";
import type { PluginContext } from "../../../kernel/plugin/plugin.ts";

/** Routes below a path that may be opened while the server runs, when nobody can add any to the server's own. */
export interface LateRoutes {
  /** Opens them, made by `register`; at most once. */
  open(register: (http: Hono<HttpEnv>) => void): void;
}

/** Keeps a path for routes that may be opened later; to be called in a plugin's `setup`. */
export function lateRoutes(ctx: PluginContext, path: string): LateRoutes {
  let routes: Hono<HttpEnv> | undefined;
  ctx.http.all(path, async (c, next) => {
    const answer = await routes?.fetch(c.req.raw, c.env);
    if (!answer) return await next();
    return answer;
  });
  return {
    open(register) {
      routes = new Hono<HttpEnv>();
      routes.onError((error) => {
        throw error;
      });
      register(routes);
    },
  };
}
