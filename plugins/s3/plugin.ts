import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { type S3Config, s3Config } from "./settings.ts";

/** Sends recordings to a store that speaks S3, while they are made and until the store has confirmed them. */
export const s3: PluginFactory<S3Config> = definePlugin({
  name: "s3",
  config: s3Config,
  setup: async (ctx, settings) => {
    if (settings.bucket !== undefined) return await (await import("./set_up.ts")).setUp(ctx, settings);
  },
});

export default s3;
