import { definePlugin, type PluginFactory } from "../../kernel/plugin.ts";

/** Says which worker a connection has come to, and has one fail. */
export const whereabouts: PluginFactory = definePlugin({
  name: "whereabouts",
  inWorkers: true,
  setup(ctx) {
    ctx.http.get("/whereabouts", (c) => c.text(globalThis.name || "main"));
    ctx.http.get("/whereabouts/fail", (c) => {
      ctx.clock.setTimeout(() => {
        throw new Error("a test wants this worker to fail");
      }, 0);
      return c.text("at once");
    });
  },
});
