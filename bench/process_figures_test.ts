import { assertEquals } from "@std/assert";
import { machineCpuSeconds, processFigures } from "./process_figures.ts";

const FILES: Readonly<Record<string, string>> = {
  "/proc/7/stat": "7 (deno) S 1 7 7 0 -1 4194304 100 0 0 0 1234 66 0 0 20 0 9 0 100 1000 50 18446744073709551615",
  "/proc/7/status": "Name:\tdeno\nVmPeak:\t  999 kB\nVmRSS:\t   2048 kB\nThreads:\t9\n",
  "/proc/8/stat": "8 (a (b) c) R 1 8 8 0 -1 4194304 100 0 0 0 100 100 0 0 20 0 1 0 100 1000 50 1",
  "/proc/stat": "cpu  100 20 3000 50000 700 8 90000 400 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n",
  "/proc/8/status": "VmRSS:\t1024 kB\n",
};

function read(path: string): string {
  if (path in FILES) return FILES[path];
  throw new Deno.errors.NotFound(path);
}

Deno.test("a process's time and memory are read in seconds and bytes", () => {
  assertEquals(processFigures([7], read), { cpuSeconds: 13, rssBytes: 2_097_152 });
});

Deno.test("several processes add up, whatever their names are", () => {
  assertEquals(processFigures([7, 8], read), { cpuSeconds: 15, rssBytes: 3_145_728 });
});

Deno.test("where the system does not tell, nothing is known", () => {
  assertEquals(processFigures([7, 9], read), undefined);
});

Deno.test("the machine's time is that of all processes and what the host took", () => {
  assertEquals(machineCpuSeconds(read), 35.2);
  assertEquals(machineCpuSeconds(() => read("/proc/nothing")), undefined);
});
