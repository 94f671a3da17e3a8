import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import type { IncomingMessage } from "node:http";
import type { HttpEnv } from "../../front/front.ts";
import type { HttpAnswer } from "../../front/front_http.ts";
import type { Logger } from "../../log/log.ts";
import type { PluginHost } from "../../plugin/plugin_host.ts";
import { problemAnswer } from "../../front/problem.ts";
import { answerErrors } from "../../front/server_routes.ts";
import type { Forwarding } from "./forwarding.ts";
import type { RouteEntry } from "../messages.ts";
import type { AppFetch } from "./worker_requests.ts";

/** A request's target as most have it: a path without escapes (RFC 9112, section 3.2.1). */
const PLAIN_PATH = /^\/[^%]*$/;

/** What a worker answers requests with. */
export interface WorkerHttpHost {
  readonly log: Logger;
  readonly plugins: readonly PluginHost[];
  /** Whether a plugin, by its name, writes down the streams whose home this is. */
  isAtHome(plugin: string): boolean;
  /** Where what is not answered here goes to. */
  forwarding(): Forwarding;
}

/** Says which requests a worker answers itself; all others are for the main isolate. */
export class WorkerHttp {
  readonly #host: WorkerHttpHost;
  #routes = beginning();
  /** What streams' homes answer. */
  #homeRoutes = new Hono<HttpEnv>();

  constructor(host: WorkerHttpHost) {
    this.#host = host;
  }

  /** Answers a request here, as the routes say. */
  readonly fetch: AppFetch = (request, env) => this.#routes.fetch(request, env);

  /** Answers requests of this worker's connections. */
  answer(): HttpAnswer {
    const here = getRequestListener((request, env) => this.fetch(request, env as HttpEnv["Bindings"]), {
      overrideGlobalObjects: false,
    });
    return (incoming, outgoing) => {
      if (this.#isOwn(incoming)) void here(incoming, outgoing);
      else this.#host.forwarding().forward(incoming, outgoing);
    };
  }

  /** All plugins have been set up, here and in the main isolate, whose order of routes counts. */
  admit(routes: readonly RouteEntry[]): void {
    const { log, plugins, isAtHome } = this.#host;
    const root = new Hono<HttpEnv>();
    for (const entry of routes) this.#add(root, entry);
    root.notFound((c) => this.#forward(c));
    answerErrors(root, log);
    this.#routes = root;
    for (const { name, http } of plugins) if (isAtHome(name)) this.#homeRoutes.route("/", http);
  }

  /** What stands before a plugin's routes in the main isolate is answered there. */
  #add(root: Hono<HttpEnv>, entry: RouteEntry): void {
    if ("method" in entry) return void root.on(entry.method, entry.path, (c) => this.#forward(c));
    const plugin = this.#host.plugins.find(({ name }) => name === entry.plugin);
    if (!plugin) return;
    root.route("/", plugin.before);
    root.route("/", plugin.http);
  }

  /**
   * Most requests are for the main isolate: they go there without a detour, unless it has to be read first what they ask for.
   * HEAD asks for no stream, but about one, which only its home can answer better than the main isolate.
   */
  #isOwn({ method = "GET", url = "/" }: IncomingMessage): boolean {
    const path = url.split(/[?#]/, 1)[0];
    if (method === "HEAD") return this.#homeRoutes.router.match("GET", path)[0].length > 0;
    return !PLAIN_PATH.test(path) || this.#routes.router.match(method, path)[0].length > 0;
  }

  #forward({ env: { incoming, outgoing } }: Context<HttpEnv>): Response {
    this.#host.forwarding().forward(incoming, outgoing);
    return RESPONSE_ALREADY_SENT;
  }
}

/** A home may be asked for something before it is known who answers what. */
function beginning(): Hono<HttpEnv> {
  return new Hono<HttpEnv>().notFound((c) => problemAnswer(c, 503, "This part of the server begins: try again"));
}
