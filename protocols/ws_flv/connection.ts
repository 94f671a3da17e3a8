import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Receiver } from "ws";
import { closeFrame, controlFrame, OPCODE } from "./frames.ts";

/** Largest message taken from a client, in bytes: more than any key frame, and it bounds what a hostile client costs. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** How long a client may take to answer a close frame before its connection is cut, in milliseconds. */
const CLOSE_MS = 2000;

/** What stands for a close frame without a code (RFC 6455, section 7.4.1). */
const NO_CODE = 1005;

/** What RFC 6455 (section 1.3) appends to a client's key. */
const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Says whether a request asks for a WebSocket that can be had (RFC 6455, section 4.2.1). */
export function isWebSocketRequest({ headers, method }: IncomingMessage): boolean {
  const key = headers["sec-websocket-key"];
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket" &&
    headers["sec-websocket-version"] === "13" && /^[A-Za-z0-9+/]{22}==$/.test(key ?? "");
}

/**
 * The server's side of one WebSocket.
 *
 * Frames to the client are written to `socket` ready-made and whole; frames from the client are read by a library that
 * is made only when the first one arrives, since most players never send any.
 */
export class WebSocketConnection {
  /** Hears binary messages. */
  onBinary?: (bytes: Uint8Array) => void;
  /** Hears that the client closes, with its code; 1005 when it gave none. */
  onClosing?: (code: number) => void;
  readonly socket: Socket;
  #receiver?: Receiver;
  #isClosing = false;

  /** Accepts the upgrade. `head`: what the client sent right behind its request. */
  constructor(request: IncomingMessage, socket: Socket, head: Uint8Array) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", this.#onData);
    socket.on("end", destroyThis);
    socket.write(switchingProtocols(request.headers["sec-websocket-key"] ?? ""));
    if (head.length > 0) socket.unshift(head);
    socket.resume();
  }

  /** Says why, and closes; the connection is cut when the client does not answer. */
  close(code: number, reason: string): void {
    if (this.#isClosing || this.socket.destroyed) return;
    this.#isClosing = true;
    this.socket.write(closeFrame(code, reason));
    this.socket.end();
    const timer = setTimeout(() => this.socket.destroy(), CLOSE_MS);
    this.socket.once("close", () => clearTimeout(timer));
  }

  #onData = (bytes: Uint8Array): void => {
    if (this.#isClosing) return;
    this.#receiver ??= this.#openReceiver();
    this.#receiver.write(bytes);
  };

  /** A client that pings and does not read gets no pong: its answers would pile up. */
  #pong(data: Uint8Array): void {
    if (this.socket.writableLength === 0) this.socket.write(controlFrame(OPCODE.pong, data));
  }

  #openReceiver(): Receiver {
    const receiver = new Receiver({ isServer: true, maxPayload: MAX_MESSAGE_BYTES, allowSynchronousEvents: true });
    receiver.on("message", (data, isBinary) => {
      if (isBinary) this.onBinary?.(data as Uint8Array);
      else this.close(1003, "Only binary messages mean something here");
    });
    receiver.on("ping", (data) => this.#pong(data));
    receiver.on("conclude", (code) => {
      this.onClosing?.(code);
      this.close(code === NO_CODE ? 1000 : code, "");
    });
    receiver.on("error", (error) => this.close(1002, error.message));
    return receiver;
  }
}

function destroyThis(this: Socket): void {
  this.destroy();
}

function switchingProtocols(key: string): string {
  const accept = createHash("sha1").update(key + HANDSHAKE_GUID).digest("base64");
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept}`,
    "\r\n",
  ].join("\r\n");
}
