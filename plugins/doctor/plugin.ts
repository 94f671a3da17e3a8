import { definePlugin, type PluginFactory } from "../../kernel/plugin.ts";

/** Watches all streams and says in words what is not well with them: in the log, in the API, on the dashboard. */
export const doctor: PluginFactory = definePlugin({
  name: "doctor",
  setup: async (ctx) => (await import("./set_up.ts")).setUp(ctx),
});

export default doctor;
