import { Child } from "./child.ts";
import { cpuPerGigabit, megabits, type Percentiles } from "./figures.ts";
import type { Address, Protocol } from "./load/address.ts";
import type { CrowdReport } from "./load/crowd.ts";
import type { StudioReport } from "./load/studio.ts";
import type { Command, News, Order } from "./load/worker.ts";
import { machineCpuSeconds, type ProcessFigures, processFigures } from "./process_figures.ts";
import type { Target } from "./targets/target.ts";

/** One load upon one server. */
export interface Load {
  /** What players play by, and publishers publish by when there are no players. */
  readonly protocol: Protocol;
  readonly publishers: number;
  readonly players: number;
  readonly stalled: number;
  /** Of each stream. */
  readonly kbps: number;
  /** How long it is measured. */
  readonly seconds: number;
  /** How long it runs before that, when everybody is connected. */
  readonly warmup: number;
  /** How many players connect each second. */
  readonly ramp: number;
  /** How many players look for send times in what they get. */
  readonly samples: number;
}

/** What was measured. */
export interface Figures {
  readonly server: string;
  readonly load: Load;
  /** Megabits per second: to players, or where there are none from publishers. */
  readonly megabits: number;
  /** Of one core, in per cent; undefined where the system does not tell. */
  readonly cpuPercent?: number;
  /** Seconds of one core for each gigabit. */
  readonly cpuPerGigabit?: number;
  readonly rssMegabytes?: number;
  /** How much of it came in the time that was measured. */
  readonly rssGrowthMegabytes?: number;
  /** What the load itself took of one core, in per cent. */
  readonly loadCpuPercent?: number;
  /** What other processes, and the host of a virtual machine, took meanwhile: much of it spoils all other figures. */
  readonly othersCpuPercent?: number;
  /** How much after their time frames were sent, in milliseconds: what the load itself adds to the latency. */
  readonly late: Percentiles;
  /** From a picture's sending to its arrival, in milliseconds. */
  readonly latency?: Percentiles;
  /** From dialling to the stream's first byte, in milliseconds. */
  readonly firstByte?: Percentiles;
  readonly starved: number;
  readonly closed: number;
  /** Why, for the first that was closed. */
  readonly closedBecause?: string;
  readonly stalledClosed?: number;
}

/**
 * Loads a server and measures.
 *
 * @throws {Error} when the server refuses a publisher, or a process of the load ends
 */
export async function run(target: Target, load: Load): Promise<Figures> {
  await using publisher = await begin("publisher", studioOrder(target.source ?? target, load));
  await using players = load.players > 0 ? await begin("player", crowdOrder(target, load)) : undefined;
  const workers = players ? [publisher, players] : [publisher];
  await delay(load.warmup * 1000);
  for (const worker of workers) await ask(worker, "measure");
  const before = snapshot(target, workers);
  await delay(load.seconds * 1000);
  const after = snapshot(target, workers);
  const sent = await ask(publisher, "report") as StudioReport;
  const received = players && await ask(players, "report") as CrowdReport;
  return { server: target.name, load, ...costs(before, after, received ?? sent), ...experience(sent, received) };
}

type Worker = Child<News>;

async function begin(name: string, order: Order): Promise<Worker> {
  const script = new URL("./load/worker.ts", import.meta.url);
  const worker = new Child<News>({ name, script, args: [JSON.stringify(order)] });
  try {
    await hear(worker);
    return worker;
  } catch (error) {
    await worker[Symbol.asyncDispose]();
    throw error;
  }
}

async function ask(worker: Worker, command: Command): Promise<News> {
  await worker.tell(command);
  return await hear(worker);
}

async function hear(worker: Worker): Promise<News> {
  const news = await worker.hear();
  if (news.type === "failed") throw new Error(news.because);
  return news;
}

function studioOrder(target: Target, { protocol, players, publishers, kbps }: Load): Order {
  const by = players > 0 && target.ports.rtmp !== undefined ? "rtmp" : protocol;
  return { task: "publish", address: addressOf(target, by), publishers, kbps };
}

function crowdOrder(target: Target, { protocol, players, ramp, samples, stalled }: Load): Order {
  return { task: "play", address: addressOf(target, protocol), players, ramp, samples, stalled };
}

/**
 * Where the load's stream is.
 *
 * @throws {RangeError} when the server does not speak the protocol
 */
function addressOf({ name, host, ports }: Target, protocol: Protocol): Address {
  const port = ports[protocol];
  if (port === undefined) throw new RangeError(`${name} does not speak ${protocol}`);
  return { protocol, host, port, app: "live", stream: "bench" };
}

/** As memory is counted. */
const MEGABYTE = 2 ** 20;

interface Snapshot {
  readonly at: number;
  readonly server?: ProcessFigures;
  readonly load?: ProcessFigures;
  readonly machineCpuSeconds?: number;
}

function snapshot(target: Target, workers: readonly Worker[]): Snapshot {
  return {
    at: performance.now(),
    server: processFigures(target.pids),
    load: processFigures(workers.map(({ pid }) => pid)),
    machineCpuSeconds: machineCpuSeconds(),
  };
}

function costs(before: Snapshot, after: Snapshot, { bytes, seconds }: { bytes: number; seconds: number }) {
  const cpu = difference(after.server?.cpuSeconds, before.server?.cpuSeconds);
  const loadCpu = difference(after.load?.cpuSeconds, before.load?.cpuSeconds);
  const machineCpu = difference(after.machineCpuSeconds, before.machineCpuSeconds);
  const othersCpu = difference(machineCpu, cpu && loadCpu && cpu + loadCpu);
  const growth = difference(after.server?.rssBytes, before.server?.rssBytes);
  const elapsed = (after.at - before.at) / 1000;
  return {
    megabits: megabits(bytes, seconds),
    cpuPercent: cpu && cpu / elapsed * 100,
    cpuPerGigabit: cpu && cpuPerGigabit(cpu, bytes),
    rssMegabytes: after.server && after.server.rssBytes / MEGABYTE,
    rssGrowthMegabytes: growth && growth / MEGABYTE,
    loadCpuPercent: loadCpu && loadCpu / elapsed * 100,
    othersCpuPercent: othersCpu && Math.max(0, othersCpu / elapsed * 100),
  };
}

function difference(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before;
}

function experience(sent: StudioReport, received: CrowdReport | undefined) {
  return {
    late: sent.late,
    latency: received?.latency,
    firstByte: received?.firstByte,
    starved: received?.starved ?? 0,
    closed: sent.closed + (received?.closed ?? 0),
    closedBecause: sent.closedBecause ?? received?.closedBecause,
    stalledClosed: received?.stalledClosed,
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
