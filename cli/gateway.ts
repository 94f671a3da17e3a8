import type { GatewayOptions } from "../clients/gateway.ts";
import { every } from "../kernel/clock.ts";
import type { LogRecord } from "../kernel/log/log.ts";
import { terminalSink } from "../kernel/log/log.ts";
import { definePlugin, type Plugin } from "../kernel/plugin/plugin.ts";
import type { Server } from "../kernel/server.ts";
import { addressFault, isPlaylist, shownAddress, streamTemplate } from "../plugins/shared/relay/address.ts";
import { type Command, type CommandContext, type FlagValue, UsageError } from "./command.ts";
import type { Host } from "./host.ts";
import { hostFault, portFault, withoutBrackets } from "./listen_address.ts";
import { portFailure } from "./port_failure.ts";
import { StopSignals } from "./stop_signals.ts";
import { JSON_FLAG } from "./transfer_report.ts";
import { WORKERS_FLAG, workersOf } from "./workers_flag.ts";

/** What the command needs besides the machine. */
export interface GatewayDeps {
  startGateway(options: GatewayOptions): Promise<Pick<Server, "address" | "close" | "sessions" | "streams">>;
}

const EXAMPLE = "gateway 8080 http://origin:8501";

/** How often the figures are told, in milliseconds. */
const FIGURES_MS = 10_000;

/** The command that runs an edge of other servers. */
export function gatewayCommand(deps: GatewayDeps): Command {
  return {
    name: "gateway",
    summary: "Run an edge: every stream of other servers over HTTP-FLV, WebSocket-FLV and RTMP on one port",
    usage: "PORT UPSTREAM…",
    maxArguments: 64,
    flags: [
      {
        name: "host",
        kind: "text",
        value: "HOST",
        description: "The address to listen on, every one unless said otherwise",
      },
      {
        name: "rtmp-port",
        kind: "text",
        value: "PORT",
        description: "A port for RTMP besides, as 1935, which addresses need not name; it is on PORT in any case",
      },
      WORKERS_FLAG,
      JSON_FLAG,
    ],
    usesSettings: false,
    run: (context) => run(context, deps),
  };
}

async function run({ host, program, args, flags }: CommandContext, { startGateway }: GatewayDeps): Promise<number> {
  const options = { ...readArguments(args, flags), workers: workersOf(flags.workers) };
  using signals = new StopSignals(host);
  try {
    const figures = new Figures();
    const server = await startGateway({ ...options, plugins: [figures.plugin], clock: host.clock, log: logTo(host) });
    const isJson = flags.json === true;
    host.out(isJson ? started(server, options) : gatewayBanner(program.version, server, options));
    using _ticking = every(host.clock, FIGURES_MS, () => {
      host.out(isJson ? figures.json(server) : figures.line(server));
    });
    await signals.first;
    await server.close();
    return 0;
  } catch (error) {
    return portFailure(host, error);
  }
}

function started(server: Pick<Server, "address">, { rtmpPort }: GatewayOptions): string {
  const more = rtmpPort === undefined ? {} : { rtmpPort: server.address("rtmp").port };
  return JSON.stringify({ event: "start", port: server.address("http").port, ...more });
}

function gatewayBanner(version: string, server: Pick<Server, "address">, options: GatewayOptions): string {
  const { upstreams, rtmpPort } = options;
  const { url } = server.address("http");
  const authority = url.slice(url.indexOf("//"));
  const more = rtmpPort === undefined ? [] : [`                 ${server.address("rtmp").url}/{app}/{stream}`];
  return [
    `Sluice ${version} is the gateway of ${upstreams.map(shownAddress).join(", ")}`,
    `  HTTP-FLV       http:${authority}/{app}/{stream}.flv`,
    `  WebSocket-FLV  ws:${authority}/{app}/{stream}.flv`,
    `  RTMP           rtmp:${authority}/{app}/{stream}`,
    ...more,
  ].join("\n");
}

/** What is looked at for the figures. */
type Looked = Pick<Server, "sessions" | "streams">;

/** What went through, from one look to the next. */
class Figures {
  #before = new Map<string, number>();
  #leftBytes = 0;

