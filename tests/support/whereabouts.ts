import { definePlugin, type Plugin, type PluginFactory } from "../../kernel/plugin.ts";

const factory: PluginFactory = definePlugin({
  name: "whereabouts",
  inWorkers: true,
  setup(ctx) {
    ctx.http.get("/whereabouts", (c) => c.text((globalThis as { name?: string }).name || "main"));
    ctx.http.get("/whereabouts/fail", (c) => {
      ctx.clock.setTimeout(() => {
        throw new Error("a test wants this worker to fail");
      }, 0);
      return c.text("at once");
    });
  },
});

export default factory;

/** Says which worker a connection has come to, and has one fail. */
export function whereabouts(): Plugin {
  return { ...factory(), module: import.meta.url };
}
