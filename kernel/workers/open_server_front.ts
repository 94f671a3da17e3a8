import { getRequestListener } from "@hono/node-server";
import { ConfiguredFront, type ConfiguredFrontOptions, type ServerFront } from "../configured_front.ts";
import { ConfigError } from "../config/config.ts";
import type { HttpEnv } from "../front.ts";
import type { HookBus } from "../hooks.ts";
import type { Plugin } from "../plugin.ts";
import type { PluginHost } from "../plugin_host.ts";
import type { LinkHost } from "./link.ts";
import { workerCount, WorkerPool } from "./pool.ts";
import { routesInWorkers } from "./routes.ts";

/** What a server's way in is made of. */
export type ServerFrontOptions =
  & Omit<ConfiguredFrontOptions, "answer" | "shared">
  & Omit<LinkHost, "refused">
  & {
    readonly hooks: HookBus;
    readonly workerModule?: URL;
    /** The plugins that are to run, in order … */
    readonly running: readonly Plugin[];
    /** … and those that have been set up. */
    readonly plugins: readonly PluginHost[];
  };

/** The way in of a server: in this isolate, or in as many workers as its settings say. */
export function openServerFront(options: ServerFrontOptions): ServerFront {
  const workers = workerCount(options.config.workers);
  if (workers > 1) return openPool(options, workers);
  const { config, possible, clock, log, files, fetch } = options;
  const answer = getRequestListener((request, env) => fetch(request, env as HttpEnv["Bindings"]), {
    overrideGlobalObjects: false,
  });
  return new ConfiguredFront({ config, possible, clock, log, files, answer });
}

function openPool(options: ServerFrontOptions, workers: number): WorkerPool {
  const { workerModule: module, running, plugins, hooks, config, possible, clock } = options;
  if (!module) throw new ConfigError(["workers must be 1: this program has no module for workers."]);
  if (Deno.build.os !== "linux") throw new ConfigError(["workers must be 1: only Linux shares ports among workers."]);
  const inWorkers = running.filter((plugin) => plugin.inWorkers);
  const names = inWorkers.map(({ name }) => name);
  const pool = new WorkerPool({
    workers,
    module,
    config,
    possible,
    plugins: inWorkers.map(({ name, module }) => ({ name, module })),
    clock,
    host: { ...options, refused: new Map() },
    routes: () => routesInWorkers(plugins, names),
  });
  hooks.on("stream:resume", ({ stream }) => pool.resumed(stream), "workers", -1);
  return pool;
}
