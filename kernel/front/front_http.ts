import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { logAnswer } from "./access_lines.ts";
import type { Clock } from "../clock.ts";
import { forwardedFor } from "./forwarded.ts";
import { type FrontSettings, NO_PROXY, type UpgradeProtocol } from "./front.ts";
import { httpsAddress, isLoopback, redirect, redirectStatus } from "./https_redirect.ts";
import { parseIp } from "./ip_address.ts";
import type { Logger } from "../log/log.ts";
import { peerOf, peerOfRequest, setPeer } from "./peer_address.ts";
import { problemText } from "./problem.ts";
import { endSocket } from "./socket_end.ts";

/** Answers a request. */
export type HttpAnswer = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** What the front's HTTP takes from the front. */
export interface FrontHttpHost {
  readonly clock: Clock;
  readonly accessLog: Logger;
  readonly settings: FrontSettings;
  readonly upgrades: Iterable<UpgradeProtocol>;
  readonly answer: HttpAnswer;
}

/** Most bytes of one HTTP request's header. */
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * Requests of one connection that may wait for their answers at once. Browsers send one after the other, programs a few;
 * one that sends thousands and reads nothing would have the server remember all of them.
 */
export const MAX_PIPELINED = 16;

/** How often HTTP connections are checked for their timeouts, in milliseconds. */
const CHECK_MS = 1000;

/** How long an HTTP connection is kept for a next request, in milliseconds. */
const KEEP_ALIVE_MS = 15_000;

/** How long a peer that was refused may take to close its connection, in milliseconds. */
const CLOSING_MS = 2000;

/** The HTTP of a front: it is given connections and listens on no port of its own. */
export class FrontHttp implements Disposable {
  readonly #host: FrontHttpHost;
  readonly #http: HttpServer;
  /** How many requests of a connection wait for their answers. */
  readonly #unanswered = new WeakMap<Socket, number>();

  constructor(host: FrontHttpHost) {
    this.#host = host;
    this.#http = createHttpServer({
      headersTimeout: host.settings.headerMs,
      requestTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      shouldUpgradeCallback: wantsWebSocket,
    } as ServerOptions, (incoming, outgoing) => this.#request(incoming, outgoing));
    this.#http.setTimeout(host.settings.stallMs, (socket) => this.#idle(socket));
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    pretendToListen(this.#http);
    this.#http.on("clientError", (error, socket) => this.#refuse(socket, faultOf(error)));
  }

  /** Takes the front's settings for what comes from now on. */
  configure({ headerMs }: FrontSettings): void {
    this.#http.headersTimeout = headerMs;
  }

  /** Takes a connection; `first` has been read from it already. */
  enter(socket: Socket, first: Uint8Array): void {
    this.#http.emit("connection", socket);
    // Not `unshift`: the parser reads the socket itself from here on and would meet later bytes before these.
    socket.emit("data", first);
  }

  [Symbol.dispose](): void {
    this.#http.closeAllConnections();
    this.#http.close(ignore);
  }

  #request(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { socket } = incoming;
    if (socket.destroyed) return;
    const elsewhere = this.#readProxyHeaders(incoming);
    const { settings, accessLog, clock, answer } = this.#host;
    if (settings.logsRequests) logAnswer(incoming, outgoing, accessLog, clock);
    if (elsewhere) return redirect(outgoing, elsewhere);
    const unanswered = this.#unanswered.get(socket) ?? 0;
    if (unanswered === MAX_PIPELINED) return void socket.destroy();
    this.#unanswered.set(socket, unanswered + 1);
    outgoing.once("close", () => this.#unanswered.set(socket, (this.#unanswered.get(socket) ?? 1) - 1));
    answer(incoming, outgoing);
  }

  /** Nothing has passed for a while: no harm while the client waits for an answer, unless it does not take it. */
  #idle(socket: Socket): void {
    if (socket.writableLength > 0 || !this.#unanswered.get(socket)) socket.destroy();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    (socket as Socket).setTimeout(0);
    const elsewhere = this.#readProxyHeaders(request);
    if (elsewhere) return this.#say(socket, `${redirectStatus(request)} Moved`, [`Location: ${elsewhere}`]);
    for (const protocol of this.#host.upgrades) {
      if (protocol.matches(request)) return protocol.accept(request, socket, head);
    }
    this.#refuse(socket, { status: 404, reason: "Not Found", why: "There is nothing at this address" });
  }

  #refuse(socket: Duplex, { status, reason, why }: HttpFault): void {
    this.#say(socket, `${status} ${reason}`, ["Content-Type: application/problem+json"], problemText(status, why));
  }

  /** What the peer still sends is dropped unread: the parser would find fault with each piece of it. */
  #say(socket: Duplex, status: string, header: readonly string[], body = ""): void {
    if (socket.writableEnded) return;
    socket.removeAllListeners("data");
    const length = `Content-Length: ${body.length}`;
    const lines = [`HTTP/1.1 ${status}`, "Connection: close", ...header, length, "", body];
    if (socket.writable) socket.write(lines.join("\r\n"));
    endSocket(socket as Socket, this.#host.clock, CLOSING_MS);
  }

  /** Notes whom a trusted proxy names; gives the address over TLS where the request is to be made instead. */
  #readProxyHeaders(incoming: IncomingMessage): string | undefined {
    const { proxy = NO_PROXY, redirectPort } = this.#host.settings;
    const { ip } = peerOf(incoming.socket);
    const address = proxy.header === "off" ? undefined : parseIp(ip);
    const isTrusted = proxy.header !== "off" && address !== undefined && proxy.trusted.has(address);
    const found = isTrusted ? forwardedFor(proxy.header, incoming.headers, proxy.trusted) : undefined;
    if (found) setPeer(incoming, found.peer);
    if (redirectPort === undefined || found?.isSecure || (incoming.socket as { encrypted?: boolean }).encrypted) return;
    return isLoopback(peerOfRequest(incoming).ip) ? undefined : httpsAddress(incoming, redirectPort);
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
interface HttpFault {
  readonly status: number;
  readonly reason: string;
  /** In words for the client, of ASCII. */
  readonly why: string;
}

const FAULTS: Readonly<Record<string, HttpFault | undefined>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, reason: "Request Timeout", why: "The request did not come in time" },
  HPE_HEADER_OVERFLOW: { status: 431, reason: "Request Header Fields Too Large", why: "The header is too large" },
};
const NO_REQUEST: HttpFault = { status: 400, reason: "Bad Request", why: "This is no request of HTTP" };

function faultOf(error: Error): HttpFault {
  return FAULTS[(error as { code?: string }).code ?? ""] ?? NO_REQUEST;
}
