import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpBindings } from "@hono/node-server";
import type { SecureContext } from "node:tls";
import { logAnswer } from "./access_lines.ts";
import type { Clock } from "./clock.ts";
import { forwardedFor, type ForwardedHeader } from "./forwarded.ts";
import { Entrance, type EntranceHost, type ProxyRules } from "./front_entrance.ts";
import { httpsAddress, isLoopback, redirect, redirectStatus } from "./https_redirect.ts";
import { parseIp } from "./ip_address.ts";
import type { Logger } from "./log/log.ts";
import { repeated, type RepeatedLogger } from "./log/repeated.ts";
import { NetworkList } from "./network_list.ts";
import { peerOf, peerOfRequest, setPeer } from "./peer_address.ts";
import { OpenPort } from "./open_port.ts";
import { endSocket } from "./socket_end.ts";

/** What a Hono route finds in `c.env`: the connection under the request. */
export interface HttpEnv {
  Bindings: HttpBindings;
}

/** A protocol that is not HTTP, told by its first bytes. */
export interface SocketProtocol {
  readonly name: string;
  /** True if a connection that begins with these bytes (one or more) speaks this protocol. */
  matches(first: Uint8Array): boolean;
  /** Takes the connection over; `first` has been read from it already. */
  accept(socket: Socket, first: Uint8Array): void;
}

/** A protocol that begins as an HTTP upgrade. */
export interface UpgradeProtocol {
  readonly name: string;
  matches(request: IncomingMessage): boolean;
  /** Takes the connection over; nothing has been answered yet. */
  accept(request: IncomingMessage, socket: Duplex, head: Uint8Array): void;
}

/** A port that is listened on; disposing closes it. */
export interface Listener extends Disposable {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Where a listener is wanted; port 0 takes a free one. */
export interface ListenOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Refuses what does not speak TLS; every other port takes both. */
  readonly needsTls?: boolean;
}

/** The one way in: every port speaks every protocol, told by the first bytes. */
export interface Front {
  /** Adds a protocol for connections that do not begin like HTTP. */
  protocol(protocol: SocketProtocol): Disposable;
  /** Adds a protocol for HTTP upgrades. */
  upgrade(protocol: UpgradeProtocol): Disposable;
  /**
   * Opens a port; connections wait there until every plugin's setup has settled.
   *
   * @throws {PortError} when it is taken or not allowed
   */
  listen(options: ListenOptions): Promise<Listener>;
}

/** A port that could not be opened. */
export class PortError extends Error {
  override readonly name = "PortError";

  constructor(readonly listener: string, readonly port: number, options: { cause: unknown }) {
    super(`Cannot listen on port ${port} for ${listener}: ${portFault(options.cause)}`, options);
  }
}

/** Limits of the front. */
export interface FrontSettings {
  /** Connections open at once, over all ports. */
  readonly connections: number;
  /** Connections open at once from one address; 0 for no limit. */
  readonly connectionsPerAddress: number;
  /** Connections that wait to be accepted, on each port. */
  readonly backlog: number;
  /** How long a new connection may stay silent, in milliseconds. */
  readonly firstByteMs: number;
  /** How long an HTTP request's header may take, in milliseconds. */
  readonly headerMs: number;
  /** How long an HTTP client may take nothing of its answer, in milliseconds. */
  readonly stallMs: number;
  /** Who may say for whom it comes. */
  readonly proxy?: ProxyRules & { readonly header: ForwardedHeader };
  /** The port to which HTTP requests from elsewhere are sent, to be asked over TLS; undefined to answer them. */
  readonly redirectPort?: number;
  /** Whether each HTTP request is a line of the log. */
  readonly logsRequests?: boolean;
}

/** Where no proxy is trusted. */
const NO_PROXY = { mode: "off", trusted: new NetworkList([]), header: "off" } as const;

/** Most bytes of one HTTP request's header. */
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Requests of one connection that may wait for their answers at once. Browsers send one after the other, programs a few;
 * one that sends thousands and reads nothing would have the server remember all of them.
 */
export const MAX_PIPELINED = 16;

/** Listens on every address, of IPv4 too. */
const EVERY_ADDRESS = "::";
const EVERY_IPV4_ADDRESS = "0.0.0.0";

/** How often HTTP connections are checked for their timeouts, in milliseconds. */
const CHECK_MS = 1000;

/** How long an HTTP connection is kept for a next request, in milliseconds. */
const KEEP_ALIVE_MS = 15_000;

/** How long a peer that was refused may take to close its connection, in milliseconds. */
const CLOSING_MS = 2000;

/** The kernel's front. */
export class OpenFront implements Front, Disposable {
  #settings: FrontSettings;
  readonly #clock: Clock;
  readonly #full: RepeatedLogger;
  readonly #accessLog: Logger;
  readonly #http: HttpServer;
  readonly #protocols = new Set<SocketProtocol>();
  readonly #upgrades = new Set<UpgradeProtocol>();
  readonly #listeners = new Set<Listener>();
  readonly #ports = new Set<OpenPort>();
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  readonly #answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void;
  /** How many requests of a connection wait for their answers. */
  readonly #unanswered = new WeakMap<Socket, number>();
  readonly #entrance: EntranceHost;
  /** Connections that came before the front was opened, and whether they need TLS. */
  #early?: [Socket, boolean][] = [];
  /** The certificate that counts now; without one nobody is offered TLS. */
  certificate?: { readonly context: SecureContext };

