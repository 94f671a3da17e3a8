import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
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
import type { MediaPacket } from "../../media/packet.ts";
import { endpointOf, serverWords, shownAddress, streamUrl } from "../shared/client_address.ts";
import { FlvOutbox } from "../shared/flv_outbox.ts";
import { connectSecurely, hold } from "../shared/tls_connection.ts";
import { PacketQueue } from "../shared/packet_queue.ts";

const SCHEMES = ["http", "https"];

/** How long connecting may take, in milliseconds, unless something else is asked for. */
const CONNECT_MS = 10_000;

/** How long a server may take to read what is left and to answer, in milliseconds, before it is cut off. */
const GOODBYE_MS = 3000;

/** Bytes that may wait for the server before a writer is asked to wait too. */
const HIGH_WATER = 1024 * 1024;

/** Most redirections that are followed. */
const MAX_REDIRECTS = 5;

/** Longest answer to a failed request that is read, in bytes. */
const MAX_ANSWER_BYTES = 16_384;

/** Plays over HTTP-FLV: `GET http://host/app/stream.flv`. */
export class HttpFlvPlayClient implements PullClient {
  readonly closed: Promise<ClientEnd>;
  readonly #exchange: Exchange;
  readonly #queue = new PacketQueue();

  private constructor(exchange: Exchange, response: IncomingMessage) {
    this.#exchange = exchange;
    this.closed = exchange.closed;
    const demuxer = new FlvDemuxer();
    this.#queue.onFull = (isFull) => hold(response, response.socket, isFull);
    response.on("data", (bytes: Uint8Array) => {
      try {
        for (const packet of demuxer.read(bytes)) this.#queue.add(packet);
      } catch (error) {
        exchange.end("protocol", `it sent no FLV: ${error instanceof Error ? error.message : error}`);
      }
    });
    response.once("end", () => exchange.end("left", "the stream ended"));
    response.once("error", () => exchange.end("lost", "the connection broke"));
    response.once("aborted", () => exchange.end("lost", "the connection broke"));
    exchange.closed.then((end) => this.#queue.end(end.code === "left" ? undefined : exchange.errorOf(end)));
  }

  /**
   * Connects, and settles when the stream begins.
   *
   * @throws {TypeError} when the address is not one of HTTP
   * @throws {ClientError} when the server cannot be reached, refuses, or does not answer in time
   */
  static async connect(address: string, options: ClientOptions = {}): Promise<HttpFlvPlayClient> {
    let url = streamUrl(address, SCHEMES);
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const exchange = new Exchange(url, "GET", options);
      exchange.request.end();
      const response = await exchange.response;
      const { statusCode = 0, headers: { location } } = response;
      if (statusCode === 200) {
        exchange.accepted();
        return new HttpFlvPlayClient(exchange, response);
      }
      if (statusCode < 300 || statusCode > 399 || !location) throw await exchange.refused(response);
      exchange.end("left", "it sends to another address");
      url = streamUrl(new URL(location, url).href, SCHEMES);
    }
    throw new ClientError("protocol", `${shownAddress(url)} is one of more than ${MAX_REDIRECTS} redirections`);
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
    this.#exchange.end("left", "this side left");
    await this.closed;
  }

