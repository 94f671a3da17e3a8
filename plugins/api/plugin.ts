import { z } from "zod";
import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";

const token: z.ZodOptional<z.ZodString> = z.string().min(16).optional();

/** The shape of the settings. */
type ApiConfig = z.ZodObject<{
  token: typeof token;
  readToken: typeof token;
  local: z.ZodDefault<z.ZodBoolean>;
  openRead: z.ZodDefault<z.ZodBoolean>;
  srsPort: z.ZodOptional<z.ZodInt>;
  host: z.ZodDefault<z.ZodString>;
}>;

const config: ApiConfig = z.object({
  token: token.describe("The token that may change things; made on the first run when absent"),
  readToken: token.describe("The token that may only look; made on the first run when absent"),
  local: z.boolean().default(true).describe("Whether requests from the machine itself need no token"),
  openRead: z.boolean().default(false).describe("Whether everybody may look, without a token"),
  srsPort: z.int().min(0).max(65_535).optional().describe(
    "A port that answers as SRS does, for tools that were made for it, which expect 1985; none when absent",
  ),
  host: z.string().min(1).default("127.0.0.1").describe("Address that srsPort listens on"),
});

/** The settings of the API. */
export type ApiSettings = z.output<ApiConfig>;

/** Shows and changes what goes on, for programs. */
export const api: PluginFactory<ApiConfig> = definePlugin({
  name: "api",
  config,
  setup: async (ctx, settings) => (await import("./set_up.ts")).setUp(ctx, settings),
});

export default api;
