import type { PluginContext, Reloadable } from "../../kernel/plugin/plugin.ts";
import { sharedGauges } from "../shared/shared_gauges.ts";
import { Forwards, type ForwardSettings } from "./forwards.ts";
import { forwardGauges } from "./gauges.ts";
import { forwardRoutes } from "./routes.ts";

/** Begins to forward, by rule and for the API. */
export function setUp(ctx: PluginContext, settings: ForwardSettings): Reloadable<ForwardSettings> {
  const forwards = new Forwards(ctx, settings);
  ctx.defer(() => forwards[Symbol.asyncDispose]());
  forwardRoutes(ctx, forwards);
  sharedGauges(ctx).push(...forwardGauges(forwards));
  return { takes: ["rules", "backend", "backendSeconds"], reload: (next) => () => forwards.configure(next) };
}
