import type { Clock } from "../clock.ts";
import type { Logger } from "../log/log.ts";
import { Closed, type CloseReason } from "../reasons.ts";

/** What a protocol knows of a connection when it opens a session. */
export interface SessionInfo {
  /** The protocol's name as people write it: `rtmp`, `http-flv`, `ws-flv`. */
  readonly protocol: string;
  /** The peer's address, `ip:port` or `[ip]:port`. */
  readonly remote: string;
  /** The query that came with the address: keys and tokens are in here, so it is never logged. */
  readonly params?: URLSearchParams;
  /** The address without its query, where the protocol has one. */
  readonly url?: string;
  /** The credentials of an HTTP request, as `Authorization` has them; never logged. */
  readonly authorization?: string;
  /** The page that a browser's request came from, or its origin where that is all that is known. */
  readonly referer?: string;
  /** The peer's own name for itself. */
  readonly userAgent?: string;
  /** True if the peer said when it connected that it will publish. */
  readonly isPublisher?: boolean;
  /** For how many seconds its peer waits for a stream at most, when its query does not say it; by default as long as the server lets it. */
  readonly waitSeconds?: number;
}

/** The safe projection of a session: no key, no query. */
export interface SessionJson {
  readonly id: string;
  readonly protocol: string;
  /** `ip:port` or `[ip]:port`. */
  readonly remote: string;
  /** Without its query. */
  readonly url?: string;
  readonly userAgent?: string;
  /** When it was opened, as ISO 8601 has it. */
  readonly since: string;
  /** For how long it has been open. */
  readonly seconds: number;
  /** From the peer. */
  readonly bytesIn: number;
  /** To the peer. */
  readonly bytesOut: number;
}

/** One connection, or one request, of one peer. */
export interface Session extends Disposable {
  /** Eleven letters and digits that no other session has. */
  readonly id: string;
  /** As people write it: `rtmp`, `http-flv`, `ws-flv`, `hls`. */
  readonly protocol: string;
  /** `ip:port` or `[ip]:port`. */
  readonly remote: string;
  /** The query of what is being decided, with its keys: never to be logged. */
  readonly params: URLSearchParams;
  /** All that its protocol knew when it was opened. */
  readonly info: SessionInfo;
  /** Why the session ended; undefined while it is open. */
  readonly closed: Closed | undefined;
  /** Aborted with a {@linkcode Closed} when the session ends, whoever ends it. */
  readonly signal: AbortSignal;
  /** Its lines say whose they are. */
  readonly log: Logger;
  /** Bytes that came from the peer; the driver counts them. */
  bytesIn: number;
  /** Bytes that went to the peer; the driver counts them. */
  bytesOut: number;
  /** Calls back when the session ends, at once if it has: what `signal` tells, for less memory. */
  onClose(callback: (closed: Closed) => void): void;
  /** Takes {@linkcode Session.onClose} back. */
  offClose(callback: (closed: Closed) => void): void;
  /** Ends the session; the first reason stays. The driver hears it and closes the connection. */
  close(reason: CloseReason, detail?: string): void;
  toJSON(): SessionJson;
}

/** Random numbers are fetched for so many ids at once. */
const POOL_IDS = 256;

const pool = { numbers: new Uint32Array(POOL_IDS * 2), used: POOL_IDS * 2 };

/** Eleven digits of base 36, 53 random bits: two sessions of one log never share one. */
function sessionId(): string {
  if (pool.used === pool.numbers.length) {
    crypto.getRandomValues(pool.numbers);
    pool.used = 0;
  }
  const high = pool.numbers[pool.used++] >>> 11;
  return (high * 2 ** 32 + pool.numbers[pool.used++]).toString(36).padStart(11, "0");
}

/** What goes through a session, in bytes. */
export interface Traffic {
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Hears that a session is over. */
export type SessionOver = (session: OpenSession, closed: Closed) => void;

/**
 * The kernel's sessions; disposing one that is still open closes it as `left`.
 *
 * There may be tens of thousands: what few of them need, such as a signal, is made when it is asked for.
 */
export class OpenSession implements Session {
  readonly id = sessionId();
  #bytesIn = 0;
  #bytesOut = 0;
  #elsewhere?: Traffic;
  readonly #clock: Clock;
  readonly #openedAt: number;
  readonly #protocolLog: Logger;
  #params?: URLSearchParams;
  #controller?: AbortController;
  #closed?: Closed;
  /** Copied rather than pushed to, since an array that grows takes room for many more. */
  #onClose: ((closed: Closed) => void)[] = [];
  readonly #onOver?: SessionOver;

  /** `log` is the one of the session's protocol; `onOver` is called when all that belonged to the session has ended. */
  constructor(readonly info: SessionInfo, log: Logger, clock: Clock, onOver?: SessionOver) {
    this.#params = info.params?.size ? info.params : undefined;
    this.#protocolLog = log;
    this.#clock = clock;
    this.#onOver = onOver;
    this.#openedAt = clock.now();
  }

  get bytesIn(): number {
    return this.#elsewhere?.bytesIn ?? this.#bytesIn;
  }

  set bytesIn(bytes: number) {
    this.#bytesIn = bytes;
  }

  get bytesOut(): number {
    return this.#elsewhere?.bytesOut ?? this.#bytesOut;
  }

  set bytesOut(bytes: number) {
    this.#bytesOut = bytes;
  }

  /** The connection is in another isolate: `traffic` is what goes through it there. */
  countedElsewhere(traffic: Traffic): void {
    this.#elsewhere = traffic;
  }

  get protocol(): string {
    return this.info.protocol;
  }

  get remote(): string {
    return this.info.remote;
  }

  get params(): URLSearchParams {
    return this.#params ??= new URLSearchParams();
  }

  get log(): Logger {
    return this.#protocolLog.with({ session: this.id, protocol: this.protocol, peer: this.remote });
  }

  get closed(): Closed | undefined {
    return this.#closed;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#closed) this.#controller.abort(this.#closed);
    }
    return this.#controller.signal;
  }

  /** How long the session has been open, in seconds. */
  get seconds(): number {
    return (this.#clock.now() - this.#openedAt) / 1000;
  }

  onClose(callback: (closed: Closed) => void): void {
    if (this.#closed) callback(this.#closed);
    else this.#onClose = this.#onClose.concat(callback);
  }

  offClose(callback: (closed: Closed) => void): void {
    this.#onClose = this.#onClose.filter((other) => other !== callback);
  }

  close(reason: CloseReason, detail?: string): void {
    if (this.#closed) return;
    this.#closed = new Closed(reason, detail);
    const callbacks = this.#onClose;
    this.#onClose = [];
    for (const callback of callbacks) this.#call(callback, this.#closed);
    this.#controller?.abort(this.#closed);
    this.#onOver?.(this, this.#closed);
  }

  /** One that throws keeps nobody else from hearing of the end. */
  #call(callback: (closed: Closed) => void, closed: Closed): void {
    try {
      callback(closed);
    } catch (error) {
      this.log.error(`The end of a session could not be handled: ${error}`, { error });
    }
  }

  toJSON(): SessionJson {
    const { seconds } = this;
    return {
      id: this.id,
      protocol: this.protocol,
      remote: this.remote,
      url: this.info.url,
      userAgent: this.info.userAgent,
      since: new Date(this.#clock.date().getTime() - seconds * 1000).toISOString(),
      seconds: Math.round(seconds * 10) / 10,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
    };
  }

  [Symbol.dispose](): void {
    this.close("left");
  }
}
