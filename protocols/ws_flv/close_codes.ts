import { BadNameError } from "../../kernel/names.ts";
import { type Closed, type CloseReason, Refusal } from "../../kernel/reasons.ts";
import type { WebSocketConnection } from "./connection.ts";

/** Close codes of RFC 6455, section 7.4.1, where one says it; else 4000 and the HTTP status that does. */
const CODES: Readonly<Record<CloseReason, number>> = {
  "left": 1000,
  "stream-ended": 1000,
  "shutdown": 1001,
  "protocol-error": 1002,
  "too-slow": 1008,
  "error": 1011,
  "stream-changed": 1012,
  "limit": 1013,
  "denied": 4403,
  "kicked": 4403,
  "idle": 4408,
  "replaced": 4409,
};

/** A refusal's close code is this much above its HTTP status. */
const REFUSAL_BASE = 4000;

/**
 * Closes a connection for the reason for which its session ended.
 *
 * A player whose stream ended gets `lastMs` milliseconds to take the rest of it.
 */
export function closeFor(connection: WebSocketConnection, { reason, message }: Closed, lastMs?: number): void {
  connection.close(CODES[reason], message, reason === "stream-ended" ? lastMs : undefined);
}

/** Closes a connection whose request failed, in the server's words. */
export function closeRefused(connection: WebSocketConnection, error: unknown): void {
  if (error instanceof Refusal) connection.close(REFUSAL_BASE + error.status, error.message);
  else if (error instanceof BadNameError) connection.close(REFUSAL_BASE + 400, error.message);
  else connection.close(1011, "The server failed to answer this request");
}