  destroy(): void {
    this.#exchange.end("left", "this side left");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Publishes over HTTP-FLV: `POST http://host/app/stream`, for as long as it lasts. */
export class HttpFlvPublishClient implements PushClient {
  readonly closed: Promise<ClientEnd>;
  readonly #exchange: Exchange;
  readonly #outbox: FlvOutbox;
  #room?: PromiseWithResolvers<void>;

  private constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.closed = exchange.closed;
    const { request } = exchange;
    this.#outbox = new FlvOutbox((bytes) => void (exchange.over ?? request.write(bytes)));
    request.on("drain", () => this.#makeRoom());
    this.closed.then(() => this.#makeRoom());
    exchange.response.then((response) => {
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) exchange.end("left", "the server has all of it");
      else exchange.refused(response).catch(() => {});
    }, () => {});
  }

  /**
   * Connects, and settles when the server can be sent to. One that refuses says so only then: the connection ends.
   *
   * @throws {TypeError} when the address is not one of HTTP
   * @throws {ClientError} when the server cannot be reached in time
   */
  static async connect(address: string, options: ClientOptions = {}): Promise<HttpFlvPublishClient> {
    const exchange = new Exchange(streamUrl(address, SCHEMES), "POST", options);
    exchange.request.flushHeaders();
    await exchange.connected;
    exchange.accepted();
    return new HttpFlvPublishClient(exchange);
  }

  write(packet: PublishedPacket): Promise<void> | undefined {
    const { over, request } = this.#exchange;
    if (over) throw this.#exchange.errorOf(over);
    this.#outbox.add(packet);
    if (request.writableLength <= HIGH_WATER) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  async close(): Promise<void> {
    if (this.#exchange.over) return;
    this.#outbox.flush();
    this.#exchange.request.end();
    this.#exchange.endWithin(GOODBYE_MS);
    await this.closed;
  }

  destroy(): void {
    this.#exchange.end("left", "this side left");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}

/** One request and what becomes of it. */
class Exchange {
  readonly request: ClientRequest;
  readonly connected: Promise<void>;
  readonly response: Promise<IncomingMessage>;
  readonly closed: Promise<ClientEnd>;
  over?: ClientEnd;
  readonly #url: URL;
  readonly #options: ClientOptions;
  readonly #closed = Promise.withResolvers<ClientEnd>();
  #timer?: Timer;

  constructor(url: URL, method: string, options: ClientOptions) {
    const { signal, timeoutMs = CONNECT_MS, tls, clock = systemClock } = options;
    signal?.throwIfAborted();
    this.#url = url;
    this.#options = options;
    this.closed = this.#closed.promise;
    this.request = this.#dial(method, tls);
    this.connected = this.#connected();
    this.response = this.#answered();
    this.#timer = clock.setTimeout(
      () => this.end("timeout", `it did not answer within ${timeoutMs / 1000} s`),
      timeoutMs,
    );
    signal?.addEventListener("abort", this.#abort);
    for (const promise of [this.connected, this.response]) promise.catch(() => {});
  }

  /** The server has accepted: from now on there is no hurry. */
  accepted(): void {
    this.#timer?.[Symbol.dispose]();
  }

  /** Ends it; the first reason stays. */
  end(code: string, message: string): void {
    if (this.over) return;
    this.over = { code, message };
    this.#timer?.[Symbol.dispose]();
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.request.destroy();
    this.#closed.resolve(this.over);
  }

  /** Ends it if nothing else does within this time. */
  endWithin(ms: number): void {
    const { clock = systemClock } = this.#options;
    this.#timer = clock.setTimeout(() => this.end("timeout", "it did not take the rest in time"), ms);
  }

  /** What the server's refusal says; ends it. */
  async refused(response: IncomingMessage): Promise<ClientError> {
    const { statusCode = 0, headers: { location } } = response;
    const words = serverWords(await textOf(response), this.#url) || response.statusMessage || "it gave no reason";
    const code = String(statusCode);
    this.end(code, `refused: ${words}`);
    return new ClientError(code, `${shownAddress(this.#url)} refused: ${words} (${code})`, { redirect: location });
  }

  /** The error for those who go on after the end. */
  errorOf({ code, message }: ClientEnd): ClientError {
    return new ClientError(code, `${shownAddress(this.#url)}: ${message}`);
  }

  readonly #abort = (): void => this.end("left", "this side gave up");

  #dial(method: string, tls: ClientOptions["tls"]): ClientRequest {
    const { username, password, protocol } = this.#url;
    const auth = username ? `${decodeURIComponent(username)}:${decodeURIComponent(password)}` : undefined;
    const headers = method === "GET" ? {} : { "content-type": "video/x-flv", "transfer-encoding": "chunked" };
    const dial = protocol === "https:" ? requestHttps : requestHttp;
    const request = dial(this.#url, {
      method,
      headers: { "user-agent": "Sluice", ...headers },
      auth,
      ...(protocol === "http:"
        ? { agent: false }
        : { createConnection: () => connectSecurely({ ...endpointOf(this.#url), ...tls }) }),
    });
    request.on("error", (error: Error & { code?: string }) => this.#failed(error));
    request.on("close", () => this.end("lost", "the connection broke"));
    return request;
  }

  #failed(error: Error & { code?: string }): void {
    const isUnreachable = error.code !== "ECONNRESET" && error.code !== "EPIPE";
    this.end(isUnreachable ? "unreachable" : "lost", error.message);
  }

  async #connected(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.request.once("socket", (socket) => {
      if (!socket.connecting) resolve();
      else socket.once(this.#url.protocol === "https:" ? "secureConnect" : "connect", () => resolve());
    });
    await Promise.race([promise, this.#failure()]);
  }

  async #answered(): Promise<IncomingMessage> {
    const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
    this.request.once("response", resolve);
    return await Promise.race([promise, this.#failure()]);
  }

  async #failure(): Promise<never> {
    const end = await this.closed;
    this.#options.signal?.throwIfAborted();
    throw this.errorOf(end);
  }
}

/** The words of an answer: those of our own JSON, or the text itself. */
async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  try {
    for await (const piece of response) {
      text += piece;
      if (text.length > MAX_ANSWER_BYTES) break;
    }
  } catch {
    // What has come of it is all there is.
  }
  try {
    const { detail, error } = JSON.parse(text);
    return [detail, error].find((words) => typeof words === "string") ?? text;
  } catch {
    return text.replace(/<[^>]*>/g, " ");
  }
}

/** HTTP-FLV, for those who take addresses of any protocol. */
export const httpFlvClient: StreamClient = {
  schemes: SCHEMES,
  pull: (url, options) => HttpFlvPlayClient.connect(url, options),
  push: (url, options) => HttpFlvPublishClient.connect(url, options),
};
