import { connect as connectTcp, type Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { PublishedPacket } from "../../../kernel/sessions/client.ts";
import { type Clock, systemClock, type Timer } from "../../../kernel/clock.ts";
import { errorText } from "../../../kernel/error_text.ts";
import type { RtmpAddress } from "./client_address.ts";
import { RtmpClientError, serverError } from "./client_error.ts";
import type { ClientEvent, ServerWords } from "./client_events.ts";
import { ClientLogin } from "./client_login.ts";
import { ClientMachine, type ClientStep } from "./client_machine.ts";
import { RtmpProtocolError } from "../wire/errors.ts";
import { connectSecurely, hold } from "../../shared/tls_connection.ts";
import type { RtmpMessage } from "../wire/message.ts";

/** How long connecting may take, in milliseconds, unless something else is asked for. */
const CONNECT_MS = 10_000;

/** How long a server may take to read what is left and to close, in milliseconds, before it is cut off. */
const GOODBYE_MS = 3000;

/** Bytes that may wait for the server before a writer is asked to wait too: some seconds of a large stream. */
const HIGH_WATER = 1024 * 1024;

const NOTHING = new Uint8Array(0);

/** How a client connects. */
export interface RtmpClientOptions {
  /** Aborting it gives up connecting, and later cuts the connection. */
  readonly signal?: AbortSignal;
  /** How long it may take until the server has accepted, in milliseconds; by default 10,000. */
  readonly timeoutMs?: number;
  /** Certificates that are trusted for `rtmps://`, instead of the usual ones, and how strictly. */
  readonly tls?: Pick<ConnectionOptions, "ca" | "rejectUnauthorized" | "servername">;
  readonly clock?: Clock;
  /** The names of servers that a stream which is published has come through, for servers that see to circles. */
  readonly hops?: readonly string[];
}

/** How a connection ended. */
export interface RtmpEnd {
  /** `left` when this side closed it; else see {@linkcode RtmpClientErrorCode}. */
  readonly code: string;
  /** In words. */
  readonly message: string;
}

/** Drives one client connection: the machine's bytes to the socket and back. */
export class ClientConnection {
  /** Settles when the connection is gone; never rejects. */
  readonly closed: Promise<RtmpEnd>;
  readonly #machine: ClientMachine;
  readonly #socket: Socket;
  readonly #address: RtmpAddress;
  readonly #purpose: "publish" | "play";
  readonly #signal?: AbortSignal;
  readonly #clock: Clock;
  readonly #onMedia: (message: RtmpMessage) => void;
  readonly #ready = Promise.withResolvers<void>();
  #timer: Timer;
  #end?: RtmpEnd;
  /** What the server said when it refused. */
  #refusal?: ServerWords;
  #room?: PromiseWithResolvers<void>;
  #isFlushing = false;

  private constructor(
    purpose: "publish" | "play",
    address: RtmpAddress,
    options: RtmpClientOptions,
    onMedia: (message: RtmpMessage) => void,
  ) {
    const { signal, timeoutMs = CONNECT_MS, tls, clock = systemClock, hops } = options;
    this.#purpose = purpose;
    this.#address = address;
    this.#signal = signal;
    this.#clock = clock;
    this.#onMedia = onMedia;
    this.#machine = new ClientMachine(purpose, address, hops);
    this.#socket = dial(address, tls);
    this.#timer = clock.setTimeout(() => this.#late(timeoutMs), timeoutMs);
    this.closed = this.#listen();
    signal?.addEventListener("abort", this.#abort);
  }

  /**
   * Connects, logs in where the server asks for it and the address says how, and settles when the server has accepted.
   *
   * @throws {RtmpClientError} when the server cannot be reached, refuses, or does not answer in time
   */
  static async open(
    purpose: "publish" | "play",
    address: RtmpAddress,
    options: RtmpClientOptions,
    onMedia: (message: RtmpMessage) => void = () => {},
  ): Promise<ClientConnection> {
    const { clock = systemClock, timeoutMs = CONNECT_MS, signal } = options;
    const login = new ClientLogin(address);
    const end = clock.now() + timeoutMs;
    for (let [target, left] = [address, timeoutMs];;) {
      signal?.throwIfAborted();
      const connection = new ClientConnection(purpose, target, { ...options, timeoutMs: left }, onMedia);
      try {
        await connection.#ready.promise;
        return connection;
      } catch (error) {
        await connection.closed;
        signal?.throwIfAborted();
        const next = connection.#refusal && login.next(connection.#refusal.description);
        if (!next) throw error;
        [target, left] = [next, Math.max(1, Math.round(end - clock.now()))];
      }
    }
  }

  /** How it ended, if it has. */
  get end(): RtmpEnd | undefined {
    return this.#end;
  }

  /**
   * Sends a packet; gives a promise when the next should wait.
   *
   * @throws {RtmpClientError} when the connection has ended
   */
  write(packet: PublishedPacket): Promise<void> | undefined {
    if (this.#end) throw errorOf(this.#end);
    this.#machine.write(packet);
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      queueMicrotask(this.#flush);
    }
    return this.#socket.writableLength > HIGH_WATER ? this.#untilRoom() : undefined;
  }

  /** Takes nothing more from the server until {@linkcode resume}. */
  pause(): void {
    hold(this.#socket, this.#socket, true);
  }

  /** Takes again what the server sends. */
  resume(): void {
    hold(this.#socket, this.#socket, false);
  }

  /** Says goodbye, lets the server read all that was written, and closes. */
  async close(): Promise<void> {
    if (!this.#end) {
      this.#machine.close();
      this.#finish({ code: "left", message: "This side closed the connection" });
    }
    await this.closed;
  }

  /** Cuts the connection at once, as a lost network does. */
  destroy(): void {
    this.#over({ code: "left", message: "This side cut the connection" });
    this.#socket.destroy();
  }

  #listen(): Promise<RtmpEnd> {
    const socket = this.#socket;
    const gone = Promise.withResolvers<RtmpEnd>();
    socket.once(this.#address.isTls ? "secureConnect" : "connect", () => this.#flush());
    socket.on("data", (bytes: Uint8Array) => this.#receive(bytes));
    socket.on("error", (error: Error) => this.#over(this.#broken(error)));
    socket.once("end", () => this.#over(this.#lost()));
    socket.once("close", () => {
      this.#over(this.#lost());
      this.#timer[Symbol.dispose]();
      const { code, message } = this.#end as RtmpEnd;
      gone.resolve({ code, message });
    });
    return gone.promise;
  }

  #receive(bytes: Uint8Array): void {
    if (this.#end) return;
    try {
      for (const event of this.#machine.receive(bytes)) this.#handle(event);
      this.#flush();
    } catch (error) {
      this.#over(this.#failure(error));
      this.#socket.destroy();
    }
  }

  #handle(event: ClientEvent): void {
    switch (event.type) {
      case "media":
        return this.#onMedia(event.message);
      case "ready":
        this.#timer[Symbol.dispose]();
        return this.#ready.resolve();
      case "refused":
        this.#refusal = event.words;
        return this.#finish(serverError(this.#address, REFUSED[this.#purpose], event.words));
      case "ended":
        return this.#finish(serverError(this.#address, "ended the stream", event.words));
    }
  }

  #flush = (): void => {
    this.#isFlushing = false;
    if (this.#socket.destroyed || this.#socket.connecting) return;
    for (let bytes = this.#machine.take(); bytes; bytes = this.#machine.take()) this.#socket.write(bytes);
  };

  /** Sends what is left and closes; a server that does not read it is cut off. */
  #finish(end: RtmpEnd): void {
    this.#flush();
    this.#over(end);
    hold(this.#socket, this.#socket, false);
    this.#socket.end();
    this.#timer = this.#clock.setTimeout(() => this.#socket.destroy(), GOODBYE_MS);
  }

  #over(end: RtmpEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#timer[Symbol.dispose]();
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#ready.promise.catch(() => {});
    this.#ready.reject(errorOf(end));
    this.#room?.resolve();
  }

  #abort = (): void => this.destroy();

  #late(timeoutMs: number): void {
    const { shown } = this.#address;
    const missing = this.#socket.connecting ? "there was no connection" : WAITED_FOR[this.#machine.step];
    this.#over(
      new RtmpClientError("timeout", `Cannot ${DEEDS[this.#purpose]} ${shown}: ${missing} after ${timeoutMs} ms`),
    );
    this.#socket.destroy();
  }

  #broken(error: Error): RtmpClientError {
    const { shown } = this.#address;
    return this.#machine.step === "handshake" && this.#socket.bytesRead === 0
      ? new RtmpClientError("unreachable", `Cannot connect to ${shown}: ${error.message}`, { cause: error })
      : new RtmpClientError("lost", `The connection to ${shown} broke: ${error.message}`, { cause: error });
  }

  #failure(error: unknown): RtmpClientError {
    const text = errorText(error);
    const { shown } = this.#address;
    return error instanceof RtmpProtocolError
      ? new RtmpClientError("protocol", `${shown} broke the protocol: ${text}`)
      : new RtmpClientError("error", `The client of ${shown} failed: ${text}`, { cause: error });
  }

  #lost(): RtmpClientError {
    const { step } = this.#machine;
    const missing = step === "ready" ? "without a word" : `while ${WAITED_FOR[step]}`;
    return new RtmpClientError("lost", `${this.#address.shown} closed the connection ${missing}`);
  }

  /** One promise for all who wait; `drain` does not come after every write. */
  #untilRoom(): Promise<void> {
    if (!this.#room) {
      const room = this.#room = Promise.withResolvers<void>();
      this.#socket.write(NOTHING, () => {
        this.#room = undefined;
        room.resolve();
      });
    }
    return this.#room.promise;
  }
}

const REFUSED = { publish: "refused the publisher", play: "refused the player" } as const;

const DEEDS = { publish: "publish to", play: "play from" } as const;

const WAITED_FOR: Readonly<Record<ClientStep, string>> = {
  handshake: "the handshake was not complete",
  connect: "connect was not answered",
  createStream: "createStream was not answered",
  publish: "publish was not answered",
  play: "play was not answered",
  ready: "nothing was missing",
  over: "the connection was being closed",
};

/** The error that stands for an end. */
export function errorOf(end: RtmpEnd): RtmpClientError {
  return end instanceof RtmpClientError ? end : new RtmpClientError(end.code, end.message);
}

function dial({ host, port, isTls }: RtmpAddress, tls: RtmpClientOptions["tls"]): Socket {
  if (isTls) return connectSecurely({ host, port, ...tls });
  const socket = connectTcp({ host, port });
  socket.setNoDelay(true);
  return socket;
}
