import { definePlugin, type PluginFactory, type Reloadable } from "../../kernel/plugin/plugin.ts";
import { lateRoutes } from "../shared/http/late_routes.ts";
import { isUsed, settings, type WebhooksSettings } from "./settings.ts";

/** Tells other programs what happens, and has them decide. */
export const webhooks: PluginFactory<typeof settings> = definePlugin({
  name: "webhooks",
  config: settings,
  async setup(ctx, config) {
    const dead = lateRoutes(ctx, "/api/v1/webhooks/*");
    let running: Reloadable<WebhooksSettings> | undefined;
    const start = async () => (await import("./set_up.ts")).setUp(ctx, dead);
    const reload = async (next: WebhooksSettings) => {
      if (!running && !isUsed(next)) return () => {};
      return await (running ??= await start()).reload(next);
    };
    (await reload(config))();
    return { reload };
  },
});

export default webhooks;
