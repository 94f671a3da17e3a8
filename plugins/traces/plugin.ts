import { definePlugin, type PluginFactory } from "../../kernel/plugin.ts";

/** Where OpenTelemetry's API, of version 1, finds what records; Deno puts it there when it was started with `OTEL_DENO`. */
const RECORDERS = Symbol.for("opentelemetry.js.api.1");

/** Traces of sessions for OpenTelemetry, where Deno was started with `OTEL_DENO`; else nothing is registered. */
export const traces: PluginFactory = definePlugin({
  name: "traces",
  async setup(ctx) {
    if (RECORDERS in globalThis) (await import("./set_up.ts")).setUp(ctx);
  },
});

export default traces;
