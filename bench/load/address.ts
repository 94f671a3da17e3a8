/** The protocols that the load speaks. */
export const PROTOCOLS = ["rtmp", "http-flv", "ws-flv"] as const;

/** A protocol that the load speaks. */
export type Protocol = typeof PROTOCOLS[number];

/** Where a stream is. */
export interface Address {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
  readonly app: string;
  readonly stream: string;
}

/** `host:port` as it stands in a URL. */
export function authority({ host, port }: Pick<Address, "host" | "port">): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The names by which this machine calls itself. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * Makes sure that a host is this machine.
 *
 * @throws {RangeError} when it is not: a load generator in the wrong place is an attack
 */
export function assertLoopback(host: string): void {
  if (LOOPBACK.test(host)) return;
  throw new RangeError(
    `Cannot load ${host}: the bench loads only this machine (127.0.0.1, ::1 or localhost), because latency is ` +
      `measured with one clock and because load upon somebody else's server is an attack`,
  );
}
