import { addressOfListener } from "../server_address.ts";
import { ConfigError } from "../config/config.ts";
import type { ServerFrontOptions } from "./open_server_front.ts";
import { WorkerPool } from "./pool.ts";
import { routesInWorkers } from "./requests/routes.ts";

/**
 * The way in of a server with so many workers.
 *
 * @throws {ConfigError} when this program or system cannot have several
 */
export function openPool(options: ServerFrontOptions, workers: number): WorkerPool {
  const { workerModule: module, running, plugins, hooks, config, possible, clock } = options;
  if (!module) throw new ConfigError(["workers must be 1: this program has no module for workers."]);
  if (Deno.build.os !== "linux") throw new ConfigError(["workers must be 1: only Linux shares ports among workers."]);
  const inWorkers = running.filter((plugin) => plugin.inWorkers || plugin.atHome);
  const names = inWorkers.map(({ name }) => name);
  const pool = new WorkerPool({
    workers,
    module,
    config,
    possible,
    plugins: inWorkers.map(({ name, module, atHome }) => ({ name, module, atHome })),
    clock,
    hooks,
    host: { ...options, refused: new Map(), tell: ({ name, event }) => hooks.tell(name, event) },
    addresses: (listeners) => listeners.map(addressOfListener),
    routes: () => routesInWorkers(plugins, names),
  });
  hooks.on("stream:resume", ({ stream }) => pool.resumed(stream), "workers", -1);
  return pool;
}
