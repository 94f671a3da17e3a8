import process from "node:process";
import { readdir } from "node:fs/promises";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { VERSION } from "../../kernel/version.ts";
import type { LoopLag } from "../shared/loop_lag.ts";
import type { MetricSet, Sample } from "./registry.ts";

/** Figures of the process and of the disk. */
export function processMetrics(set: MetricSet, ctx: PluginContext, lag: LoopLag): void {
  const one = (value: number): Sample[] => [{ value }];
  const startedAt = ctx.clock.date().getTime() / 1000;
  set.gauge("build_info", "Which version runs", () => [
    { labels: { version: VERSION, deno: Deno.version.deno }, value: 1 },
  ]);
  set.gauge("start_time_seconds", "When the server was started, in seconds since 1970", () => one(startedAt));
  set.reading("process_cpu_seconds_total", "Time of its processors that the process took", () => {
    const { user, system } = process.cpuUsage();
    return [{ labels: { mode: "user" }, value: user / 1e6 }, { labels: { mode: "system" }, value: system / 1e6 }];
  });
  set.gauge("process_memory_bytes", "Memory of the process", () => {
    return Object.entries(Deno.memoryUsage()).map(([kind, value]) => ({ labels: { kind }, value: Number(value) }));
  });
  set.gauge(
    "process_open_files",
    "Files and connections that the process has open, where the system tells",
    openFiles,
  );
  set.gauge("event_loop_lag_seconds", "How late the event loop is: the newest measurement", () => one(lag.newest));
  set.gauge("event_loop_lag_max_seconds", "The worst since the last scrape", () => one(lag.takeWorst()));
  set.reading(
    "connections_refused_total",
    "Connections that were refused before any protocol heard of them",
    () => {
      return Array.from(ctx.front.refused ?? [], ([why, value]) => ({ labels: { why }, value }));
    },
  );
  set.gauge("disk_free_bytes", "Free space on the disk of the data folder", async () => {
    const free = await ctx.files.freeBytes(ctx.dataDir);
    return free === undefined ? [] : one(free);
  });
}

async function openFiles(): Promise<Sample[]> {
  try {
    return [{ value: (await readdir("/proc/self/fd")).length }];
  } catch {
    return [];
  }
}
