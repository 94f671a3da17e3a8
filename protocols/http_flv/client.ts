import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { ClientError, type ClientErrorCode, type ClientOptions } from "../../kernel/sessions/client.ts";
import { HOPS_HEADER } from "../../kernel/sessions/hops.ts";
import { endpointOf, serverWords, shownAddress, streamUrl } from "../shared/client_address.ts";
import { ClientLink, HIGH_WATER } from "../shared/client_link.ts";
import { FlvPullClient, FlvPushClient, type SendingLink } from "../shared/flv_clients.ts";
import { SCHEMES } from "./stream_client.ts";
import { connectSecurely, hold } from "../shared/tls_connection.ts";

/** Most redirections that are followed. */
const MAX_REDIRECTS = 5;

/** Longest answer to a failed request that is read, in bytes. */
const MAX_ANSWER_BYTES = 16_384;

/** Plays over HTTP-FLV: `GET http://host/app/stream.flv`. */
export class HttpFlvPlayClient extends FlvPullClient {
  private constructor(exchange: Exchange, response: IncomingMessage) {
    super(exchange, (isHeld) => hold(response, response.socket, isHeld));
    response.on("data", (bytes: Uint8Array) => this.take(bytes));
    response.once("end", () => exchange.end("left", "the stream ended"));
    response.once("error", () => exchange.end("lost", "the connection broke"));
    response.once("aborted", () => exchange.end("lost", "the connection broke"));
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
      const response = await exchange.reached(exchange.response);
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
}

/** Publishes over HTTP-FLV: `POST http://host/app/stream`, for as long as it lasts. */
export class HttpFlvPublishClient extends FlvPushClient {
  private constructor(exchange: Exchange) {
    super(exchange);
    exchange.response.then((response) => {
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) exchange.granted(response);
      else exchange.refused(response).catch(() => {});
    });
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
    await exchange.reached(exchange.connected);
    exchange.accepted();
    return new HttpFlvPublishClient(exchange);
  }
}

const HAS_ALL = "the server has all of it";

/** One request and what becomes of it. */
class Exchange extends ClientLink implements SendingLink {
  readonly request: ClientRequest;
  readonly connected: Promise<void>;
  readonly response: Promise<IncomingMessage>;
  #room?: PromiseWithResolvers<void>;
  #isGranted = false;

  constructor(url: URL, method: string, options: ClientOptions) {
    super(url, options);
    const connected = Promise.withResolvers<void>();
    const response = Promise.withResolvers<IncomingMessage>();
    this.connected = connected.promise;
    this.response = response.promise;
    this.request = this.#dial(method, options);
    this.request.once("socket", (socket) => {
      if (!socket.connecting) connected.resolve();
      else socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => connected.resolve());
    });
    this.request.once("response", response.resolve);
    this.request.on("drain", () => this.#makeRoom());
    this.closed.then(() => this.#makeRoom());
  }

  get isFull(): boolean {
    return this.request.writableLength > HIGH_WATER;
  }

  send(bytes: Uint8Array): void {
    this.request.write(bytes);
  }

  room(): Promise<void> {
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  finish(): void {
    this.request.end();
  }

  /** The server says yes: when it has all of it, or, as FFmpeg does, before it reads any of it. */
  granted(response: IncomingMessage): void {
    if (this.request.writableFinished) return this.end("left", HAS_ALL);
    this.#isGranted = true;
    response.resume();
    response.once("error", (error) => this.#broke("lost", error.message));
    response.once("close", () => this.#broke("lost", "the server closed the connection"));
  }

  /** What the server's refusal says; ends it. */
  async refused(response: IncomingMessage): Promise<ClientError> {
    const { statusCode = 0, headers: { location } } = response;
    const words = serverWords(await textOf(response), this.url) || response.statusMessage || "it gave no reason";
    const code = String(statusCode);
    this.end(code, `refused: ${words}`);
    return new ClientError(code, `${shownAddress(this.url)} refused: ${words} (${code})`, { redirect: location });
  }

  protected cut(): void {
    this.request.destroy();
  }

  #dial(method: string, { tls, hops }: ClientOptions): ClientRequest {
    const { username, password, protocol } = this.url;
    const auth = username ? `${decodeURIComponent(username)}:${decodeURIComponent(password)}` : undefined;
    const headers = method === "GET" ? {} : { "content-type": "video/x-flv", "transfer-encoding": "chunked" };
    const dial = protocol === "https:" ? requestHttps : requestHttp;
    const request = dial(this.url, {
      method,
      headers: { "user-agent": "Sluice", ...headers, ...(hops && { [HOPS_HEADER]: hops.join(",") }) },
      auth,
      ...(protocol === "http:"
        ? { agent: false }
        : { createConnection: () => connectSecurely({ ...endpointOf(this.url), ...tls }) }),
    });
    request.on("error", (error: Error & { code?: string }) => this.#failed(error));
    request.on("close", () => this.#broke("lost", "the connection broke"));
    return request;
  }

  #failed(error: Error & { code?: string }): void {
    const isUnreachable = error.code !== "ECONNRESET" && error.code !== "EPIPE";
    this.#broke(isUnreachable ? "unreachable" : "lost", error.message);
  }

  /** How a server that said yes at first closes the connection in the end is its own affair. */
  #broke(code: ClientErrorCode, message: string): void {
    if (this.#isGranted && this.request.writableFinished) this.end("left", HAS_ALL);
    else this.end(code, message);
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
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

export { httpFlvClient } from "./stream_client.ts";
