import process from "node:process";

/** The process and the machine as SRS shows them; `uptime` in seconds. What the system does not tell is 0. */
export function srsSummaries(version: string, uptime: number, nowMs: number) {
  const { total, available } = systemMemory();
  const { rss } = Deno.memoryUsage();
  const [load1, load5, load15] = quietly(() => Deno.loadavg()) ?? [0, 0, 0];
  const { user, system } = process.cpuUsage();
  return {
    ok: true,
    now_ms: nowMs,
    self: {
      version,
      pid: process.pid,
      ppid: process.ppid,
      argv: "",
      cwd: "",
      mem_kbyte: Math.round(rss / 1024),
      mem_percent: total > 0 ? rss / total : 0,
      cpu_percent: uptime > 0 ? (user + system) / 1e6 / uptime : 0,
      srs_uptime: Math.round(uptime),
    },
    system: {
      cpus: navigator.hardwareConcurrency,
      cpus_online: navigator.hardwareConcurrency,
      mem_ram_kbyte: Math.round(total / 1024),
      mem_ram_percent: total > 0 ? 1 - available / total : 0,
      load_1m: load1,
      load_5m: load5,
      load_15m: load15,
      uptime: quietly(() => Deno.osUptime()) ?? 0,
    },
  };
}

function systemMemory(): { total: number; available: number } {
  return quietly(() => Deno.systemMemoryInfo()) ?? { total: 0, available: 0 };
}

/** Without the permission to look at the machine nothing is known of it. */
function quietly<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
