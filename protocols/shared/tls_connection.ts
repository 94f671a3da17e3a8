import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";

/** The connections below those that are encrypted. */
const carriers = new WeakMap<Socket, Socket>();

/**
 * Connects with TLS, over a connection of its own: in Deno an encrypted one that is paused is read on, and what comes piles
 * up in memory; what carries it can be stopped.
 */
export function connectSecurely(
  options: ConnectionOptions & { readonly host: string; readonly port: number },
): TLSSocket {
  const { host, port, servername = isIP(host) ? undefined : host } = options;
  const carrier = connectTcp({ host, port });
  // The encrypted side tells it too.
  carrier.on("error", () => {});
  carrier.setNoDelay(true);
  const socket = connectTls({ ...options, servername, socket: carrier });
  carriers.set(socket, carrier);
  return socket;
}

/** What can be told to wait. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/** Reads nothing more of what comes over a connection, or goes on reading. */
export function hold(source: Pausable, socket: Socket | undefined, isHeld: boolean): void {
  const carrier = socket && carriers.get(socket);
  if (carrier) holdHandle(carrier, isHeld);
  else if (isHeld) source.pause();
  else source.resume();
}

function holdHandle(carrier: Socket, isHeld: boolean): void {
  const handle = (carrier as unknown as { readonly _handle?: ReadHandle | null })._handle;
  if (isHeld) handle?.readStop();
  else handle?.readStart();
}

/** What the runtime reads a connection with; gone when that is closed. */
interface ReadHandle {
  readStart(): void;
  readStop(): void;
}
