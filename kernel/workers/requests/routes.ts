import type { PluginHost } from "../../plugin/plugin_host.ts";
import type { RouteEntry } from "../messages.ts";

/** What middleware is registered for. */
const EVERY_METHOD = "ALL";

/**
 * The order in which a worker asks who answers a request: its own plugins, and before them the routes that plugins of the main
 * isolate have there. What none of these answers is for the main isolate.
 */
export function routesInWorkers(plugins: readonly PluginHost[], inWorkers: readonly string[]): RouteEntry[] {
  const last = plugins.findLastIndex(({ name }) => inWorkers.includes(name));
  return plugins.slice(0, last + 1).flatMap((plugin): RouteEntry[] => {
    if (inWorkers.includes(plugin.name)) return [{ plugin: plugin.name }];
    const routes = plugin.http.routes.filter(({ method }) => method !== EVERY_METHOD);
    return routes.map(({ method, path }) => ({ method, path }));
  });
}
