/**
 * Loads a server with readers of live HLS and prints what that costs.
 *
 * ```sh
 * deno run -A bench/hls.ts --readers 2000 --kbps 300 --seconds 20 --low-latency
 * ```
 *
 * @module
 */
import { Child } from "./child.ts";
import { cpuPerGigabit, megabits } from "./figures.ts";
import type { HlsOrder, HlsReport } from "./load/hls_worker.ts";
import type { News, Order } from "./load/worker.ts";
import { programOptions } from "./program_options.ts";
import { machineCpuSeconds, processFigures } from "./process_figures.ts";
import { startSluice } from "./targets/sluice.ts";
import type { Target } from "./targets/target.ts";

const HOST = "127.0.0.1";
const STREAM = { app: "live", stream: "bench" };
const MEGABYTE = 2 ** 20;

/** Until the stream has a playlist to begin with, in milliseconds. */
const FIRST_SEGMENTS_MS = 9000;

/** How long readers watch before they are measured, in milliseconds. */
const SETTLE_MS = 8000;

interface Options {
  readonly readers: number;
  readonly ramp: number;
  readonly kbps: number;
  readonly seconds: number;
  readonly isLowLatency: boolean;
}

async function main(options: Options): Promise<void> {
  await using target = await startSluice(HOST, ["rtmp", "hls"]);
  await using publisher = await publish(target, options.kbps);
  await publisher.hear();
  await pause(FIRST_SEGMENTS_MS);
  const without = await measure(target, 4, [publisher]);
  await using readers = watch(target, options);
  await pause(options.readers / options.ramp * 1000 + SETTLE_MS);
  await ask(readers);
  const costs = await measure(target, options.seconds, [publisher, readers]);
  print(options, without, costs, await ask(readers));
}

/** A process that publishes one stream. */
function publish({ ports }: Target, kbps: number): Promise<Child<News>> {
  const address = { protocol: "rtmp", host: HOST, port: ports.rtmp!, ...STREAM } as const;
  const order: Order = { task: "publish", address, publishers: 1, kbps };
  const script = new URL("./load/worker.ts", import.meta.url);
  return Promise.resolve(new Child<News>({ name: "publisher", script, args: [JSON.stringify(order)] }));
}

function watch({ ports }: Target, { readers, ramp, isLowLatency }: Options): Child<HlsReport> {
  const folder = `/hls/${STREAM.app}/${STREAM.stream}/`;
  const order: HlsOrder = { host: HOST, port: ports["http-flv"]!, folder, isLowLatency, readers, ramp };
  const script = new URL("./load/hls_worker.ts", import.meta.url);
  return new Child<HlsReport>({ name: "reader", script, args: [JSON.stringify(order)] });
}

async function ask(readers: Child<HlsReport>): Promise<HlsReport> {
  await readers.tell("report");
  return await readers.hear();
}

interface Costs {
  readonly seconds: number;
  /** Of the server. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** Of the load. */
  readonly loadCpuSeconds: number;
  /** Of everybody else on this machine. */
  readonly othersCpuSeconds: number;
}

async function measure(target: Target, seconds: number, load: readonly { readonly pid: number }[]): Promise<Costs> {
  const look = () => ({
    at: performance.now() / 1000,
    server: processFigures(target.pids),
    load: processFigures(load.map(({ pid }) => pid)),
    machine: machineCpuSeconds() ?? NaN,
  });
  const before = look();
  await pause(seconds * 1000);
  const after = look();
  const cpuSeconds = (after.server?.cpuSeconds ?? NaN) - (before.server?.cpuSeconds ?? NaN);
  const loadCpuSeconds = (after.load?.cpuSeconds ?? NaN) - (before.load?.cpuSeconds ?? NaN);
  return {
    seconds: after.at - before.at,
    cpuSeconds,
    rssBytes: after.server?.rssBytes ?? NaN,
    loadCpuSeconds,
    othersCpuSeconds: after.machine - before.machine - cpuSeconds - loadCpuSeconds,
  };
}

function print(options: Options, without: Costs, costs: Costs, report: HlsReport): void {
  const { readers, kbps, isLowLatency } = options;
  const { bytes, loaded, stalls, starved, closed, closedBecause } = report;
  const percent = (cpuSeconds: number, { seconds }: Costs) => `${(cpuSeconds / seconds * 100).toFixed(1)} %`;
  const figures = [
    `${megabits(bytes, costs.seconds).toFixed(0)} Mbit/s`,
    `${(loaded / costs.seconds).toFixed(0)} loads/s`,
    `CPU ${percent(costs.cpuSeconds, costs)} (${percent(without.cpuSeconds, without)} without readers)`,
    `${cpuPerGigabit(costs.cpuSeconds, bytes)?.toFixed(2)} s/Gbit`,
    `RSS ${(costs.rssBytes / MEGABYTE).toFixed(0)} MB (${(without.rssBytes / MEGABYTE).toFixed(0)})`,
    `stalls ${stalls}, starved ${starved}, closed ${closed}`,
    `load CPU ${percent(costs.loadCpuSeconds, costs)}, others ${percent(costs.othersCpuSeconds, costs)}`,
  ];
  console.log(`${readers} readers of ${kbps} kbit/s, ${isLowLatency ? "parts" : "segments"}: ${figures.join("; ")}`);
  if (closedBecause) console.log(`The first was closed because ${closedBecause}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const { "low-latency": isLowLatency, ...numbers } = programOptions({
    about: "Loads a server with readers of live HLS and prints what that costs",
    options: {
      readers: { what: "how many there are", least: 1, otherwise: 2000 },
      ramp: { what: "how many begin each second", least: 1, otherwise: 300 },
      kbps: { what: "the stream's sound and picture together", least: 1, otherwise: 300 },
      seconds: { what: "how long is measured", least: 1, otherwise: 20 },
      "low-latency": { what: "readers ask for parts of segments", otherwise: false },
    },
  });
  await main({ ...numbers, isLowLatency });
}
