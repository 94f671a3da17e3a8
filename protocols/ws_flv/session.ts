import type { IncomingMessage } from "node:http";
import type { StreamKey } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import { Refusal } from "../../kernel/reasons.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import { streamHttpRequest } from "../shared/http_request.ts";
import { closeWith } from "../shared/session_socket.ts";
import { closeRefused } from "./close_codes.ts";
import type { WebSocketConnection } from "./connection.ts";

/**
 * Runs `body` with a session for a WebSocket's request. A refusal is told to the client in a close frame, since that is
 * all that a page's script gets to see.
 */
export async function withSession(
  ctx: PluginContext,
  request: IncomingMessage,
  connection: WebSocketConnection,
  body: (session: Session, key: StreamKey) => Promise<void>,
): Promise<void> {
  let session: Session | undefined;
  try {
    const { info, key } = streamHttpRequest("ws-flv", request);
    session = await ctx.open(info);
    bind(connection, session);
    await body(session, key);
  } catch (error) {
    if (!(error instanceof Refusal)) ctx.log.debug(`A WebSocket request failed: ${error}`);
    closeRefused(connection, error);
    session?.[Symbol.dispose]();
  }
}

/** Ends the session when the client leaves or breaks the protocol, also if it has done so already. */
function bind(connection: WebSocketConnection, session: Session): void {
  closeWith(connection.socket, session);
  connection.onClosing = () => session.close("left");
  connection.onFault = (fault) => session.close("protocol-error", fault);
  if (connection.isClosing) session.close("left");
}
