import { z } from "zod";
import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";

/** The shape of the settings. */
type PagesConfig = z.ZodObject<{ rtmpPort: z.ZodOptional<z.ZodInt>; embed: z.ZodDefault<z.ZodBoolean> }>;

const config: PagesConfig = z.object({
  rtmpPort: z.int().min(1).max(65_535).optional()
    .describe("The RTMP port that the pages tell people, where it is not the one the server listens on."),
  embed: z.boolean().default(true)
    .describe("Whether other sites may show the players in a frame, at /index.html?embed and /play.html?embed"),
});

/** The settings of the pages. */
export type PagesSettings = z.output<PagesConfig>;

/** Serves the pages and, under `/api/v1/live`, what they need to know. */
export const pages: PluginFactory<PagesConfig> = definePlugin({
  name: "pages",
  config,
  setup: async (ctx, settings) => (await import("./set_up.ts")).setUp(ctx, settings),
});

export default pages;
