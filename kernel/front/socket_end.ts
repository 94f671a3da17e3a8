import type { Socket } from "node:net";
import type { Clock } from "../clock.ts";

/**
 * Ends a connection: the peer still gets what has been written and may finish what it is sending, which is dropped; one
 * that has not closed after `ms` is cut off.
 *
 * Closing at once instead would lose the last words: what a peer sent and nobody read makes the system reset the
 * connection, and a reset overtakes what is on its way.
 */
export function endSocket(socket: Socket, clock: Clock, ms: number): void {
  if (socket.destroyed) return;
  socket.end();
  socket.resume();
  const timer = clock.setTimeout(() => socket.destroy(), ms);
  socket.once("close", () => timer[Symbol.dispose]());
}
