import type { Socket } from "node:net";
import { WebSocket } from "ws";
import {
  type ClientEnd,
  ClientError,
  type ClientOptions,
  type PublishedPacket,
  type PullClient,
  type PushClient,
  type StreamClient,
} from "../../kernel/client.ts";
import { systemClock, type Timer } from "../../kernel/clock.ts";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import { MAX_TAG_BYTES } from "../../media/flv/reader.ts";
import type { MediaPacket } from "../../media/packet.ts";
import { endpointOf, serverWords, shownAddress, streamUrl } from "../shared/client_address.ts";
import { FlvOutbox } from "../shared/flv_outbox.ts";
import { connectSecurely, hold } from "../shared/tls_connection.ts";
import { PacketQueue } from "../shared/packet_queue.ts";

const SCHEMES = ["ws", "wss"];

/** How long connecting may take, in milliseconds, unless something else is asked for. */
const CONNECT_MS = 10_000;

/** How long a server may take to read what is left and to close, in milliseconds, before it is cut off. */
const GOODBYE_MS = 3000;

/** Bytes that may wait for the server before a writer is asked to wait too. */
const HIGH_WATER = 1024 * 1024;

/** How often a writer that waits looks again, in milliseconds. */
const ROOM_MS = 20;

/** Codes with which servers close when all is well (RFC 6455, 7.4.1). */
const REGULAR_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005]);

/** No close frame came. */
const ABNORMAL = 1006;

/** Plays over WebSocket-FLV: `ws://host/app/stream.flv`. */
export class WsFlvPlayClient implements PullClient {
  readonly closed: Promise<ClientEnd>;
  readonly #link: Link;
  readonly #queue = new PacketQueue();

