import type { Socket } from "node:net";
import { WebSocket } from "ws";
import type { ClientOptions } from "../../kernel/sessions/client.ts";
import { HOPS_HEADER } from "../../kernel/sessions/hops.ts";
import { MAX_TAG_BYTES } from "../../media/flv/reader.ts";
import { endpointOf, serverWords, streamUrl } from "../shared/client_address.ts";
import { ClientLink, HIGH_WATER } from "../shared/client_link.ts";
import { FlvPullClient, FlvPushClient, type SendingLink } from "../shared/flv_clients.ts";
import { SCHEMES } from "./stream_client.ts";
import { connectSecurely, hold } from "../shared/tls_connection.ts";

/** How often a writer that waits looks again, in milliseconds. */
const ROOM_MS = 20;

/** Codes with which servers close when all is well (RFC 6455, 7.4.1). */
const REGULAR_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005]);

/** No close frame came. */
const ABNORMAL = 1006;

/** Plays over WebSocket-FLV: `ws://host/app/stream.flv`. */
export class WsFlvPlayClient extends FlvPullClient {
  private constructor(link: Link) {
    super(link, (isHeld) => link.hold(isHeld));
    link.onBytes = (bytes) => this.take(bytes);
  }

  /**
   * Connects, and settles when the stream begins.
   *
   * @throws {TypeError} when the address is not one of WebSockets
   * @throws {ClientError} when the server cannot be reached, refuses, or does not answer in time
   */
  static async connect(address: string, options: ClientOptions = {}): Promise<WsFlvPlayClient> {
    const link = new Link(streamUrl(address, SCHEMES), options);
    const client = new WsFlvPlayClient(link);
    await link.reached(link.begun);
    link.accepted();
    return client;
  }
}

/** Publishes over WebSocket-FLV: `ws://host/app/stream`. */
export class WsFlvPublishClient extends FlvPushClient {
  /**
   * Connects, and settles when the server can be sent to. One that refuses says so only then: the connection ends.
   *
   * @throws {TypeError} when the address is not one of WebSockets
   * @throws {ClientError} when the server cannot be reached in time
   */
  static async connect(address: string, options: ClientOptions = {}): Promise<WsFlvPublishClient> {
    const link = new Link(streamUrl(address, SCHEMES), options);
    await link.reached(link.opened);
    link.accepted();
    return new WsFlvPublishClient(link);
  }
}

/** One WebSocket and what becomes of it. */
class Link extends ClientLink implements SendingLink {
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  /** The first message has come. */
  readonly begun: Promise<void>;
  onBytes: (bytes: Uint8Array) => void = () => {};
  readonly #opened = Promise.withResolvers<void>();
  readonly #begun = Promise.withResolvers<void>();
  /** Below `wss://`. */
  #secure?: Socket;

  constructor(url: URL, options: ClientOptions) {
    super(url, options);
    this.opened = this.#opened.promise;
    this.begun = this.#begun.promise;
    this.socket = this.#dial(options);
  }

  get isFull(): boolean {
    return this.socket.bufferedAmount > HIGH_WATER;
  }

  /** Reads nothing more from the server, or goes on reading. */
  hold(isHeld: boolean): void {
    hold(this.socket, this.#secure, isHeld);
  }

  send(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  async room(): Promise<void> {
    while (!this.over && this.socket.bufferedAmount > HIGH_WATER / 2) {
      const { promise, resolve } = Promise.withResolvers<void>();
      using _timer = this.clock.setTimeout(resolve, ROOM_MS);
      await Promise.race([promise, this.closed]);
    }
  }

  finish(): void {
    this.socket.close(1000, "finished");
  }

  protected cut(): void {
    this.socket.terminate();
  }

  #dial({ tls, hops }: ClientOptions): WebSocket {
    const secure = this.url.protocol === "wss:" && {
      createConnection: () => this.#secure = connectSecurely({ ...endpointOf(this.url), ...tls }),
    };
    const headers = hops && { [HOPS_HEADER]: hops.join(",") };
    const options = { maxPayload: 2 * MAX_TAG_BYTES, perMessageDeflate: false, headers, ...tls, ...secure };
    const socket = new WebSocket(this.url.href, options);
    socket.on("open", () => this.#opened.resolve());
    socket.on("message", (data) => {
      this.#begun.resolve();
      this.onBytes(data);
    });
    socket.on("unexpected-response", (_request, { statusCode, statusMessage }) => {
      this.end(String(statusCode), `refused: ${statusMessage ?? "it gave no reason"}`);
    });
    socket.on("error", (error) => this.end("unreachable", error.message));
    socket.on("close", (code, reason) => this.#said(code, new TextDecoder().decode(reason)));
    return socket;
  }

  #said(code: number, reason: string): void {
    if (code === ABNORMAL) return this.end("lost", "the connection broke");
    const words = serverWords(reason, this.url);
    if (REGULAR_CODES.has(code)) this.end("left", words || "the stream ended");
    else this.end(String(code), `closed: ${words || "it gave no reason"}`);
  }
}

export { wsFlvClient } from "./stream_client.ts";
