import { definePlugin, type PluginFactory } from "../../kernel/plugin.ts";
import { isUsed, settings } from "./settings.ts";

/** Tells other programs what happens, and has them decide. */
export const webhooks: PluginFactory<typeof settings> = definePlugin({
  name: "webhooks",
  config: settings,
  async setup(ctx, config) {
    if (isUsed(config)) await (await import("./set_up.ts")).setUp(ctx, config);
  },
});

export default webhooks;
