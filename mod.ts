/**
 * Sluice, a live-streaming server: RTMP, HTTP-FLV and WebSocket-FLV in and out, everything else a plugin.
 *
 * @example Run a server with the full set of plugins and one of your own
 * ```ts
 * import { createServer, definePlugin, fullSet } from "@sluice/sluice";
 *
 * const greeter = definePlugin({
 *   name: "greeter",
 *   setup(ctx) {
 *     ctx.on("play:start", ({ stream, session }) => ctx.log.info(`${session.remote} watches ${stream.path}`));
 *   },
 * });
 *
 * await using server = await createServer({ plugins: [...fullSet(), greeter()], config: { http: { port: 8501 } } });
 * console.log(server.address("http").url);
 * ```
 *
 * @module
 */
import { FULL_SET } from "./built_in.ts";
import { createServer as createKernelServer, type Server, type ServerOptions } from "./kernel/server.ts";
import type { Plugin } from "./kernel/plugin/plugin.ts";

/** The plugins that run when none are named: all but the demo. */
export function fullSet(): Plugin[] {
  return FULL_SET.map((factory) => factory());
}

/**
 * Starts a server; without `plugins` it runs the full set.
 *
 * @throws {ConfigError} when a setting is unknown or wrong
 * @throws {PortError} when a port cannot be opened
 * @throws {DataFolderError} when another server writes into the data folder
 */
export function createServer(options: Partial<ServerOptions> = {}): Promise<Server> {
  return createKernelServer({ plugins: fullSet(), workerModule: new URL("./worker.ts", import.meta.url), ...options });
}

export { api } from "./plugins/api/plugin.ts";
export { auth } from "./plugins/auth/plugin.ts";
export { type SignedGrant, signedQuery } from "./plugins/auth/ways/signed_address.ts";
export { cluster } from "./plugins/cluster/plugin.ts";
export { demo } from "./plugins/demo/plugin.ts";
export { doctor } from "./plugins/doctor/plugin.ts";
export { exec } from "./plugins/exec/plugin.ts";
export { files } from "./plugins/files/plugin.ts";
export { flvRecord } from "./plugins/flv_record/plugin.ts";
export { fmp4 } from "./plugins/fmp4/plugin.ts";
export { forward } from "./plugins/forward/plugin.ts";
export { hls } from "./plugins/hls/plugin.ts";
export { metrics } from "./plugins/metrics/plugin.ts";
export { pages } from "./plugins/pages/plugin.ts";
export { s3 } from "./plugins/s3/plugin.ts";
export { traces } from "./plugins/traces/plugin.ts";
export { upstream } from "./plugins/upstream/plugin.ts";
export { webhooks } from "./plugins/webhooks/plugin.ts";
export { httpFlv } from "./protocols/http_flv/plugin.ts";
export { rtmp } from "./protocols/rtmp/plugin.ts";
export { wsFlv } from "./protocols/ws_flv/plugin.ts";

