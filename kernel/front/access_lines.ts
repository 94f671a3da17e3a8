import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../clock.ts";
import type { Logger } from "../log/log.ts";
import { addressOfRequest } from "./peer_address.ts";

/** Longest path that is written out. */
const MAX_SHOWN = 200;

/** The status of a request whose client left before there was an answer; nginx has made it known. */
const ABANDONED = 499;

/**
 * Writes one line for a request when its answer is complete: method, path without its query, which may hold keys, and
 * status. Live streams over HTTP have lines of their own.
 */
export function logAnswer(incoming: IncomingMessage, outgoing: ServerResponse, log: Logger, clock: Clock): void {
  const startedAt = clock.now();
  const peer = addressOfRequest(incoming);
  outgoing.once("close", () => {
    const { method, url = "/", headers } = incoming;
    const status = outgoing.headersSent ? outgoing.statusCode : ABANDONED;
    const seconds = Math.round(clock.now() - startedAt) / 1000;
    const path = url.split(/[?#]/, 1)[0].slice(0, MAX_SHOWN);
    log.info(`${method} ${path} ${status}`, { peer, seconds, userAgent: headers["user-agent"] });
  });
}
