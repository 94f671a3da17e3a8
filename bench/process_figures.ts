/** What some processes have used together. */
export interface ProcessFigures {
  /** Seconds of one core, in user and kernel mode, since they began. */
  readonly cpuSeconds: number;
  /** Resident memory in bytes. */
  readonly rssBytes: number;
}

/** Linux counts a process's time in hundredths of a second, whatever the kernel's own tick is. */
const TICKS_PER_SECOND = 100;

/** Where the user and the system time stand in `stat`, counted from behind the process's name (proc_pid_stat(5)). */
const USER_TIME = 11;
const SYSTEM_TIME = 12;

/**
 * What the processes have used until now; undefined where the system does not tell (it is Linux that does).
 *
 * @param read reads a file of `/proc`; throws where there is none
 */
export function processFigures(
  pids: readonly number[],
  read: (path: string) => string = Deno.readTextFileSync,
): ProcessFigures | undefined {
  try {
    const each = pids.map((pid) => ({
      cpuSeconds: cpuSeconds(read(`/proc/${pid}/stat`)),
      rssBytes: rssBytes(read(`/proc/${pid}/status`)),
    }));
    return {
      cpuSeconds: each.reduce((sum, figures) => sum + figures.cpuSeconds, 0),
      rssBytes: each.reduce((sum, figures) => sum + figures.rssBytes, 0),
    };
  } catch {
    return undefined;
  }
}

/**
 * Seconds of one core that all processes have used and that the host took away, since the machine began; undefined where
 * the system does not tell. Time in soft interrupts is left out: on the loopback it is the load's own.
 */
export function machineCpuSeconds(read: (path: string) => string = Deno.readTextFileSync): number | undefined {
  try {
    const [user, nice, system, _idle, _wait, _irq, _softirq, steal] = read("/proc/stat").split(/\s+/, 9).slice(1).map(
      Number,
    );
    return (user + nice + system + steal) / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/** The name may hold spaces and parentheses, so fields are counted from behind its last one. */
function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) / TICKS_PER_SECOND;
}

function rssBytes(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
