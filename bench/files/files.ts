// Many readers of the same few segments, from memory and from the disk, and the same upon nginx in turn:
// deno run -A bench/files/files.ts [--readers 2000] [--every 6] [--seconds 6] [--kilobytes 2048] [--segments 4]
import { fromFileUrl, join } from "@std/path";
import { Child } from "../child.ts";
import { type ProcessFigures, processFigures } from "../process_figures.ts";
import { programOptions } from "../program_options.ts";
import { freePort } from "../targets/ports.ts";
import { startProcess } from "../targets/process_target.ts";
import type { Target } from "../targets/target.ts";
import type { ReadersOrder, ReadersReport } from "./readers.ts";

interface Options {
  readonly readers: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly segments: number;
  /** How often each reader asks for a segment, in seconds. */
  readonly every: number;
}

const HOST = "127.0.0.1";

/** How long readers run before they are measured, in milliseconds. */
const WARM_UP_MS = 2000;

type Start = (options: Options) => Promise<Target>;

const repository = (path: string) => fromFileUrl(new URL(`../../${path}`, import.meta.url));

const TARGETS: Readonly<Record<string, Start>> = {
  "sluice, memory": (options) =>
    startDeno("bench/files/memory_server.ts", ({ port }) => [port, options.segments, options.bytes]),
  "sluice, disk": (options) =>
    startDeno("server.ts", async ({ port, folder }) => {
      await writeSegments(folder, options);
      return ["files", HOST, port, "--data-dir", folder];
    }),
  "nginx, disk": (options) => startNginx(options),
};

function startDeno(
  script: string,
  args: (at: { port: number; folder: string }) => readonly (string | number)[] | Promise<readonly (string | number)[]>,
): Promise<Target> {
  const port = freePort(HOST);
  return startProcess({
    name: script,
    host: HOST,
    ports: { "http-flv": port },
    command: Deno.execPath(),
    async args(folder) {
      const own = (await args({ port, folder })).map(String);
      return [
        "run",
        "-A",
        "--no-check",
        "--v8-flags=--max-semi-space-size=2,--heap-growing-percent=150",
        repository(script),
        ...own,
      ];
    },
  });
}

function startNginx(options: Options): Promise<Target> {
  const port = freePort(HOST);
  return startProcess({
    name: "nginx",
    host: HOST,
    ports: { "http-flv": port },
    command: "nginx",
    async args(folder) {
      await writeSegments(folder, options);
      const path = join(folder, "nginx.conf");
      await Deno.writeTextFile(
        path,
        `
        daemon off; master_process off; user root;
        pid ${join(folder, "nginx.pid")}; error_log ${join(folder, "error.log")};
        events { worker_connections 19000; }
        http {
          access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; open_file_cache max=100;
          server { listen ${HOST}:${port} backlog=4096; root ${folder}; }
        }`,
      );
      return ["-p", folder, "-c", path];
    },
  });
}

async function writeSegments(folder: string, { segments, bytes }: Options): Promise<void> {
  await Deno.mkdir(join(folder, "hls/live/cam"), { recursive: true });
  const content = new Uint8Array(bytes).map((_, at) => at * 7);
  for (let i = 0; i < segments; i++) await Deno.writeFile(join(folder, `hls/live/cam/${i}.ts`), content);
}

async function measure(start: Start, options: Options): Promise<string[]> {
  await using target = await start(options);
  const order: ReadersOrder = {
    host: HOST,
    port: target.ports["http-flv"]!,
    readers: options.readers,
    paths: Array.from({ length: options.segments }, (_, i) => `/hls/live/cam/${i}.ts`),
    bytes: options.bytes,
    everyMs: options.every * 1000,
  };
  const script = new URL("readers.ts", import.meta.url);
  await using load = new Child<ReadersReport>({ name: "readers", script, args: [JSON.stringify(order)] });
  const report = async () => {
    await load.tell("report");
    return await load.hear();
  };
  await report();
  await pause(WARM_UP_MS);
  await report();
  const before = processFigures(target.pids);
  await pause(options.seconds * 1000);
  const after = processFigures(target.pids);
  return row(await report(), before, after);
}

function row(
  { seconds, requests, bytes, starved, closed }: ReadersReport,
  before?: ProcessFigures,
  after?: ProcessFigures,
): string[] {
  const gigabits = bytes * 8 / 1e9;
  const cpu = before && after ? after.cpuSeconds - before.cpuSeconds : NaN;
  return [
    (requests / seconds).toFixed(0),
    (gigabits / seconds).toFixed(2),
    (cpu / seconds * 100).toFixed(0),
    (cpu / gigabits).toFixed(3),
    ((after?.rssBytes ?? NaN) / 1e6).toFixed(0),
    String(starved),
    String(closed),
  ];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) {
  const { kilobytes, only, ...rest } = programOptions({
    about: "Has many readers of the same few segments, from memory, from the disk, and upon nginx in turn",
    options: {
      readers: { what: "how many there are", least: 1, otherwise: 2000 },
      every: { what: "how often each asks for a segment, in seconds", least: 0.01, otherwise: 6 },
      seconds: { what: "how long is measured", least: 1, otherwise: 6 },
      kilobytes: { what: "how large a segment is", least: 1, otherwise: 2048 },
      segments: { what: "how many there are", least: 1, otherwise: 4 },
      only: { what: "the servers alone with this in their name: sluice, nginx, memory, disk" },
    },
  });
  const options: Options = { ...rest, bytes: kilobytes * 1024 };
  console.log(`| ${options.readers} readers | requests/s | Gbit/s | CPU % | CPU s/Gbit | RSS MB | starved | closed |`);
  console.log("|---|---|---|---|---|---|---|---|");
  for (const [name, start] of Object.entries(TARGETS)) {
    if (only !== undefined && !name.includes(only)) continue;
    console.log(`| ${[name, ...await measure(start, options)].join(" | ")} |`);
  }
}
