import { z } from "zod";
import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";

/** The shape of the settings. */
type MetricsConfig = z.ZodObject<{
  perStream: z.ZodDefault<z.ZodBoolean>;
  open: z.ZodDefault<z.ZodBoolean>;
}>;

const config: MetricsConfig = z.object({
  perStream: z.boolean().default(true).describe("Whether each stream has figures of its own, besides the totals"),
  open: z.boolean().default(false).describe("Whether everybody may read /metrics; otherwise those who may use the API"),
});

/** The settings of metrics. */
export type MetricsSettings = z.output<MetricsConfig>;

/** Figures for Prometheus at `/metrics`, and whether the server is well at `/healthz` and `/readyz`. */
export const metrics: PluginFactory<MetricsConfig> = definePlugin({
  name: "metrics",
  config,
  setup: async (ctx, settings) => (await import("./set_up.ts")).setUp(ctx, settings),
});

export default metrics;
