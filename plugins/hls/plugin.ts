import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { type HlsConfig, hlsConfig } from "./settings.ts";

/** HLS: `/hls/{app}/{stream}/index.m3u8`, with low latency for players that know it, and for all others. */
export const hls: PluginFactory<HlsConfig> = definePlugin({
  name: "hls",
  atHome: true,
  config: hlsConfig,
  setup: async (ctx, settings) => (await import("./set_up.ts")).setUp(ctx, settings),
});

export default hls;