  constructor(
    settings: FrontSettings,
    clock: Clock,
    log: Logger,
    answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
  ) {
    this.#settings = settings;
    this.#answer = answer;
    this.#clock = clock;
    this.#full = repeated(log, 1000, clock);
    this.#accessLog = log.child("access");
    this.#entrance = this.#entranceHost();
    this.#http = createHttpServer({
      headersTimeout: settings.headerMs,
      requestTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      shouldUpgradeCallback: wantsWebSocket,
    } as ServerOptions, (incoming, outgoing) => this.#request(incoming, outgoing));
    this.#http.setTimeout(settings.stallMs, (socket) => this.#idle(socket));
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    pretendToListen(this.#http);
    this.#http.on("clientError", (error, socket) => this.#refuse(socket, faultStatus(error)));
  }

  /** Connections open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** The ports that are open. */
  get listeners(): readonly Listener[] {
    return [...this.#listeners];
  }

  protocol(protocol: SocketProtocol): Disposable {
    return member(this.#protocols, protocol);
  }

  upgrade(protocol: UpgradeProtocol): Disposable {
    return member(this.#upgrades, protocol);
  }

  /** Takes new settings for what comes from now on; ports that are open keep their backlog. */
  configure(settings: FrontSettings): void {
    this.#settings = settings;
    this.#http.headersTimeout = settings.headerMs;
    for (const port of this.#ports) port.connections = settings.connections;
  }

  async listen({ name, host, port, needsTls = false }: ListenOptions): Promise<Listener> {
    const open = await this.#bind(name, host, port, needsTls).catch((cause) => {
      if (host === EVERY_ADDRESS && lacksIpv6(cause)) return this.#bind(name, EVERY_IPV4_ADDRESS, port, needsTls);
      throw cause;
    }).catch((cause) => {
      throw new PortError(name, port, { cause });
    });
    const listener: Listener = { name, host, port: open.port, [Symbol.dispose]: () => this.#stop(open, listener) };
    this.#listeners.add(listener);
    this.#ports.add(open);
    return listener;
  }

  /** Lets those in who came too early, and all who come from now on. */
  open(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const [socket, needsTls] of early) this.#accept(socket, needsTls);
  }

  /** Accepts nothing more; what is open stays. */
  stopListening(): void {
    for (const listener of [...this.#listeners]) listener[Symbol.dispose]();
  }

  /** Closes all ports and all connections at once. */
  [Symbol.dispose](): void {
    this.stopListening();
    for (const socket of [...this.#sockets, ...(this.#early ?? []).map(([early]) => early)]) socket.destroy();
    this.#http.closeAllConnections();
    this.#http.close(ignore);
    this.#full[Symbol.dispose]();
  }

  #bind(name: string, host: string, port: number, needsTls: boolean): Promise<OpenPort> {
    const { connections, backlog } = this.#settings;
    return OpenPort.open({
      host,
      port,
      backlog,
      connections,
      clock: this.#clock,
      onConnection: (socket) => this.#accept(socket, needsTls),
      onReopened: () => this.#full.warn(`The port of ${name} took nobody any more and was opened anew`),
    });
  }

  #stop(port: OpenPort, listener: Listener): void {
    this.#ports.delete(port);
    if (this.#listeners.delete(listener)) port[Symbol.dispose]();
  }

  #accept(socket: Socket, needsTls: boolean): void {
    socket.on("error", ignore);
    if (this.#early) return void this.#early.push([socket, needsTls]);
    if (socket.destroyed) return;
    const { connections } = this.#settings;
    if (this.#sockets.size >= connections) return this.#reject(socket, `all ${connections} are in use`);
    this.#sockets.add(socket);
    if (this.#sockets.size === connections) {
      this.#full.warn(`All ${connections} connections are in use: more are refused`);
    }
    socket.on("close", () => this.#sockets.delete(socket));
    Entrance.open(socket, this.#entrance, needsTls);
  }

  #entranceHost(): EntranceHost {
    const settings = () => this.#settings;
    const certificate = () => this.certificate?.context;
    return {
      clock: this.#clock,
      get firstByteMs() {
        return settings().firstByteMs;
      },
      get proxy() {
        return settings().proxy ?? NO_PROXY;
      },
      get certificate() {
        return certificate();
      },
      admit: (socket) => this.#admit(socket),
      enter: (socket, first) => this.#dispatch(socket, first),
      refused: (why) => this.#full.warn(`Refused a connection: ${why}`),
    };
  }

  /** Proxies have many connections: only those behind them are counted. */
  #admit(socket: Socket): boolean {
    const { connectionsPerAddress } = this.#settings;
    if (connectionsPerAddress === 0) return true;
    const { ip } = peerOf(socket);
    const address = parseIp(ip);
    if (address && this.#settings.proxy?.trusted.has(address)) return true;
    const count = this.#perAddress.get(ip) ?? 0;
    if (count >= connectionsPerAddress) {
      this.#reject(socket, `its address has ${connectionsPerAddress} already`);
      return false;
    }
    this.#perAddress.set(ip, count + 1);
    socket.once("close", () => this.#uncount(ip));
    return true;
  }

  #reject(socket: Socket, why: string): void {
    this.#full.warn(`Refused a connection: ${why}`);
    socket.destroy();
  }

  #dispatch(socket: Socket, first: Uint8Array): void {
    for (const protocol of this.#protocols) {
      if (protocol.matches(first)) return protocol.accept(socket, first);
    }
    this.#http.emit("connection", socket);
    // Not `unshift`: the parser reads the socket itself from here on and would meet later bytes before these.
    socket.emit("data", first);
  }

  #request(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { socket } = incoming;
    if (socket.destroyed) return;
    const elsewhere = this.#readProxyHeaders(incoming);
    if (this.#settings.logsRequests) logAnswer(incoming, outgoing, this.#accessLog, this.#clock);
    if (elsewhere) return redirect(outgoing, elsewhere);
    const unanswered = this.#unanswered.get(socket) ?? 0;
    if (unanswered === MAX_PIPELINED) return void socket.destroy();
    this.#unanswered.set(socket, unanswered + 1);
    outgoing.once("close", () => this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1));
    this.#answer(incoming, outgoing);
  }

  /** Nothing has passed for a while: no harm while the client waits for an answer, unless it does not take it. */
  #idle(socket: Socket): void {
    if (socket.writableLength > 0 || !this.#unanswered.get(socket)) socket.destroy();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    (socket as Socket).setTimeout(0);
    const elsewhere = this.#readProxyHeaders(request);
    if (elsewhere) return this.#refuse(socket, `${redirectStatus(request)} Moved`, `Location: ${elsewhere}\r\n`);
    for (const protocol of this.#upgrades) {
      if (protocol.matches(request)) return protocol.accept(request, socket, head);
    }
    this.#refuse(socket, "404 Not Found");
  }

  /** What the peer still sends is dropped unread: the parser would find fault with each piece of it. */
  #refuse(socket: Duplex, status: string, header = ""): void {
    if (socket.writableEnded) return;
    socket.removeAllListeners("data");
    if (socket.writable) socket.write(`HTTP/1.1 ${status}\r\n${header}Connection: close\r\nContent-Length: 0\r\n\r\n`);
    endSocket(socket as Socket, this.#clock, CLOSING_MS);
  }

  /** Notes whom a trusted proxy names; gives the address over TLS where the request is to be made instead. */
  #readProxyHeaders(incoming: IncomingMessage): string | undefined {
    const { proxy = NO_PROXY, redirectPort } = this.#settings;
    const { ip } = peerOf(incoming.socket);
    const address = proxy.header === "off" ? undefined : parseIp(ip);
    const isTrusted = proxy.header !== "off" && address !== undefined && proxy.trusted.has(address);
    const found = isTrusted ? forwardedFor(proxy.header, incoming.headers, proxy.trusted) : undefined;
    if (found) setPeer(incoming, found.peer);
    if (redirectPort === undefined || found?.isSecure || (incoming.socket as { encrypted?: boolean }).encrypted) return;
    return isLoopback(peerOfRequest(incoming).ip) ? undefined : httpsAddress(incoming, redirectPort);
  }

  #uncount(ip: string): void {
    const left = (this.#perAddress.get(ip) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(ip, left);
    else this.#perAddress.delete(ip);
  }
}

/** Other upgrades, such as those to HTTP/2 that many clients offer, are not taken up: the request is answered as it is. */
function wantsWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === "websocket";
}

function ignore(): void {}

/**
 * Node's HTTP server checks its timeouts and keeps connections alive only while it listens. This one never does, since
 * its connections come from the front.
 */
function pretendToListen(server: HttpServer): void {
  Object.defineProperty(server, "listening", { value: true });
  server.emit("listening");
}

/** What a request is refused with that Node's parser would not read to its end. */
function faultStatus(error: Error): string {
  const { code } = error as { code?: string };
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return "408 Request Timeout";
  if (code === "HPE_HEADER_OVERFLOW") return "431 Request Header Fields Too Large";
  return "400 Bad Request";
}

function member<T>(set: Set<T>, value: T): Disposable {
  set.add(value);
  return { [Symbol.dispose]: () => void set.delete(value) };
}

function lacksIpv6(cause: unknown): boolean {
  const code = (cause as { code?: string } | undefined)?.code;
  return code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL";
}

function portFault(cause: unknown): string {
  const code = (cause as { code?: string } | undefined)?.code;
  if (code === "EADDRINUSE") return "another program uses it";
  if (code === "EACCES") return "this user may not open it";
  return cause instanceof Error ? cause.message : String(cause);
}
