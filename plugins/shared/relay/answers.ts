import type { ClientError } from "../../../kernel/sessions/client.ts";

/** What a failed attempt means for the next one. */
export type Meaning = "refused" | "absent" | "taken" | "temporary";

/** WebSocket close codes from here on are HTTP's statuses, this much higher (RFC 6455, 7.4.2 leaves them to applications). */
const PRIVATE_CODES = 4000;

/** HTTP statuses of requests that may be granted later (RFC 9110, 15.5; RFC 6585, 4). */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/** The policy of the server forbids it (RFC 6455, 7.4.1). */
const POLICY_VIOLATION = 1008;

/**
 * Reads a server's code: an HTTP status, a WebSocket close code, a status of RTMP.
 *
 * - `refused`: the same request will be refused again
 * - `absent`: there is no such stream
 * - `taken`: somebody else publishes it
 * - `temporary`: the way to the server, or the server itself, is in trouble
 *
 * `wasLive` says whether this connection had been accepted: RTMP has the same codes for a server that says no and for one that
 * ends what it had accepted, which is no reason not to come back.
 */
export function meaningOf({ code, isRefusal }: Pick<ClientError, "code" | "isRefusal">, wasLive: boolean): Meaning {
  if (!isRefusal || code === "left") return "temporary";
  return /^\d+$/.test(code) ? ofNumber(Number(code), wasLive) : ofStatus(code, wasLive);
}

function ofNumber(code: number, wasLive: boolean): Meaning {
  if (code === POLICY_VIOLATION) return wasLive ? "temporary" : "refused";
  const status = code >= PRIVATE_CODES ? code - PRIVATE_CODES : code;
  if (status === 404 || status === 410) return "absent";
  if (status === 409) return "taken";
  return status >= 300 && status < 500 && !LATER.has(status) ? "refused" : "temporary";
}

function ofStatus(status: string, wasLive: boolean): Meaning {
  if (wasLive || status === "NetConnection.Connect.Closed" || status === "NetStream.Failed") return "temporary";
  if (status === "NetStream.Play.StreamNotFound") return "absent";
  return status === "NetStream.Publish.BadName" ? "taken" : "refused";
}
