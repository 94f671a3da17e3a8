import { closeMeaning, closeWords } from "./close_meaning.ts";

/**
 * Where a connection is.
 *
 * - `idle`: not wanted
 * - `connecting`: asked for
 * - `open`: bytes go out
 * - `waiting`: it broke, and another try follows by itself
 * - `refused`: only a person can help
 */
export type UplinkPhase = "idle" | "connecting" | "open" | "waiting" | "refused";

/** All there is to say about a connection. */
export interface UplinkStatus {
  readonly phase: UplinkPhase;
  /** What the server says, or what has happened; untrusted text. */
  readonly words?: string;
}

/** As much of a WebSocket as is used. */
export interface UplinkSocket {
  readonly bufferedAmount: number;
  onopen: (() => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number): void;
}

/** What a connection needs of its surroundings. */
export interface UplinkHost {
  /** Opens a WebSocket to the stream's address. */
  open(): UplinkSocket;
  /** Calls back once after `ms`; what it returns takes that back. */
  later(callback: () => void, ms: number): () => void;
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Called after every change. */
  onChange(status: UplinkStatus): void;
  /** A connection is open: what it returns is what it begins with. */
  onOpen(): Uint8Array;
}

/** Waits between attempts to connect, in milliseconds; the last goes on for ever. */
const RETRY_MS = [250, 500, 1000, 2000, 4000];

/** A connection that has lasted so long was a good one: the next attempt is quick again. */
const GOOD_MS = 5000;

/**
 * For so long after a break the name may still be taken by our own old connection: a server takes a silent one for gone
 * after some seconds.
 */
const OWN_NAME_MS = 20_000;

/** The purpose of the connection is fulfilled (RFC 6455, section 7.4.1): the stream is over. */
const NORMAL = 1000;

/** Keeps one publication going over as many WebSockets as it takes. */
export class Uplink {
  readonly #host: UplinkHost;
  #status: UplinkStatus = { phase: "idle" };
  #socket?: UplinkSocket;
  #cancelTimer?: () => void;
  #attempts = 0;
  #openedAt = 0;
  #brokeAt = Number.NEGATIVE_INFINITY;
  #given = 0;
  #total = 0;

  constructor(host: UplinkHost) {
    this.#host = host;
  }

  /** How the connection is. */
  get status(): UplinkStatus {
    return this.#status;
  }

  /** Whether the server has said yes, and takes what is sent. */
  get isOpen(): boolean {
    return this.#status.phase === "open";
  }

  /** What waits in the connection, in bytes. */
  get queuedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /** What this connection has been given, in bytes. */
  get givenBytes(): number {
    return this.#given;
  }

  /** What has left in all connections, in bytes. */
  get sentBytes(): number {
    return this.#total + this.#given - this.queuedBytes;
  }

  /** Connects, and stays connected until {@linkcode Uplink.stop}. */
  start(): void {
    this.#attempts = 0;
    this.#brokeAt = Number.NEGATIVE_INFINITY;
    this.#connect();
  }

  /** Ends the stream. */
  stop(): void {
    this.#drop(NORMAL);
    this.#enter("idle");
  }

  /** Sends bytes; while there is no connection they are lost. */
  send(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.#given += bytes.length;
    this.#socket!.send(bytes as Uint8Array<ArrayBuffer>);
  }

  #connect(): void {
    this.#drop();
    this.#enter("connecting", this.#status.words);
    const socket = this.#host.open();
    this.#socket = socket;
    socket.onopen = () => {
      this.#openedAt = this.#host.now();
      this.#status = { phase: "open" };
      this.send(this.#host.onOpen());
      this.#enter("open");
    };
    socket.onclose = ({ code, reason }) => this.#onClose(code, reason);
  }

  #onClose(code: number, reason: string): void {
    const now = this.#host.now();
    const wasOpen = this.isOpen;
    const words = closeWords(code, reason, wasOpen);
    if (wasOpen && now - this.#openedAt >= GOOD_MS) this.#attempts = 0;
    this.#drop();
    if (!this.#shouldRetry(code, now)) return this.#enter("refused", words);
    if (wasOpen && closeMeaning(code) === "retry") this.#brokeAt = now;
    this.#enter("waiting", words);
    const wait = RETRY_MS[Math.min(this.#attempts++, RETRY_MS.length - 1)];
    this.#cancelTimer = this.#host.later(() => this.#connect(), wait);
  }

  #shouldRetry(code: number, now: number): boolean {
    const meaning = closeMeaning(code);
    return meaning === "retry" || meaning === "taken" && now - this.#brokeAt < OWN_NAME_MS;
  }

  #drop(code?: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const socket = this.#socket;
    if (!socket) return;
    this.#total += this.#given - socket.bufferedAmount;
    this.#given = 0;
    this.#socket = undefined;
    socket.onopen = null;
    socket.onclose = null;
    socket.close(code);
  }

  #enter(phase: UplinkPhase, words?: string): void {
    this.#status = { phase, words };
    this.#host.onChange(this.#status);
  }
}
