import { definePlugin, type PluginFactory } from "../../kernel/plugin/plugin.ts";

/** Where OpenTelemetry's API looks for what implements it: Deno does so once it is started with `OTEL_DENO`. */
const IMPLEMENTATION = Symbol.for("opentelemetry.js.api.1");

/** Traces of sessions for OpenTelemetry, where Deno was started with `OTEL_DENO`; else nothing is loaded or registered. */
export const traces: PluginFactory = definePlugin({
  name: "traces",
  async setup(ctx) {
    if (IMPLEMENTATION in globalThis) (await import("./set_up.ts")).setUp(ctx);
  },
});

export default traces;
