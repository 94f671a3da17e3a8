import type { MediaPacket } from "../../media/packet.ts";
import type { Clock } from "../clock.ts";

/**
 * Why a client could not go on, in one word, or the server's own status, such as `NetStream.Publish.BadName` or `403`.
 *
 * - `unreachable`: no connection could be made
 * - `timeout`: the server did not answer in time
 * - `lost`: the connection broke, or the server closed it without a word
 * - `protocol`: the server broke the protocol
 * - `error`: the client itself failed, which is a fault in it
 */
export type ClientErrorCode =
  | "unreachable"
  | "timeout"
  | "lost"
  | "protocol"
  | "error"
  | (string & Record<never, never>);

/** What went wrong between a client and its server; the message has the server's words, but never a key. */
export class ClientError extends Error {
  override readonly name: string = "ClientError";
  readonly code: ClientErrorCode;
  /** The address that the server sends to instead; it may hold a key, and stands in no message. */
  readonly redirect?: string;

  constructor(code: ClientErrorCode, message: string, options: { redirect?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.redirect = options.redirect;
  }

  /** Whether the server itself said no, rather than the way to it. */
  get isRefusal(): boolean {
    return !OWN_CODES.has(this.code);
  }
}

const OWN_CODES: ReadonlySet<string> = new Set(["unreachable", "timeout", "lost", "protocol", "error"]);

/** How a connection ended. */
export interface ClientEnd {
  /** `left` when this side closed it; else see {@linkcode ClientErrorCode}. */
  readonly code: string;
  /** In words. */
  readonly message: string;
}

/** How a client connects. */
export interface ClientOptions {
  /** Aborting it gives up connecting, and later cuts the connection. */
  readonly signal?: AbortSignal;
  /** How long it may take until the server has accepted, in milliseconds; by default 10,000. */
  readonly timeoutMs?: number;
  /** Certificates that are trusted, instead of the usual ones, and how strictly. */
  readonly tls?: {
    readonly ca?: string | string[];
    readonly rejectUnauthorized?: boolean;
    readonly servername?: string;
  };
  readonly clock?: Clock;
  /** The names of servers that a stream which is published has come through, for servers that see to circles. */
  readonly hops?: readonly string[];
}

/** What a client sends of a packet. */
export type PublishedPacket = Pick<MediaPacket, "kind" | "dts" | "body"> & Partial<Pick<MediaPacket, "role" | "track">>;

/** Publishes one stream to a server. */
export interface PushClient extends AsyncDisposable {
  /** Settles when the connection is gone, with the reason; never rejects. */
  readonly closed: Promise<ClientEnd>;
  /**
   * Sends a packet. Gives undefined while the server keeps up, else a promise that settles when it has caught up.
   *
   * @throws {ClientError} when the connection has ended
   */
  write(packet: PublishedPacket): Promise<void> | undefined;
  /** Says that the stream is complete, lets the server read all of it, and closes. */
  close(): Promise<void>;
  /** Cuts the connection without a word, as a lost network does. */
  destroy(): void;
}

/**
 * Plays one stream of a server, packet by packet, for one reader.
 *
 * What the reader does not take waits in the server. Iterating ends with the stream, and throws a {@linkcode ClientError} when
 * the connection breaks or the server fails; leaving the loop closes the connection.
 */
export interface PullClient extends AsyncDisposable, AsyncIterable<MediaPacket> {
  /** Settles when the connection is gone, with the reason; never rejects. */
  readonly closed: Promise<ClientEnd>;
  /** Leaves. */
  close(): Promise<void>;
  /** Cuts the connection without a word. */
  destroy(): void;
}

/** Makes clients for addresses of any protocol that somebody speaks. */
export interface StreamClients {
  /** Adds a protocol; disposing takes it back. */
  add(client: StreamClient): Disposable;
  /**
   * The client for an address.
   *
   * @throws {TypeError} when nobody speaks its protocol; the message shows nothing of it but its scheme
   */
  for(url: string): StreamClient;
}

/** The clients that protocols have offered. */
export class OfferedClients implements StreamClients {
  readonly #clients: StreamClient[] = [];

  add(client: StreamClient): Disposable {
    this.#clients.push(client);
    return { [Symbol.dispose]: () => void this.#clients.splice(this.#clients.indexOf(client), 1) };
  }

  for(url: string): StreamClient {
    const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1].toLowerCase();
    const found = this.#clients.find(({ schemes }) => scheme !== undefined && schemes.includes(scheme));
    if (found) return found;
    const known = this.#clients.flatMap(({ schemes }) => schemes).join(", ") || "none";
    throw new TypeError(`Nobody speaks ${scheme ?? "the protocol of an address without one"}: there are ${known}`);
  }
}

/** How streams get to other servers and from them, by one protocol. Both functions reject with a {@linkcode ClientError}. */
export interface StreamClient {
  /** What addresses begin with, without `://`. */
  readonly schemes: readonly string[];
  /** Settles when the stream begins. */
  pull(url: string, options?: ClientOptions): Promise<PullClient>;
  /** Settles when publishing may begin. */
  push(url: string, options?: ClientOptions): Promise<PushClient>;
}
