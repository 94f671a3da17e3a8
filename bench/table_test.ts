import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Figures } from "./run.ts";
import { remarks, table } from "./table.ts";

const LOAD = {
  protocol: "http-flv",
  publishers: 1,
  players: 500,
  stalled: 0,
  kbps: 1000,
  seconds: 10,
  warmup: 2,
  ramp: 1000,
  samples: 20,
} as const;

const FIGURES: Figures = {
  server: "sluice",
  load: LOAD,
  megabits: 503.4,
  cpuPercent: 15.25,
  cpuPerGigabit: 0.3029,
  rssMegabytes: 95.6,
  rssGrowthMegabytes: 1.04,
  loadCpuPercent: 20.4,
  late: { count: 700, p50: 0.4, p99: 1.6, max: 3 },
  latency: { count: 3000, p50: 3.04, p99: 7.05, max: 9 },
  firstByte: { count: 500, p50: 2.5, p99: 30, max: 40 },
  starved: 0,
  closed: 0,
};

function cells(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

function columns(figures: Figures): Record<string, string> {
  const [head, , row] = table([figures]).split("\n");
  return Object.fromEntries(cells(head).map((title, index) => [title, cells(row)[index]]));
}

Deno.test("a row says what was loaded and what was measured", () => {
  assertEquals(columns(FIGURES), {
    "server": "sluice",
    "protocol": "http-flv",
    "publishers": "1",
    "players": "500",
    "kbit/s": "1000",
    "Mbit/s": "503",
    "CPU %": "15.3",
    "CPU s/Gbit": "0.303",
    "RSS MB": "96 (+1.0)",
    "latency p50 / p99 ms": "3.0 / 7.0",
    "first byte p50 / p99 ms": "2.5 / 30.0",
    "starved": "0",
    "closed": "0",
    "load CPU %": "20",
  });
});

Deno.test("what the system does not tell is n/a", () => {
  const { cpuPercent: _, cpuPerGigabit: __, rssMegabytes: ___, ...rest } = FIGURES;
  const row = columns({ ...rest, loadCpuPercent: undefined, latency: undefined, firstByte: { count: 0 } });
  const unknown = Object.entries(row).filter(([, cell]) => cell === "n/a").map(([title]) => title);
  assertEquals(unknown, [
    "CPU %",
    "CPU s/Gbit",
    "RSS MB",
    "latency p50 / p99 ms",
    "first byte p50 / p99 ms",
    "load CPU %",
  ]);
});

Deno.test("stalled players are told apart from the others", () => {
  assertEquals(columns({ ...FIGURES, load: { ...LOAD, stalled: 1 } })["players"], "500 + 1 stalled");
});

Deno.test("columns are as wide as their widest cell", () => {
  const lines = table([FIGURES, { ...FIGURES, server: "a server with a long name" }]).split("\n");
  assertEquals(new Set(lines.map(({ length }) => length)).size, 1);
});

Deno.test("a run in which all went well needs no remark", () => {
  assertEquals(remarks(FIGURES), []);
});

const REMARKS: readonly { name: string; change: Partial<Figures>; says: string }[] = [
  {
    name: "closed connections, with the reason",
    change: { closed: 3, closedBecause: "the server answered HTTP/1.1 404 Not Found" },
    says:
      "sluice http-flv: 3 of the connections were closed, the first because the server answered HTTP/1.1 404 Not Found",
  },
  {
    name: "stalled players that the server closed",
    change: { load: { ...LOAD, stalled: 3 }, stalledClosed: 2 },
    says: "sluice http-flv: 2 of 3 stalled players were closed, as they should be",
  },
  { name: "a busy load", change: { loadCpuPercent: 97.2 }, says: "the load itself took 97 % of a core" },
  {
    name: "a disturbed run",
    change: { othersCpuPercent: 63.7 },
    says: "other processes took 64 % of a core meanwhile: measure again in a calm moment",
  },
  { name: "late frames", change: { late: { count: 9, p99: 45.2 } }, says: "1 % of the frames were sent 45 ms late" },
];

for (const { name, change, says } of REMARKS) {
  Deno.test(`a remark tells of ${name}`, () => {
    const [remark, ...more] = remarks({ ...FIGURES, ...change });
    assertStringIncludes(remark, says);
    assertEquals(more, []);
  });
}
