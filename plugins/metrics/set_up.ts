import type { PluginContext, Reloadable } from "../../kernel/plugin/plugin.ts";
import { eventMetrics } from "./event_metrics.ts";
import { liveSettings } from "../shared/live_settings.ts";
import { LoopLag } from "../shared/loop_lag.ts";
import { processMetrics } from "./process_metrics.ts";
import { MetricSet } from "./registry.ts";
import { sharedGauges } from "../shared/shared_gauges.ts";
import { timingMetrics } from "./timing_metrics.ts";
import { streamMetrics } from "./stream_metrics.ts";
import { decisionMetrics, trafficMetrics } from "./traffic_metrics.ts";
import type { MetricsSettings } from "./plugin.ts";

/** Counts what happens and answers for it. */
export function setUp(ctx: PluginContext, first: MetricsSettings): Reloadable<MetricsSettings> {
  const { now: settings, take } = liveSettings(first);
  const set = new MetricSet();
  const lag = new LoopLag(ctx.clock);
  ctx.defer(() => lag[Symbol.dispose]());
  processMetrics(set, ctx, lag);
  eventMetrics(set, ctx);
  timingMetrics(set, ctx);
  streamMetrics(set, ctx, () => settings.perStream);
  trafficMetrics(set, ctx, () => settings.perStream);
  decisionMetrics(set, ctx);
  ctx.on("server:start", () => {
    for (const gauge of sharedGauges(ctx)) {
      set.gauge(gauge.name, gauge.help, () => gauge.isPerStream && !settings.perStream ? [] : gauge.samples());
    }
  });
  const answer = async () => new Response(await set.text(), { headers: { "content-type": set.contentType } });
  const guard = ctx.guard("read");
  ctx.http.get("/metrics", (c, next) => settings.open ? next() : guard(c, next), answer);
  let isReady = false;
  const state = () => ctx.control.draining ? "draining" : isReady ? "ready" : "stopping";
  ctx.on("server:start", () => void (isReady = true));
  ctx.on("server:stop", () => void (isReady = false));
  ctx.http.get("/healthz", (c) => c.json({ status: "ok" }, 200, NO_STORE));
  ctx.http.get(
    "/readyz",
    (c) => c.json({ status: state() }, state() === "ready" ? 200 : 503, NO_STORE),
  );
  return { reload: (next) => () => take(next) };
}

const NO_STORE = { "cache-control": "no-store" };
