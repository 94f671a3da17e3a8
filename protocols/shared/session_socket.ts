import type { Socket } from "node:net";
import type { Session } from "../../kernel/sessions/session.ts";

/**
 * Closes a session as soon as its connection closes, at once when that happened while the session was being opened.
 * Disposing takes it back.
 */
export function closeWith(socket: Socket, session: Session): Disposable {
  const left = () => session.close("left");
  if (socket.destroyed) left();
  else socket.once("close", left);
  return { [Symbol.dispose]: () => void socket.off("close", left) };
}
