import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";

/** Serves recordings and segments from the data directory, and under `/api/v1/files` says what there is. */
export const files: PluginFactory = definePlugin({
  name: "files",
  setup: async (ctx) => (await import("./set_up.ts")).setUp(ctx),
});

export default files;
