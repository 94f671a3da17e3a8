import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { type ClusterConfig, clusterSchema } from "./settings.ts";

/** Several servers as one: each finds the streams of the others, and they stand in for each other. */
export const cluster: PluginFactory<ClusterConfig> = definePlugin({
  name: "cluster",
  config: clusterSchema,
  async setup(ctx, settings) {
    if (settings.redis === undefined && settings.nodes.length === 0) return;
    const { setUp } = await import("./set_up.ts");
    return await setUp(ctx, settings);
  },
});

export default cluster;
