import type { Clock } from "../kernel/clock.ts";
import type { Sink } from "../kernel/log/log.ts";
import { definePlugin, type Plugin } from "../kernel/plugin/plugin.ts";
import { createServer, type Server } from "../kernel/server.ts";
import { streamTemplate } from "../plugins/shared/relay/address.ts";
import { upstream } from "../plugins/upstream/plugin.ts";
import { httpFlv } from "../protocols/http_flv/plugin.ts";
import { rtmp } from "../protocols/rtmp/plugin.ts";
import { wsFlv } from "../protocols/ws_flv/plugin.ts";

/** How a gateway runs. */
export interface GatewayOptions {
  /** Where it listens; 0 takes a free port. */
  readonly port: number;
  /** By default every address. */
  readonly host?: string;
  /** A port for RTMP besides, such as 1935, which addresses need not name; by default RTMP is on `port` alone, as all else. */
  readonly rtmpPort?: number;
  /**
   * Where streams are fetched from, the best first: `http://host:8501`, `rtmp://host`, `ws://host:8501`, or a whole address with
   * `{app}` and `{stream}` in it.
   */
  readonly upstreams: readonly string[];
  /** How many workers share the port, each on a core of its own; by default 1, which is none. Linux alone has more. */
  readonly workers?: number | "auto";
  /** What workers run: by default `worker.ts` beside this module's folder. */
  readonly workerModule?: URL;
  /** What runs besides, before the protocols. */
  readonly plugins?: readonly Plugin[];
  readonly clock?: Clock;
  readonly log?: Sink;
}

const WORKER_MODULE = new URL("../worker.ts", import.meta.url);

/** Whoever could publish here could take the place of a stream that an upstream has. */
const playersAlone = definePlugin({
  name: "players-alone",
  setup(ctx) {
    ctx.decide("publish", ({ stream }) => ({
      deny: `Cannot publish ${stream}: this is a gateway, which takes its streams from its upstreams alone`,
    }));
  },
});

/**
 * Starts a gateway: it has every stream that one of its upstreams has, over HTTP-FLV, WebSocket-FLV and RTMP on one port, with
 * one connection upstream for each stream that is watched. Gateways can be the upstreams of gateways.
 *
 * @throws {ConfigError} when an upstream is no address
 * @throws {PortError} when the port cannot be opened
 */
export function startGateway(options: GatewayOptions): Promise<Server> {
  const { port, host, rtmpPort, upstreams, workers = 1, workerModule = WORKER_MODULE, plugins = [], clock, log } =
    options;
  const on = host === undefined ? {} : { host };
  return createServer({
    plugins: [playersAlone(), ...plugins, rtmp(), httpFlv(), wsFlv(), upstream()],
    config: {
      http: { port, ...on },
      // Every port speaks every protocol: RTMP needs none of its own.
      rtmp: rtmpPort === undefined ? { listen: false } : { port: rtmpPort, ...on },
      workers,
      upstream: { routes: [{ servers: upstreams.map(streamTemplate) }] },
    },
    workerModule,
    clock,
    log,
  });
}