  /** Notes what sessions had sent since the last look that ended before the next. */
  readonly plugin: Plugin = definePlugin({
    name: "figures",
    setup: (ctx) =>
      ctx.on("session:end", ({ session: { id, bytesOut } }) => {
        this.#leftBytes += bytesOut - (this.#before.get(id) ?? 0);
        this.#before.delete(id);
      }),
  })();

  line(server: Looked): string {
    const { streams, viewers, bytes } = this.#look(server);
    const rate = bytes * 8 / FIGURES_MS / 1000;
    return `${counted(streams, "stream")}, ${counted(viewers, "viewer")}, ${rate.toFixed(1)} Mbit/s`;
  }

  json(server: Looked): string {
    const { bytes, ...rest } = this.#look(server);
    return JSON.stringify({ event: "figures", ...rest, bytesOut: bytes, seconds: FIGURES_MS / 1000 });
  }

  #look(server: Looked): { streams: number; viewers: number; bytes: number } {
    const now = new Map<string, number>();
    let bytes = this.#leftBytes;
    this.#leftBytes = 0;
    for (const { id, bytesOut } of server.sessions) {
      now.set(id, bytesOut);
      bytes += bytesOut - (this.#before.get(id) ?? 0);
    }
    this.#before = now;
    const streams = [...server.streams.values()];
    const viewers = streams.reduce((sum, stream) => sum + stream.viewers, 0);
    return { streams: streams.filter(({ state }) => state !== "ended").length, viewers, bytes };
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** What goes wrong, for the person at the terminal. */
function logTo(host: Host): (record: LogRecord) => void {
  const write = terminalSink({ write: (line) => host.err(line.trimEnd()) });
  return (record) => {
    if (record.level === "warning" || record.level === "error" || record.level === "fatal") write(record);
  };
}

/** What the arguments say. */
type GatewayArguments = Pick<GatewayOptions, "port" | "host" | "rtmpPort" | "upstreams">;

function readArguments(args: readonly string[], flags: CommandContext["flags"]): GatewayArguments {
  const [port, ...upstreams] = args;
  if (upstreams.length === 0) throw new UsageError([`gateway needs PORT and one UPSTREAM or more, as in: ${EXAMPLE}`]);
  const host = valueOf(flags.host, "--host", "the address to listen on");
  const rtmpPort = valueOf(flags["rtmp-port"], "--rtmp-port", "a port, such as 1935");
  const faults = [
    portFault(port),
    host === undefined ? undefined : hostFault(host),
    rtmpPort === undefined ? undefined : rtmpPortFault(rtmpPort, port),
  ];
  const problems = faults.filter((each) => each !== undefined);
  for (const [at, upstream] of upstreams.entries()) {
    const fault = upstreamFault(upstream);
    if (fault !== undefined) problems.push(`Upstream ${at + 1} cannot be used: ${fault}.`);
  }
  if (problems.length > 0) throw new UsageError(problems);
  return {
    port: Number(port),
    host: host === undefined ? undefined : withoutBrackets(host),
    rtmpPort: rtmpPort === undefined ? undefined : Number(rtmpPort),
    upstreams,
  };
}

function valueOf(flag: FlagValue | undefined, name: string, what: string): string | undefined {
  if (flag === true || flag === "") throw new UsageError([`${name} is missing its value: ${what}.`]);
  return flag === undefined ? undefined : String(flag);
}

function rtmpPortFault(rtmpPort: string, port: string): string | undefined {
  if (rtmpPort !== port || Number(port) === 0) return portFault(rtmpPort);
  return `--rtmp-port is the port of all else, ${port}, on which RTMP is in any case: leave it away.`;
}

function upstreamFault(upstream: string): string | undefined {
  const fault = addressFault(streamTemplate(upstream));
  if (fault !== undefined) return fault;
  if (isPlaylist(upstream)) return "it is a playlist of HLS, which a gateway does not play";
  const { protocol, pathname } = new URL(upstream);
  const isMore = /^rtmps?:$/.test(protocol) ? pathname.length > 1 : /\.flv$/i.test(pathname);
  if (upstream.includes("{stream}") || !isMore) return undefined;
  return "it is more than a server. Leave its path away, or put {app} and {stream} into it";
}
