import type { Clock } from "./clock.ts";
import type { Logger } from "./log.ts";
import { Closed, type CloseReason } from "./reasons.ts";

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
  /** The page that a browser's request came from. */
  readonly referer?: string;
  /** The peer's own name for itself. */
  readonly userAgent?: string;
}

/** The safe projection of a session: no key, no query. */
export interface SessionJson {
  readonly id: string;
  readonly protocol: string;
  readonly remote: string;
  readonly url?: string;
  readonly userAgent?: string;
  readonly since: string;
  readonly seconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** One connection, or one request, of one peer. */
export interface Session extends Disposable {
  readonly id: string;
  readonly protocol: string;
  readonly remote: string;
  readonly params: URLSearchParams;
  readonly info: SessionInfo;
  /** Aborted with a {@linkcode Closed} when the session ends, whoever ends it. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Bytes that came from the peer; the driver counts them. */
  bytesIn: number;
  /** Bytes that went to the peer; the driver counts them. */
  bytesOut: number;
  /** Ends the session; the first reason stays. The driver hears it on `signal` and closes the connection. */
  close(reason: CloseReason, detail?: string): void;
  toJSON(): SessionJson;
}

/** A connection's peer as {@linkcode SessionInfo.remote} has it; IPv4 addresses never in their IPv6 form. */
export function addressOf(socket: { readonly remoteAddress?: string; readonly remotePort?: number }): string {
  const address = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, "") ?? "unknown";
  return `${address.includes(":") ? `[${address}]` : address}:${socket.remotePort ?? 0}`;
}

/** Ids are long enough that two sessions of one log never share one. */
const ID_BYTES = 5;

/** Random bytes are fetched for so many ids at once. */
const POOL_IDS = 256;

const pool = { bytes: new Uint8Array(ID_BYTES * POOL_IDS), used: ID_BYTES * POOL_IDS };

function sessionId(): string {
  if (pool.used === pool.bytes.length) {
    crypto.getRandomValues(pool.bytes);
    pool.used = 0;
  }
  let id = "";
  for (const end = pool.used + ID_BYTES; pool.used < end; pool.used++) {
    id += (pool.bytes[pool.used] + 0x100).toString(16).slice(1);
  }
  return id;
}

/** The kernel's sessions; disposing one that is still open closes it as `left`. */
export class OpenSession implements Session {
  readonly id = sessionId();
  readonly params: URLSearchParams;
  readonly log: Logger;
  bytesIn = 0;
  bytesOut = 0;
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #openedAt: number;
  readonly #since: Date;

  /** `log` is the one of the session's protocol. */
  constructor(readonly info: SessionInfo, log: Logger, clock: Clock) {
    this.params = info.params ?? new URLSearchParams();
    this.log = log.with({ session: this.id, protocol: info.protocol, peer: info.remote });
    this.#clock = clock;
    this.#openedAt = clock.now();
    this.#since = clock.date();
  }

  get protocol(): string {
    return this.info.protocol;
  }

  get remote(): string {
    return this.info.remote;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** How long the session has been open, in seconds. */
  get seconds(): number {
    return (this.#clock.now() - this.#openedAt) / 1000;
  }

  close(reason: CloseReason, detail?: string): void {
    if (!this.signal.aborted) this.#controller.abort(new Closed(reason, detail));
  }

  toJSON(): SessionJson {
    return {
      id: this.id,
      protocol: this.protocol,
      remote: this.remote,
      url: this.info.url,
      userAgent: this.info.userAgent,
      since: this.#since.toISOString(),
      seconds: Math.round(this.seconds * 10) / 10,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
    };
  }

  [Symbol.dispose](): void {
    this.close("left");
  }
}
