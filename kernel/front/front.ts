import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpBindings } from "@hono/node-server";
import { errorText } from "../error_text.ts";
import type { ForwardedHeader } from "./forwarded.ts";
import type { ProxyRules } from "./front_entrance.ts";
import { NetworkList } from "./network_list.ts";

/** What a Hono route finds in `c.env`: the connection under the request. */
export interface HttpEnv {
  Bindings: HttpBindings;
}

/** A protocol that is not HTTP, told by its first bytes. */
export interface SocketProtocol {
  readonly name: string;
  /** True if a connection that begins with these bytes (one or more) speaks this protocol. */
  matches(first: Uint8Array): boolean;
  /** Takes the connection over; `first` has been read from it already. */
  accept(socket: Socket, first: Uint8Array): void;
  /**
   * Tells a connection that there is no room for why, in the protocol's own way, and closes it; the front cuts it off soon.
   * Without this it is closed without a word.
   */
  refuse?(socket: Socket, first: Uint8Array, why: string): void;
}

/** A protocol that begins as an HTTP upgrade. */
export interface UpgradeProtocol {
  readonly name: string;
  matches(request: IncomingMessage): boolean;
  /** Takes the connection over; nothing has been answered yet. */
  accept(request: IncomingMessage, socket: Duplex, head: Uint8Array): void;
}

/** A port that is listened on; disposing closes it. */
export interface Listener extends Disposable {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** Where a listener is wanted; port 0 takes a free one. */
export interface ListenOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Refuses what does not speak TLS; every other port takes both. */
  readonly needsTls?: boolean;
}

/**
 * Why connections are refused before any protocol hears of them: all are in use (`full`), too many come from one `address`, or
 * they are `unfit`, without the TLS or the proxy's header that is needed.
 */
export type RefusedKind = "full" | "address" | "unfit";

/** The one way in: every port speaks every protocol, told by the first bytes. */
export interface Front {
  /** How many connections have been refused so, by why. */
  readonly refused?: ReadonlyMap<RefusedKind, number>;
  /** Adds a protocol for connections that do not begin like HTTP. */
  protocol(protocol: SocketProtocol): Disposable;
  /** Adds a protocol for HTTP upgrades. */
  upgrade(protocol: UpgradeProtocol): Disposable;
  /**
   * Opens a port; connections wait there until every plugin's setup has settled.
   *
   * @throws {PortError} when it is taken or not allowed
   */
  listen(options: ListenOptions): Promise<Listener>;
}

/** A port that could not be opened. */
export class PortError extends Error {
  override readonly name = "PortError";

  constructor(readonly listener: string, readonly port: number, options: { cause: unknown }) {
    super(`Cannot listen on port ${port} for ${listener}: ${portFault(options.cause)}`, options);
  }

  /** Whether another port would not help: the host is wrong. */
  get isOfHost(): boolean {
    return HOST_FAULTS.has(codeOf(this.cause));
  }
}

/** What the system says of addresses to listen on, and what that means. */
const HOST_FAULTS: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOTFOUND", "there is no such host"],
  ["EAI_AGAIN", "there is no such host"],
  ["EADDRNOTAVAIL", "this machine has no such address"],
  ["EINVAL", "this machine has no such address"],
]);

function codeOf(cause: unknown): string | undefined {
  return (cause as { code?: string } | undefined)?.code;
}

/** Limits of the front. */
export interface FrontSettings {
  /** Connections open at once, over all ports. */
  readonly connections: number;
  /** Connections open at once from one address; 0 for no limit. */
  readonly connectionsPerAddress: number;
  /** Connections that wait to be accepted, on each port. */
  readonly backlog: number;
  /** How long a new connection may stay silent, in milliseconds. */
  readonly firstByteMs: number;
  /** How long an HTTP request's header may take, in milliseconds. */
  readonly headerMs: number;
  /** How long an HTTP client may take nothing of its answer, in milliseconds. */
  readonly stallMs: number;
  /** Who may say for whom it comes. */
  readonly proxy?: ProxyRules & { readonly header: ForwardedHeader };
  /** The port to which HTTP requests from elsewhere are sent, to be asked over TLS; undefined to answer them. */
  readonly redirectPort?: number;
  /** Whether each HTTP request is a line of the log. */
  readonly logsRequests?: boolean;
}

/** The rules where no proxy is trusted. */
export const NO_PROXY: NonNullable<FrontSettings["proxy"]> = {
  mode: "off",
  trusted: new NetworkList([]),
  header: "off",
};

function portFault(cause: unknown): string {
  const code = codeOf(cause);
  if (code === "EADDRINUSE") return "another program uses it";
  const hostFault = HOST_FAULTS.get(code);
  if (hostFault !== undefined) return hostFault;
  if (code === "EACCES") return "this user may not open it";
  // A worker says of the same port the same.
  return errorText(cause).replace(/^Cannot listen on port \d+ for \S+: /, "");
}
