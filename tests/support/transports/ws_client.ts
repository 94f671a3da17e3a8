import { readHead, type ResponseHead, sendRequest } from "../http_exchange.ts";
import { patiently } from "../patience.ts";
import { TestSocket } from "../test_socket.ts";
import type { TestEnd } from "./transport.ts";
import { clientClose, type ClientFrame, clientFrame, type ServerFrame, ServerFrames, WS } from "./ws_frames.ts";

/** The key and what a server has to answer to it, from RFC 6455, section 1.3. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** A valid upgrade request's headers. */
export const UPGRADE: Readonly<Record<string, string>> = {
  "Connection": "Upgrade",
  "Upgrade": "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": KEY,
};

/** A WebSocket to a server under test, strict about what comes and able to send what no library would. */
export class WsClient implements AsyncDisposable {
  readonly #socket: TestSocket;
  readonly #frames = new ServerFrames();
  readonly #over = Promise.withResolvers<TestEnd>();
  /** Whether a close frame is answered, as it has to be. */
  answersClose = true;
  readonly #early: ServerFrame[] = [];
  #onFrame: (frame: ServerFrame) => void = (frame) => void this.#early.push(frame);
  #hasClosed = false;

  private constructor(socket: TestSocket) {
    this.#socket = socket;
    socket.flow((bytes) => this.#read(bytes));
    socket.ended.then((end) => this.#over.resolve({ status: end, message: "without a close frame" }));
  }

  /** Asks for a WebSocket and gives the server's answer, whatever it is. */
  static async request(
    port: number,
    target: string,
    headers: Readonly<Record<string, string>> = UPGRADE,
    behind?: Uint8Array,
  ): Promise<{ readonly head: ResponseHead | undefined; readonly socket: TestSocket }> {
    const socket = await TestSocket.open(port);
    sendRequest(socket, "GET", target, headers, behind);
    return { head: await readHead(socket), socket };
  }

  /**
   * Opens a WebSocket; `behind` is sent at once, without waiting for the server. Throws an `Error` when the server does
   * not accept as the RFC demands.
   */
  static async open(
    port: number,
    target: string,
    behind?: Uint8Array,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<WsClient> {
    const { head, socket } = await WsClient.request(port, target, { ...UPGRADE, ...headers }, behind);
    const accept = head?.headers.get("sec-websocket-accept");
    if (head?.status !== 101 || accept !== ACCEPT) throw new Error(`No WebSocket: ${head?.status} ${accept}`);
    return new WsClient(socket);
  }

  /** How the server names this client. */
  get name(): string {
    return this.#socket.name;
  }

  /** The close code and reason that the server gave, or how the connection ended without one. */
  get closed(): Promise<TestEnd> {
    return this.#over.promise;
  }

  /** Waits until the server has closed. */
  over(): Promise<TestEnd> {
    return patiently(this.#over.promise, () => "the WebSocket was not closed");
  }

  /** Waits until the connection under it has ended. */
  disconnected(): Promise<string> {
    return this.#socket.over();
  }

  /** Hears all frames but the close frame, beginning with those that have come already. */
  listen(onFrame: (frame: ServerFrame) => void): void {
    this.#onFrame = onFrame;
    for (const frame of this.#early.splice(0)) onFrame(frame);
  }

  /** Sends a binary message. */
  send(payload: Uint8Array): void {
    this.sendFrame({ opcode: WS.binary, payload });
  }

  /** Sends any frame. */
  sendFrame(frame: ClientFrame): void {
    this.#socket.send(clientFrame(frame));
  }

  /** Sends bytes that the test has made frames of, in a packet of their own. */
  async sendAlone(bytes: Uint8Array): Promise<void> {
    await this.#socket.sendAlone(bytes);
  }

  /** Sends a close frame. */
  close(code?: number, reason?: string): void {
    this.#hasClosed = true;
    this.#socket.send(clientClose(code, reason));
  }

  /** Reads nothing more. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Cuts the connection. */
  cut(): Promise<void> {
    return this.#socket.cut();
  }

  /** Cuts the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.cut();
  }

  #read(bytes: Uint8Array): void {
    try {
      for (const frame of this.#frames.read(bytes)) this.#take(frame);
    } catch (error) {
      this.#over.resolve({ status: "not a WebSocket", message: String(error) });
    }
  }

  #take(frame: ServerFrame): void {
    if (frame.opcode !== WS.close) return this.#onFrame(frame);
    const { payload } = frame;
    const code = payload.length < 2 ? 1005 : payload[0] << 8 | payload[1];
    const message = new TextDecoder("utf-8", { fatal: true }).decode(payload.subarray(2));
    this.#over.resolve({ status: String(code), message });
    if (!this.#hasClosed && this.answersClose) this.close(code);
  }
}
