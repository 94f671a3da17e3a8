import { z } from "zod";
import { LOG_FORMATS, type LogFormat } from "../log/sinks.ts";
import { LOG_LEVELS, type LogLevel } from "../log/log.ts";
import type { ForwardedHeader } from "../front/forwarded.ts";
import type { ProxyMode } from "../front/front_entrance.ts";
import { isNetwork } from "../front/network_list.ts";
import { isStreamPattern } from "../streams/stream_pattern.ts";
import type { StreamRuleTable } from "../streams/stream_rules.ts";
import type { RepublishPolicy } from "../streams/republish.ts";

/** How TLS is served. */
export interface TlsConfig {
  readonly cert?: string;
  readonly key?: string;
  readonly certificates: readonly { readonly cert: string; readonly key: string }[];
  readonly port: number;
  readonly ports?: readonly number[];
  readonly host: string;
  readonly redirect: boolean;
  readonly redirectTo?: number;
}

/** The settings of TLS that name the certificates. */
export const CERTIFICATE_SETTINGS: readonly string[] = ["cert", "key", "certificates"];

/** The files of all certificates; the first is given to who names no host. None where TLS is not served. */
export function certificateFiles({ cert, key, certificates }: TlsConfig): TlsConfig["certificates"] {
  return [...(cert !== undefined && key !== undefined ? [{ cert, key }] : []), ...certificates];
}

/** The kernel's settings, complete and checked; what each means is said in the schema. */
export interface KernelConfig {
  readonly dataDir: string;
  readonly http: { readonly port: number; readonly ports?: readonly number[]; readonly host: string };
  readonly tls: TlsConfig;
  readonly proxy: {
    readonly trusted: readonly string[];
    readonly protocol: ProxyMode;
    readonly header: ForwardedHeader;
  };
  readonly limits: {
    readonly connections: number;
    readonly connectionsPerAddress: number;
    readonly firstByteSeconds: number;
    readonly headerSeconds: number;
    readonly streams: number;
    readonly viewers: number;
    readonly viewersPerStream: number;
    readonly publishKbps: number;
    readonly egressMbps: number;
  };
  readonly streams: StreamRuleTable;
  readonly buffer: { readonly seconds: number; readonly bytes: number };
  readonly log: {
    readonly level: LogLevel;
    readonly format: LogFormat;
    readonly levels: Readonly<Record<string, LogLevel>>;
    readonly access: boolean;
  };
  readonly publishTimeoutSeconds: number;
  readonly graceSeconds: number;
  readonly waitSeconds: number;
  readonly stallSeconds: number;
  readonly keepSeconds: number;
  readonly maxDelayMs: number;
  readonly republish: RepublishPolicy;
  readonly shutdownSeconds: number;
  readonly workers: number | "auto";
  readonly plugins?: readonly (string | readonly [string, Readonly<Record<string, unknown>>])[];
}

/** More than machines have processors as a rule; each worker takes some 40 MB. */
const MAX_WORKERS = 256;

const seconds = (least: number, most: number) => z.number().min(least).max(most);
const port = z.int().min(0).max(65_535);

const http = z.object({
  port: port.default(8501).describe("Port of FLV, WebSocket, HLS, files, pages and API; 0 for any free one"),
  ports: z.array(port).min(1).optional().meta({ description: "Several ports instead of one", insteadOf: "port" }),
  host: z.string().min(1).default("::").describe(
    "Address to listen on; :: is every IPv4 and IPv6 address, and where IPv6 is off every IPv4 address",
  ),
});

const path = z.string().min(1).optional();