  private constructor(link: Link) {
    this.#link = link;
    this.closed = link.closed;
    const demuxer = new FlvDemuxer();
    this.#queue.onFull = (isFull) => link.hold(isFull);
    link.onBytes = (bytes) => {
      try {
        for (const packet of demuxer.read(bytes)) this.#queue.add(packet);
      } catch (error) {
        link.end("protocol", `it sent no FLV: ${error instanceof Error ? error.message : error}`);
      }
    };
    link.closed.then((end) => this.#queue.end(end.code === "left" ? undefined : link.errorOf(end)));
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
    await link.until(link.begun);
    return client;
  }

  [Symbol.asyncIterator](): AsyncIterator<MediaPacket, undefined> {
    return {
      next: () => this.#queue.next(),
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }

  async close(): Promise<void> {
    this.#link.end("left", "this side left");
    await this.closed;
  }

  destroy(): void {
    this.#link.end("left", "this side left");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Publishes over WebSocket-FLV: `ws://host/app/stream`. */
export class WsFlvPublishClient implements PushClient {
  readonly closed: Promise<ClientEnd>;
  readonly #link: Link;
  readonly #outbox: FlvOutbox;

  private constructor(link: Link) {
    this.#link = link;
    this.closed = link.closed;
    this.#outbox = new FlvOutbox((bytes) => link.send(bytes));
  }

  /**
   * Connects, and settles when the server can be sent to. One that refuses says so only then: the connection ends.
   *
   * @throws {TypeError} when the address is not one of WebSockets
   * @throws {ClientError} when the server cannot be reached in time
   */
  static async connect(address: string, options: ClientOptions = {}): Promise<WsFlvPublishClient> {
    const link = new Link(streamUrl(address, SCHEMES), options);
    await link.until(link.opened);
    return new WsFlvPublishClient(link);
  }

  write(packet: PublishedPacket): Promise<void> | undefined {
    const { over, socket } = this.#link;
    if (over) throw this.#link.errorOf(over);
    this.#outbox.add(packet);
    return socket.bufferedAmount > HIGH_WATER ? this.#link.room() : undefined;
  }

  async close(): Promise<void> {
    if (this.#link.over) return;
    this.#outbox.flush();
    this.#link.say(1000, "finished", GOODBYE_MS);
    await this.closed;
  }

  destroy(): void {
    this.#link.end("left", "this side left");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** One WebSocket and what becomes of it. */
class Link {
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  /** The first message has come. */
  readonly begun: Promise<void>;
  readonly closed: Promise<ClientEnd>;
  over?: ClientEnd;
  onBytes: (bytes: Uint8Array) => void = () => {};
  readonly #url: URL;
  readonly #options: ClientOptions;
  readonly #closed = Promise.withResolvers<ClientEnd>();
  readonly #opened = Promise.withResolvers<void>();
  readonly #begun = Promise.withResolvers<void>();
  #timer?: Timer;
  /** Below `wss://`. */
  #secure?: Socket;

  constructor(url: URL, options: ClientOptions) {
    const { signal, timeoutMs = CONNECT_MS, tls, clock = systemClock } = options;
    signal?.throwIfAborted();
    this.#url = url;
    this.#options = options;
    this.closed = this.#closed.promise;
    this.opened = this.#opened.promise;
    this.begun = this.#begun.promise;
    this.#timer = clock.setTimeout(
      () => this.end("timeout", `it did not answer within ${timeoutMs / 1000} s`),
      timeoutMs,
    );
    signal?.addEventListener("abort", this.#abort);
    this.socket = this.#dial(tls);
  }

  /** Waits for what means that the server has accepted. */
  async until(accepted: Promise<void>): Promise<void> {
    const end = await Promise.race([accepted, this.closed]);
    if (end) {
      this.#options.signal?.throwIfAborted();
      throw this.errorOf(end);
    }
    this.#timer?.[Symbol.dispose]();
  }

  /** Reads nothing more from the server, or goes on reading. */
  hold(isHeld: boolean): void {
    hold(this.socket, this.#secure, isHeld);
  }

  send(bytes: Uint8Array): void {
    if (!this.over) this.socket.send(bytes);
  }

  /** Settles when what waits for the server has become less, or it has gone. */
  async room(): Promise<void> {
    const { clock = systemClock } = this.#options;
    while (!this.over && this.socket.bufferedAmount > HIGH_WATER / 2) {
      const { promise, resolve } = Promise.withResolvers<void>();
      using _timer = clock.setTimeout(resolve, ROOM_MS);
      await Promise.race([promise, this.closed]);
    }
  }

  /** Closes in the regular way; a server that does not answer is cut off after so many milliseconds. */
  say(code: number, reason: string, ms: number): void {
    const { clock = systemClock } = this.#options;
    this.#timer = clock.setTimeout(() => this.end("timeout", "it did not take the rest in time"), ms);
    this.socket.close(code, reason);
  }

  /** Ends it; the first reason stays. */
  end(code: string, message: string): void {
    if (this.over) return;
    this.over = { code, message };
    this.#timer?.[Symbol.dispose]();
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.socket.terminate();
    this.#closed.resolve(this.over);
  }

  errorOf({ code, message }: ClientEnd): ClientError {
    return new ClientError(code, `${shownAddress(this.#url)}: ${message}`);
  }

  readonly #abort = (): void => this.end("left", "this side gave up");

  #dial(tls: ClientOptions["tls"]): WebSocket {
    const secure = this.#url.protocol === "wss:" && {
      createConnection: () => this.#secure = connectSecurely({ ...endpointOf(this.#url), ...tls }),
    };
    const options = { maxPayload: 2 * MAX_TAG_BYTES, perMessageDeflate: false, ...tls, ...secure };
    const socket = new WebSocket(this.#url.href, options);
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
    const words = serverWords(reason, this.#url);
    if (REGULAR_CODES.has(code)) this.end("left", words || "the stream ended");
    else this.end(String(code), `closed: ${words || "it gave no reason"}`);
  }
}

/** WebSocket-FLV, for those who take addresses of any protocol. */
export const wsFlvClient: StreamClient = {
  schemes: SCHEMES,
  pull: (url, options) => WsFlvPlayClient.connect(url, options),
  push: (url, options) => WsFlvPublishClient.connect(url, options),
};
