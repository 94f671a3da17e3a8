import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import type { Viewers } from "../../kernel/fanout/viewer.ts";
import { ByteWriter } from "../../media/bytes.ts";
import { beginFlvPlayback, type FlvPlayback, type LateTracks } from "../shared/flv_playback.ts";
import { closeFor } from "./close_codes.ts";
import { WebSocketConnection } from "./connection.ts";
import { wsFlvFormat } from "./format.ts";
import { OPCODE, writeFrameHeader } from "./frames.ts";
import { withSession } from "./session.ts";

/** What players of one server share. */
export interface PlayDeps {
  readonly ctx: PluginContext;
  readonly viewers: Viewers;
  readonly lateTracks: LateTracks;
}

/** Sends a live stream in binary messages until it ends or the player leaves. */
export async function play(deps: PlayDeps, request: IncomingMessage, socket: Socket, head: Uint8Array): Promise<void> {
  const connection = new WebSocketConnection(request, socket, head, deps.ctx.clock);
  connection.read();
  await withSession(deps.ctx, request, connection, async (session, key) => {
    stream(connection, session, await beginFlvPlayback(deps.ctx, session, key), deps);
  });
}

function stream(connection: WebSocketConnection, session: Session, begun: FlvPlayback, deps: PlayDeps): void {
  const { playback, header, selection } = begun;
  const watching = deps.lateTracks.watch(session, begun);
  connection.socket.write(binaryFrame(header));
  const viewer = deps.viewers.add({
    socket: connection.socket,
    session,
    playback,
    subscription: playback.read(wsFlvFormat(selection)),
    onEnd: (closed) => session.close(closed.reason, closed.message),
  });
  session.onClose((closed) => {
    deps.viewers.remove(viewer);
    watching[Symbol.dispose]();
    closeFor(connection, closed, deps.ctx.stallMs);
  });
}

function binaryFrame(payload: Uint8Array): Uint8Array {
  const out = new ByteWriter(payload.length + 4);
  writeFrameHeader(out, OPCODE.binary, payload.length);
  return out.raw(payload).view();
}
