import { z } from "zod";
import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";

/** The shape of the settings. */
type DemoConfig = z.ZodObject<{ stream: z.ZodDefault<z.ZodString>; key: z.ZodOptional<z.ZodString> }>;

const config: DemoConfig = z.object({
  stream: z.string().default("live/demo").describe("Where the clip is published: APP/STREAM."),
  key: z.string().optional().describe("The key it publishes with, where publishers need one."),
});

/** The settings of the demo. */
export type DemoSettings = z.output<DemoConfig>;

/** Publishes a built-in clip, so that there is something to watch before the first encoder is set up. */
export const demo: PluginFactory<DemoConfig> = definePlugin({
  name: "demo",
  config,
  setup: async (ctx, settings) => (await import("./set_up.ts")).setUp(ctx, settings),
});

export default demo;