const tls = z.object({
  cert: path.meta({
    description: "File of the certificate and its chain, in PEM; every port then takes TLS too",
    placeholder: "file",
  }),
  key: path.meta({
    description: "File of the certificate's key, in PEM; both files are taken anew when they change",
    secret: false,
    placeholder: "file",
  }),
  certificates: z.array(z.object({ cert: z.string().min(1), key: z.string().min(1) })).default([]).meta({
    description: "Further certificates, each with cert and key, for the hosts that they are made out for; " +
      "the first of all is given to who names no host",
    allowed: 'a list of { "cert": FILE, "key": FILE }',
    placeholder: "json",
    secret: false,
  }),
  port: port.default(8443).describe("Port of HTTPS, WSS and RTMPS, for TLS alone; 0 for any free one"),
  ports: z.array(port).min(1).optional().meta({ description: "Several ports instead of one", insteadOf: "port" }),
  host: z.string().min(1).default("::").describe("Address to listen on"),
  redirect: z.boolean().default(false).describe("Send HTTP requests from other machines to HTTPS"),
  redirectTo: port.optional().describe("Port that redirects name, where a router passes another one on to tls.port"),
}).refine(({ cert, key }) => cert === undefined || key !== undefined, {
  path: ["key"],
  message: "is needed with tls.cert",
}).refine(({ cert, key }) => key === undefined || cert !== undefined, {
  path: ["cert"],
  message: "is needed with tls.key",
});

const network = z.string().refine(isNetwork, {
  message: "must be an address or a network such as 10.0.0.0/8 or fd00::/8",
}).meta({ allowed: "an address or a network such as 10.0.0.0/8 or fd00::/8" });

const proxy = z.object({
  trusted: z.array(network).default([]).meta({
    description: "Proxies that may say for whom they ask: addresses and networks",
    placeholder: "network,…",
  }),
  protocol: z.enum(["off", "optional", "required"]).default("off").describe(
    "The PROXY protocol from trusted proxies: optional takes it when it comes, required refuses what comes without it",
  ),
  header: z.enum(["x-forwarded-for", "forwarded", "off"]).default("x-forwarded-for").describe(
    "The header in which trusted proxies name who asks; it must be one that they set themselves",
  ),
}).refine(({ protocol, trusted }) => protocol === "off" || trusted.length > 0, {
  path: ["trusted"],
  message: "must name the proxies that proxy.protocol is meant for",
});

const limits = z.object({
  connections: z.int().min(0).default(0).describe(
    "Connections at once, over all ports; 0 derives it from the limit of open files, less a reserve for recordings",
  ),
  connectionsPerAddress: z.int().min(0).default(0).describe(
    "Connections at once from one address; 0 for no limit, since a whole school may share one address",
  ),
  firstByteSeconds: seconds(0.1, 600).default(30).describe(
    "A connection that says nothing for so many seconds is closed; in a rush it may wait seconds to be heard",
  ),
  headerSeconds: seconds(0.1, 600).default(20).describe(
    "A connection that has not completed its request or handshake after so many seconds is closed",
  ),
  streams: z.int().min(0).default(0).describe("Streams that are published at once; 0 for no limit"),
  viewers: z.int().min(0).default(0).describe("Players at once, of all streams; 0 for no limit"),
  viewersPerStream: z.int().min(0).default(0).describe("Players at once of one stream; 0 for no limit"),
  publishKbps: z.int().min(0).default(0).describe(
    "Most kilobits per second of a publisher, over ten seconds; 0 for no limit",
  ),
  egressMbps: z.number().min(0).default(0).describe(
    "Megabits per second that may go out: beyond it no further player is let in; 0 for no limit",
  ),
});

const buffer = z.object({
  seconds: seconds(0.5, 300).default(10).describe(
    "Seconds of a stream kept in memory for viewers to start from and to catch up; at least one group of pictures",
  ),
  bytes: z.int().min(2 ** 20).max(2 ** 32).default(2 ** 25).describe(
    "Most bytes kept of a stream in one format; the default of 32 MiB holds 10 seconds at 26 Mbit/s",
  ),
});

