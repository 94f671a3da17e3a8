import type { Percentiles } from "./figures.ts";
import type { Figures } from "./run.ts";

/** What stands where nothing was, or could be, measured. */
const NOTHING = "n/a";

interface Column {
  readonly title: string;
  cell(figures: Figures): string;
}

const COLUMNS: readonly Column[] = [
  { title: "server", cell: ({ server }) => server },
  { title: "protocol", cell: ({ load }) => load.protocol },
  { title: "publishers", cell: ({ load }) => String(load.publishers) },
  {
    title: "players",
    cell: ({ load }) => load.stalled ? `${load.players} + ${load.stalled} stalled` : String(load.players),
  },
  { title: "kbit/s", cell: ({ load }) => String(load.kbps) },
  { title: "Mbit/s", cell: ({ megabits }) => number(megabits, 0) },
  { title: "CPU %", cell: ({ cpuPercent }) => number(cpuPercent, 1) },
  { title: "CPU s/Gbit", cell: ({ cpuPerGigabit }) => number(cpuPerGigabit, 3) },
  { title: "RSS MB", cell: ({ rssMegabytes, rssGrowthMegabytes }) => growth(rssMegabytes, rssGrowthMegabytes) },
  { title: "latency p50 / p99 ms", cell: ({ latency }) => pair(latency, 1) },
  { title: "first byte p50 / p99 ms", cell: ({ firstByte }) => pair(firstByte, 1) },
  { title: "starved", cell: ({ starved }) => String(starved) },
  { title: "closed", cell: ({ closed }) => String(closed) },
  { title: "load CPU %", cell: ({ loadCpuPercent }) => number(loadCpuPercent, 0) },
];

/** The figures as a Markdown table, one row each. */
export function table(rows: readonly Figures[]): string {
  const cells = [COLUMNS.map(({ title }) => title), ...rows.map((row) => COLUMNS.map((column) => column.cell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column].length)));
  const [head, ...body] = cells.map((line) => join(line.map((cell, column) => cell.padEnd(widths[column]))));
  return [head, join(widths.map((width) => "-".repeat(width))), ...body].join("\n");
}

/** What a reader of the table must know about a row; nothing when all went well. */
export function remarks(figures: Figures): string[] {
  const { server, load, late, loadCpuPercent = 0, othersCpuPercent = 0, closed, closedBecause, stalledClosed = 0 } =
    figures;
  const found: string[] = [];
  if (closed > 0) found.push(`${closed} of the connections were closed, the first because ${closedBecause}`);
  if (stalledClosed > 0) {
    found.push(`${stalledClosed} of ${load.stalled} stalled players were closed, as they should be`);
  }
  if (loadCpuPercent > BUSY_PERCENT) found.push(`the load itself took ${number(loadCpuPercent, 0)} % of a core`);
  if (othersCpuPercent > DISTURBING_PERCENT) {
    found.push(
      `other processes took ${number(othersCpuPercent, 0)} % of a core meanwhile: measure again in a calm moment`,
    );
  }
  if ((late.p99 ?? 0) > LATE_MS) found.push(`1 % of the frames were sent ${number(late.p99, 0)} ms late or more`);
  return found.map((sentence) => `${server} ${load.protocol}: ${sentence}`);
}

/** A load that takes more than this adds to the latency that it measures. */
const BUSY_PERCENT = 85;

/** When others take more than this, figures of two runs cannot be compared. */
const DISTURBING_PERCENT = 20;

/** Frames sent later than this make a stream that no encoder would. */
const LATE_MS = 20;

function join(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function number(value: number | undefined, digits: number): string {
  return value === undefined ? NOTHING : value.toFixed(digits);
}

function pair(values: Percentiles | undefined, digits: number): string {
  return values?.p50 === undefined ? NOTHING : `${number(values.p50, digits)} / ${number(values.p99, digits)}`;
}

function growth(megabytes: number | undefined, grown: number | undefined): string {
  if (megabytes === undefined || grown === undefined) return NOTHING;
  return `${number(megabytes, 0)} (${grown < 0 ? "" : "+"}${number(grown, 1)})`;
}
