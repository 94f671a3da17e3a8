import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";
import { authSchema, type AuthSettings } from "./settings.ts";

/** Who may publish and play: keys, users, signed addresses, tokens, addresses, or the word of another program. */
export const auth: PluginFactory = definePlugin({
  name: "auth",
  config: authSchema,
  setup: async (ctx, settings) => (await import("./set_up.ts")).setUp(ctx, settings as unknown as AuthSettings),
});

export default auth;