const log = z.object({
  level: z.enum(LOG_LEVELS).default("info").describe("Least severity that is logged"),
  format: z.enum(LOG_FORMATS).default("auto").describe("Lines for people, JSON for programs; auto asks for a terminal"),
  levels: z.record(z.string().min(1), z.enum(LOG_LEVELS)).default({}).meta({
    description: "Least severity by part of the server, such as rtmp=debug",
    allowed: "a level for each part of the server, such as rtmp=debug",
  }),
  access: z.boolean().default(false).describe("A line for each HTTP request: who, what, and how it was answered"),
});

const pluginEntry = z.union([z.string().min(1), z.tuple([z.string().min(1), z.record(z.string(), z.unknown())])])
  .meta({ allowed: "a plugin's name, a path to one, or [name, settings]" });

const republish = z.enum(["auto", "reject", "takeover"]);
const publishTimeoutSeconds = seconds(1, 3600);
const graceSeconds = seconds(0, 3600);
const waitSeconds = seconds(0, 3600);
const keepSeconds = seconds(0, 86_400);

const pattern = z.string().refine((text) => isStreamPattern(text) && !text.startsWith("!"), {
  message: "must be a pattern of streams: APP/STREAM or VHOST:APP/STREAM, where * stands for anything",
});

const streams = z.record(
  pattern,
  z.object({
    viewers: z.int().min(0),
    publishKbps: z.int().min(0),
    republish,
    publishTimeoutSeconds,
    graceSeconds,
    waitSeconds,
    keepSeconds,
  }).partial(),
);

const kernel = z.object({
  dataDir: z.string().min(1).default("./data").describe("Folder of recordings, HLS and MP4 files"),
  http: http.prefault({}),
  tls: tls.prefault({}),
  proxy: proxy.prefault({}),
  limits: limits.prefault({}),
  buffer: buffer.prefault({}),
  log: log.prefault({}),
  publishTimeoutSeconds: publishTimeoutSeconds.default(10).describe(
    "A publisher that sends nothing for so many seconds is gone",
  ),
  graceSeconds: graceSeconds.default(5).describe(
    "Seconds for which viewers and recordings wait for a publisher that vanished",
  ),
  waitSeconds: waitSeconds.default(10).describe("Seconds for which a player waits for a stream to begin"),
  // Longer than a phone needs to change networks or TCP to repeat itself, and twice the buffer: nothing of what was
  // sent is of use any more.
  stallSeconds: seconds(1, 3600).default(20).describe("A viewer that takes no byte for so many seconds is closed"),
  keepSeconds: keepSeconds.default(30).describe(
    "Seconds for which a stream fetched from elsewhere is kept after its last viewer left",
  ),
  maxDelayMs: z.int().min(0).max(5000).default(350).describe(
    "Most milliseconds for which packets are gathered into one write when the process is busy; 0 never gathers",
  ),
  republish: republish.default("auto").describe(
    "A second publisher of a live stream: auto lets it take over with the same key or from a silent one",
  ),
  streams: streams.default({}).meta({
    description: "Other values for some streams, by pattern: viewers, publishKbps, republish, publishTimeoutSeconds, " +
      "graceSeconds, waitSeconds and keepSeconds; where several patterns fit, the last one's counts",
    allowed: "settings for each pattern of streams",
    placeholder: "json",
  }),
  shutdownSeconds: seconds(0, 300).default(5).describe(
    "Seconds to complete files and to say goodbye when the server stops",
  ),
  workers: z.union([z.int().min(1).max(MAX_WORKERS), z.literal("auto")]).default(1).describe(
    "Isolates that share the ports and serve players, each on a processor of its own; auto is one for each processor",
  ),
  plugins: z.array(pluginEntry).optional().meta({
    description: 'What runs, in order; the full set when absent, and what "full" in the list stands for',
    placeholder: "name,…",
  }),
});

/** The schema of {@linkcode KernelConfig}; those of plugins stand beside it, each under its own key. */
export const kernelConfigSchema: z.ZodObject = kernel satisfies z.ZodType<KernelConfig>;