export * from "./protocols/rtmp/client.ts";
export * from "./protocols/http_flv/client.ts";
export * from "./protocols/ws_flv/client.ts";
export type { FlvPullClient, FlvPushClient } from "./protocols/shared/flv_clients.ts";
export { type ForwardStreamOptions, startForward, type StreamForward } from "./clients/forward_stream.ts";
export { type GatewayOptions, startGateway } from "./clients/gateway.ts";
export {
  type FilePull,
  FileTakenError,
  pullFile,
  type PullFileOptions,
  type PullResult,
  startPull,
} from "./clients/pull_file.ts";
export { type FilePush, type PushFigures, pushFile, type PushFileOptions, startPush } from "./clients/push_file.ts";
export type { RetryOptions } from "./clients/retries.ts";
export type { TransferEvent, TransferFigures } from "./clients/transfer.ts";
export type { WrittenFile } from "./clients/file_writer.ts";
export type { TargetJson, TargetState } from "./plugins/shared/relay/target.ts";
export {
  type ClientEnd,
  ClientError,
  type ClientErrorCode,
  type ClientOptions,
  type PublishedPacket,
  type PullClient,
  type PushClient,
  type StreamClient,
  type StreamClients,
} from "./kernel/sessions/client.ts";
export { type Clock, systemClock, type Timer } from "./kernel/clock.ts";
export { type Config, ConfigError, type KernelConfig } from "./kernel/config/config.ts";
export type { TlsConfig } from "./kernel/config/kernel_config.ts";
export { DataFolderError } from "./kernel/files/data_lock.ts";
export type { EventFeed, FeedEvent, FeedSession } from "./kernel/plugin/event_feed.ts";
export type { TimingListener, Timings } from "./kernel/fanout/timings.ts";
export type { Examiner, Finding } from "./kernel/streams/findings.ts";
export { type FileFacts, type Files, type FolderEntry, hasCode, type OpenFile } from "./kernel/files/files.ts";
export { type Front, type HttpEnv, type Listener, type ListenOptions, PortError } from "./kernel/front/front.ts";
export type { ForwardedHeader } from "./kernel/front/forwarded.ts";
export type { ProxyMode } from "./kernel/front/front_entrance.ts";
export type { RefusedKind, SocketProtocol, UpgradeProtocol } from "./kernel/front/front.ts";
export type { ManageRequest, ManageRole } from "./kernel/plugin/guard.ts";
export type {
  Artifact,
  ArtifactEvents,
  ArtifactFailure,
  Decided,
  DecidedObserver,
  DecisionHandler,
  Decisions,
  Denial,
  EndFigures,
  EventHandler,
  Events,
  Grant,
  ResolveRequest,
  StoredArtifact,
  StreamRequest,
  StreamSource,
  Verdict,
} from "./kernel/plugin/hooks.ts";
export { defaultSink, jsonLinesSink, type Logger, type LogRecord, type Sink, terminalSink } from "./kernel/log/log.ts";
export type { LogLevel, LogMethod } from "./kernel/log/log.ts";
export type { LogFormat, TerminalSinkOptions, WriteLine } from "./kernel/log/sinks.ts";
export { BadNameError, DEFAULT_VHOST, parseStreamPath, type StreamKey, type StreamPath } from "./kernel/names.ts";
export type { PacketReader } from "./kernel/fanout/packet_subscription.ts";
export type { StreamGroup, StreamOfRequest } from "./kernel/plugin/placement.ts";
export type { Playback } from "./kernel/streams/playback.ts";
export {
  type Apply,
  definePlugin,
  type Plugin,
  type PluginContext,
  type PluginDefinition,
  type PluginFactory,
  type Reloadable,
} from "./kernel/plugin/plugin.ts";
export type { Publication, PublishedStream } from "./kernel/streams/publication.ts";
export { Closed, type CloseReason, Refusal, type RefusalCode } from "./kernel/reasons.ts";
export type { ConfigSource, ServerControl } from "./kernel/control.ts";
export type { DrainOptions, DrainPolicy, DrainState } from "./kernel/drain.ts";
export type { ReloadReport } from "./kernel/reload.ts";
export type { RepublishPolicy } from "./kernel/streams/republish.ts";
export type { Server, ServerAddress, ServerOptions } from "./kernel/server.ts";
export { serveWorker } from "./kernel/workers/isolates/serve_worker.ts";
export type { Session, SessionInfo, SessionJson } from "./kernel/sessions/session.ts";
export type { SinkControl, SinkRun, SinkState } from "./kernel/streams/sinks.ts";
export type { PacketOptions, Stream } from "./kernel/streams/stream.ts";
export type { StreamRule, StreamRuleTable } from "./kernel/streams/stream_rules.ts";
export type { StreamJson, StreamState } from "./kernel/streams/stream_json.ts";
export type { StreamFactsJson } from "./kernel/streams/stream_facts.ts";
export type { Repairs } from "./kernel/streams/timeline.ts";
export type { TrackJson } from "./kernel/streams/track_facts.ts";
export type { Subscription } from "./kernel/fanout/subscription.ts";
export * from "./media/mod.ts";
