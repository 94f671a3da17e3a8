import { definePlugin, type PluginFactory } from "../../kernel/plugin.ts";
import { clusterSchema, type ClusterSettings } from "./settings.ts";

/** Several servers as one: each finds the streams of the others, and they stand in for each other. */
export const cluster: PluginFactory = definePlugin({
  name: "cluster",
  config: clusterSchema,
  async setup(ctx, config) {
    const settings = config as unknown as ClusterSettings;
    if (settings.redis === undefined && settings.nodes.length === 0) return;
    const { setUp } = await import("./set_up.ts");
    await setUp(ctx, settings);
  },
});

export default cluster;
