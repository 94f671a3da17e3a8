import type { Plugin, PluginContext } from "../../kernel/plugin/plugin.ts";

/** What an isolate of a server with workers is. */
export type Place = Pick<PluginContext, "isMain" | "isHome"> & Partial<Pick<PluginContext, "atHome" | "together">>;

/** The main isolate of a server with workers: the home of nothing. */
export const MAIN: Place = { isMain: true, isHome: () => false };

/** The worker that is the home of these streams. */
export function homeOf(...streams: readonly string[]): Place {
  return { isMain: false, isHome: (stream) => streams.includes(stream) };
}

/** A plugin that is set up as in such an isolate: several may have one data folder, which the first has claimed for all. */
export function placed(plugin: Plugin, place: Place): Plugin {
  return {
    ...plugin,
    setup: (ctx, config) => plugin.setup({ ...ctx, ...place, claimDataDir: () => Promise.resolve() }, config),
  };
}
