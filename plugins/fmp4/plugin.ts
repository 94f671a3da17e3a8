import type { z } from "zod";
import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { fmp4Config, type Fmp4Shape } from "./settings.ts";

/**
 * Writes streams as fragmented MP4 while they are live, merged and separate, and makes a complete MP4 file of each session
 * when it is over, also when the server was killed meanwhile.
 */
export const fmp4: PluginFactory<z.ZodObject<Fmp4Shape>> = definePlugin({
  name: "fmp4",
  atHome: true,
  config: fmp4Config,
  setup: async (ctx, settings) => (await import("./set_up.ts")).setUp(ctx, settings),
});

export default fmp4;
