import type { Clock } from "./clock.ts";
import type { Config } from "./config/config.ts";
import type { ConfigSource } from "./control.ts";
import type { DrainOptions } from "./drain.ts";
import { connectionLimits } from "./front/file_limit.ts";
import type { Files } from "./files/files.ts";
import type { Sink } from "./log/log.ts";
import type { Plugin } from "./plugin/plugin.ts";
import type { ReloadReport } from "./reload.ts";
import { RunningServer } from "./running_server.ts";
import type { Session } from "./sessions/session.ts";
import type { Stream } from "./streams/stream.ts";

/** What a server is made of; everything has a default. */
export interface ServerOptions {
  /** What runs, in order. */
  readonly plugins: readonly Plugin[];
  /** Settings, in the shape of a configuration file: the kernel's, and each plugin's under its name. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly clock?: Clock;
  /** Where log records go; LogTape's sinks fit. */
  readonly log?: Sink;
  /** The disk. */
  readonly files?: Files;
  /** For requests that the server makes. */
  readonly fetch?: typeof fetch;
  /** The module that calls `serveWorker`, for a server with several workers. */
  readonly workerModule?: URL;
  /** Where `config` was read from, so that it can be read anew; without it the API cannot have it reloaded. */
  readonly configSource?: ConfigSource;
}

/** An address that the server answers on. */
export interface ServerAddress {
  /** `http` for the main port, else the plugin's name. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** With `localhost` for an unspecified host. */
  readonly url: string;
}

/** A running server; `await using` stops it. */
export interface Server extends AsyncDisposable {
  readonly addresses: readonly ServerAddress[];
  /** The settings in force. */
  readonly config: Config;
  /** All streams, by id. */
  readonly streams: ReadonlyMap<string, Stream>;
  /** All sessions. */
  readonly sessions: ReadonlySet<Session>;
  /** The address of a listener, by name. Throws a `TypeError` when there is none. */
  address(name: string): ServerAddress;
  /** Answers an HTTP request in memory, without a socket. */
  request(request: Request | string): Promise<Response>;
  /**
   * Takes new settings, in the shape of {@linkcode ServerOptions.config}, without touching what is live.
   *
   * @throws {ConfigError} when one is unknown or wrong; nothing has changed then
   */
  reload(config: Readonly<Record<string, unknown>>): Promise<ReloadReport>;
  /** Lets nobody in from now on; those who are there go on. Called again it changes how. */
  drain(options?: DrainOptions): void;
  /** Lets everybody in again. */
  resume(): void;
  /** Stops: no new connections, streams end, files are completed, at most `shutdownSeconds` long. */
  close(): Promise<void>;
}

/**
 * Starts a server.
 *
 * @throws {ConfigError} when a setting is unknown or wrong
 * @throws {PortError} when a port cannot be opened
 * @throws {DataFolderError} when another server writes into the data folder
 *
 * @example
 * ```ts
 * import { httpFlv, rtmp } from "@sluice/sluice";
 *
 * await using server = await createServer({ plugins: [rtmp(), httpFlv()], config: { http: { port: 0 } } });
 * console.log(server.address("http").url);
 * ```
 */
export async function createServer(options: ServerOptions): Promise<Server> {
  const server = await RunningServer.make(options, await connectionLimits());
  try {
    await server.start();
    return server;
  } catch (error) {
    await server.close();
    throw error;
  }
}
