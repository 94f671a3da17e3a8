import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { MetricSet } from "./registry.ts";

/** Bounds of how long a round of waking players takes, in seconds: from one player to a crowd. */
const FLUSH_SECONDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25];

/** Bounds of how long players wait for their first bytes, in seconds. */
const FIRST_BYTES_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** Figures of how long the kernel takes: one per round and one per player, none per packet of a player. */
export function timingMetrics(set: MetricSet, ctx: PluginContext): void {
  const flush = set.histogram("flush_seconds", "How long waking players took, each round or turn", FLUSH_SECONDS);
  const first = set.histogram(
    "play_first_bytes_seconds",
    "How long players waited for their first bytes after they were let in",
    FIRST_BYTES_SECONDS,
    ["protocol"],
  );
  const lags = new Map<number, number>();
  set.gauge(
    "worker_loop_lag_max_seconds",
    "How late each worker's event loop was: the worst since the last scrape",
    () => {
      const samples = Array.from(lags, ([worker, value]) => ({ labels: { worker: String(worker) }, value }));
      for (const worker of lags.keys()) lags.set(worker, 0);
      return samples;
    },
  );
  const listener = ctx.timings.listen({
    onWorkerLag: (worker, seconds) => void lags.set(worker, Math.max(seconds, lags.get(worker) ?? 0)),
    onFlush: (_, seconds) => flush.observe(seconds),
    onFirstBytes: (protocol, seconds) => first.observe({ protocol }, seconds),
  });
  ctx.defer(() => listener[Symbol.dispose]());
}
