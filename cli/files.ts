import { resolve } from "@std/path";
import { filePlugins } from "../clients/file_gateway.ts";
import type { Files } from "../kernel/files/files.ts";
import type { Server, ServerOptions } from "../kernel/server.ts";
import { type Command, type CommandContext, UsageError } from "./command.ts";
import type { Host } from "./host.ts";
import { hostFault, portFault, withoutBrackets } from "./listen_address.ts";
import { portFailure } from "./port_failure.ts";
import { StopSignals } from "./stop_signals.ts";
import { WORKERS_FLAG, workersOf } from "./workers_flag.ts";

/** What the command needs besides the machine. */
export interface FilesDeps {
  createServer(options: ServerOptions): Promise<Pick<Server, "address" | "close">>;
  readonly disk: Files;
}

/** Where to listen, and what to serve. */
interface Wanted {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
}

const DEFAULT_FOLDER = "data";
const EXAMPLE = "files 0.0.0.0 8100";

/** The command that serves a data directory by itself: recordings, segments and the pages that play them. */
export function filesCommand(deps: FilesDeps): Command {
  return {
    name: "files",
    summary: "Serve the recordings of a data directory, and the pages that play them",
    usage: "HOST PORT",
    maxArguments: 2,
    flags: [
      {
        name: "data-dir",
        kind: "text",
        value: "DIR",
        description: `The data directory; ${DEFAULT_FOLDER} unless said otherwise`,
      },
      WORKERS_FLAG,
    ],
    usesSettings: false,
    run: (context) => run(context, deps),
  };
}

async function run({ host, program, args, flags }: CommandContext, { createServer, disk }: FilesDeps): Promise<number> {
  const wanted = await readArguments(args, flags["data-dir"], host, disk);
  const workers = workersOf(flags.workers) ?? 1;
  using signals = new StopSignals(host);
  try {
    const server = await createServer({
      plugins: filePlugins((line) => host.out(line)),
      config: { dataDir: wanted.dataDir, http: { host: wanted.host, port: wanted.port }, workers },
      files: disk,
    });
    host.out(filesBanner(program.version, server.address("http").url, wanted.dataDir));
    await signals.first;
    await server.close();
    return 0;
  } catch (error) {
    return portFailure(host, error);
  }
}

/** What a person wants to know: what is served, and where. */
function filesBanner(version: string, url: string, dataDir: string): string {
  const app = "{app}/{stream}";
  return [
    `Sluice ${version} serves the files in ${dataDir}`,
    `  FLV    ${url}/flv/${app}/index.flv`,
    `  MP4    ${url}/mp4/${app}/output_merge/stream_full.mp4`,
    `  HLS    ${url}/hls/${app}/record.m3u8`,
    `  list   ${url}/api/v1/files`,
    `  pages  ${url}/`,
  ].join("\n");
}

async function readArguments(
  args: readonly string[],
  folder: unknown,
  { cwd }: Pick<Host, "cwd">,
  disk: Files,
): Promise<Wanted> {
  const [host, port] = args;
  if (port === undefined) throw new UsageError([`files needs HOST and PORT, as in: ${EXAMPLE}`]);
  if (folder === true || folder === "") throw new UsageError(["--data-dir needs a value: the path of a folder."]);
  const dataDir = resolve(cwd, typeof folder === "string" ? folder : DEFAULT_FOLDER);
  const faults = [hostFault(host), portFault(port), await folderFault(dataDir, disk)];
  const problems = faults.filter((each) => each !== undefined);
  if (problems.length > 0) throw new UsageError(problems);
  return { host: withoutBrackets(host), port: Number(port), dataDir };
}

async function folderFault(path: string, disk: Files): Promise<string | undefined> {
  const facts = await disk.facts(path);
  if (!facts) return `There is no folder ${path}: say which with --data-dir.`;
  if (facts.kind === "file") return `${path} is a file, not a data directory.`;
  return undefined;
}
