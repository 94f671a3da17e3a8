import type { IncomingMessage } from "node:http";

/** Where a peer is, as far as it is known. */
export interface PeerAddress {
  /** An IP address without brackets; IPv4 never in its IPv6 form. */
  readonly ip: string;
  /** 0 where it is not known. */
  readonly port: number;
}

/** What an address is read from: a connection, or what a test gives for one. */
interface SocketLike {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
}

/** Connections and requests whose peer is not the other end of the connection: a proxy has said who it is. */
const told = new WeakMap<object, PeerAddress>();

/** Notes who is behind a connection, or behind one request of it, as a proxy has said. */
export function setPeer(what: object, peer: PeerAddress): void {
  told.set(what, peer);
}

/** Notes behind `to` whoever is noted behind `from`. */
export function handOnPeer(from: object, to: object): void {
  const peer = told.get(from);
  if (peer) told.set(to, peer);
}

/** Who is at the other end of a connection; behind a proxy that is trusted, who is behind it. */
export function peerOf(socket: SocketLike): PeerAddress {
  return told.get(socket) ??
    { ip: socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, "") ?? "unknown", port: socket.remotePort ?? 0 };
}

/** Who makes a request: for one that a trusted proxy passed on, whom the proxy names. */
export function peerOfRequest(incoming: IncomingMessage): PeerAddress {
  return told.get(incoming) ?? peerOf(incoming.socket);
}

/** Whether a proxy has said who is at the other end, so that the address says nothing about this machine. */
export function isProxied(incoming: IncomingMessage): boolean {
  return told.has(incoming) || told.has(incoming.socket);
}

/** `ip:port` or `[ip]:port`, as {@linkcode SessionInfo.remote} has it. */
function addressText({ ip, port }: PeerAddress): string {
  return `${ip.includes(":") ? `[${ip}]` : ip}:${port}`;
}

/** A connection's peer as {@linkcode SessionInfo.remote} has it. */
export function addressOf(socket: SocketLike): string {
  return addressText(peerOf(socket));
}

/** The peer of a request as {@linkcode SessionInfo.remote} has it. */
export function addressOfRequest(incoming: IncomingMessage): string {
  return addressText(peerOfRequest(incoming));
}
