import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Receiver } from "ws";
import type { Clock } from "../../kernel/clock.ts";
import { endSocket } from "../../kernel/front/socket_end.ts";
import { closeFrame, controlFrame, OPCODE } from "./frames.ts";
import { switchingProtocols } from "./handshake.ts";

/** Largest message taken from a client, in bytes: more than any key frame, and it bounds what a hostile client costs. */
export const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/**
 * Most fragments of a message, and most reads from the network that a frame may take: each costs memory of its own, and
 * the library needs seconds, in which nobody else is served, to put twice as many together. The largest message in full
 * packets takes 12,000.
 */
export const MAX_PIECES = 16_384;

/** How long a client may take to answer a close frame, or to read a refusal, before its connection is cut, in milliseconds. */
export const CLOSE_MS = 2000;

/** What stands for a close frame without a code (RFC 6455, section 7.4.1). */
const NO_CODE = 1005;

/** The purpose of the connection is fulfilled. */
const NORMAL = 1000;

/** Close codes for what the library finds wrong (RFC 6455, section 7.4.1); 1002 for all else. */
const FAULT_CODES: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
};

/**
 * The server's side of one WebSocket.
 *
 * Frames to the client are written to `socket` ready-made and whole; frames from the client are read by a library that
 * is loaded, and made, only when the first one arrives, since most players never send any.
 */
export class WebSocketConnection {
  /** Hears binary messages. */
  onBinary?: (bytes: Uint8Array) => void;
  /** Hears that the client closes, with its code; 1000 when it gave none. */
  onClosing?: (code: number) => void;
  /** Hears that the client broke the protocol, in words; it has been told. */
  onFault?: (fault: string) => void;
  readonly socket: Socket;
  readonly #clock: Clock;
  #receiver?: Receiver;
  /** What has come while the library is loaded. */
  #early?: Uint8Array[];
  #isClosing = false;

  /** Accepts the upgrade, and reads nothing yet. `head`: what the client sent right behind its request. */
  constructor(request: IncomingMessage, socket: Socket, head: Uint8Array, clock: Clock) {
    this.socket = socket;
    this.#clock = clock;
    socket.pause();
    socket.setNoDelay(true);
    socket.on("data", this.#onData);
    socket.on("end", destroyThis);
    socket.write(switchingProtocols(request.headers["sec-websocket-key"] ?? ""));
    if (head.length > 0) socket.unshift(head);
  }

  /** Begins to read what the client sends. */
  read(): void {
    this.socket.resume();
  }

  /** True once a close frame has been sent: nothing may follow it. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Says why, and closes; the connection is cut when the client has not read it and answered after `ms`. */
  close(code: number, reason: string, ms = CLOSE_MS): void {
    if (this.#isClosing || this.socket.destroyed) return;
    this.#isClosing = true;
    this.socket.write(closeFrame(code, reason));
    endSocket(this.socket, this.#clock, ms);
  }

  #onData = (bytes: Uint8Array): void => {
    if (this.#isClosing) return;
    if (this.#receiver) this.#receiver.write(bytes);
    else if (this.#early) this.#early.push(bytes);
    else void this.#beginWith(bytes);
  };

  async #beginWith(bytes: Uint8Array): Promise<void> {
    const early = this.#early = [bytes];
    const receiver = await this.#openReceiver();
    this.#early = undefined;
    this.#receiver = receiver;
    for (const bytes of early) if (!this.#isClosing) receiver.write(bytes);
  }

  /** A client that pings and does not read gets no pong: its answers would pile up. */
  #pong(data: Uint8Array): void {
    if (this.socket.writableLength === 0) this.socket.write(controlFrame(OPCODE.pong, data));
  }

  async #openReceiver(): Promise<Receiver> {
    const { Receiver } = await import("ws");
    const receiver = new Receiver({
      isServer: true,
      maxPayload: MAX_MESSAGE_BYTES,
      maxFragments: MAX_PIECES,
      maxBufferedChunks: MAX_PIECES,
      allowSynchronousEvents: true,
    });
    receiver.on("message", (data, isBinary) => {
      if (isBinary) this.onBinary?.(data as Uint8Array);
      else this.#fault(1003, "Only binary messages mean something here");
    });
    receiver.on("ping", (data) => this.#pong(data));
    receiver.on("conclude", (code) => {
      this.close(code === NO_CODE ? NORMAL : code, "");
      this.onClosing?.(code === NO_CODE ? NORMAL : code);
    });
    receiver.on("error", (error: Error & { code?: string }) => {
      this.#fault(FAULT_CODES[error.code ?? ""] ?? 1002, error.message);
    });
    return receiver;
  }

  #fault(code: number, message: string): void {
    this.close(code, message);
    this.onFault?.(message);
  }
}

function destroyThis(this: Socket): void {
  this.destroy();
}
