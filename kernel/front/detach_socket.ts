import { freeParser } from "node:_http_common";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Closed } from "../reasons.ts";

/**
 * The listeners that Node's HTTP server puts on a connection, by their functions' names: the same that it takes off when
 * it hands a connection over to an upgrade. A test holds that none is left, because the names are not documented.
 */
const HTTP_LISTENERS: Readonly<Record<string, ReadonlySet<string>>> = {
  data: new Set(["bound socketOnData"]),
  end: new Set(["bound socketOnEnd"]),
  drain: new Set(["bound socketOnDrain"]),
  error: new Set(["socketOnError"]),
  timeout: new Set(["socketOnTimeout"]),
  close: new Set(["bound socketOnClose", "onServerResponseClose", "onConnectionClose"]),
};

/** What Node's HTTP server hangs on a connection. */
interface HttpParts {
  parser?: unknown;
  server?: unknown;
}

/**
 * Takes a connection away from the HTTP server, to write an endless answer without its costs: request, response and
 * parser become garbage, which saves more than half of a viewer's memory.
 *
 * Settles after the current turn, because a parser must not be freed from within itself. The socket then flows, what the
 * peer still sends is dropped, and it is destroyed when the peer ends. Nothing has been answered yet.
 *
 * @throws {Closed} when the peer has left, or waits for an earlier answer on the same connection
 */
export async function detachSocket(incoming: IncomingMessage, outgoing: ServerResponse): Promise<Socket> {
  const socket = incoming.socket;
  const parts = socket as unknown as HttpParts;
  await new Promise((resolve) => setImmediate(resolve));
  if (socket.destroyed || outgoing.socket !== socket) {
    socket.destroy();
    throw new Closed("left");
  }
  outgoing.detachSocket(socket);
  for (const [event, names] of Object.entries(HTTP_LISTENERS)) removeListeners(socket, event, names);
  (freeParser as (parser: unknown, request: IncomingMessage, socket: Socket) => void)(parts.parser, incoming, socket);
  socket.setTimeout(0);
  parts.server = undefined;
  socket.on("end", destroyThis);
  socket.resume();
  return socket;
}

function removeListeners(socket: Socket, event: string, names: ReadonlySet<string>): void {
  for (const listener of socket.listeners(event) as (() => void)[]) {
    if (!names.has(listener.name)) continue;
    if (listener.name === "onConnectionClose") listener();
    socket.removeListener(event, listener);
  }
}

function destroyThis(this: Socket): void {
  this.destroy();
}
