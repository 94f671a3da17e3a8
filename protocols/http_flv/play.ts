import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Context } from "hono";
import type { Socket } from "node:net";
import type { HttpEnv } from "../../kernel/front/front.ts";
import { streamId } from "../../kernel/names.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import { endSocket } from "../../kernel/front/socket_end.ts";
import { detachSocket } from "../../kernel/front/detach_socket.ts";
import type { Viewers } from "../../kernel/fanout/viewer.ts";
import { beginFlvPlayback, type FlvPlayback, type LateTracks } from "../shared/flv_playback.ts";
import { concat } from "../../media/bytes.ts";
import { flvFormat } from "../../media/flv/format.ts";
import { streamHttpRequest } from "../shared/http_request.ts";
import { closeWith } from "../shared/session_socket.ts";
import { ABSENT_HEADERS, FLV_HEADERS, refusal } from "./answers.ts";

/** What players of one server share. */
export interface PlayDeps {
  readonly ctx: PluginContext;
  readonly viewers: Viewers;
  readonly lateTracks: LateTracks;
}

/** Says whether a stream could be played at once, without waiting for it. */
export function answerHead(c: Context<HttpEnv>, ctx: PluginContext): Response {
  try {
    const { key } = streamHttpRequest("http-flv", c.env.incoming);
    const state = ctx.streams.get(streamId(key.vhost, key.app, key.name))?.state;
    const isThere = state === "live" || state === "interrupted";
    return c.body(null, isThere ? 200 : 404, isThere ? FLV_HEADERS : ABSENT_HEADERS);
  } catch (error) {
    return refusal(c, error);
  }
}

/** Sends a live stream until it ends or the player leaves. */
export async function play(c: Context<HttpEnv>, deps: PlayDeps): Promise<Response> {
  const { incoming, outgoing } = c.env;
  let session: Session | undefined;
  try {
    const { info, key } = streamHttpRequest("http-flv", incoming);
    session = await deps.ctx.open(info);
    using _left = closeWith(incoming.socket, session);
    const begun = await beginFlvPlayback(deps.ctx, session, key);
    void detachSocket(incoming, outgoing).then(
      stream.bind(undefined, session, begun, deps),
      leave.bind(undefined, session),
    );
    return RESPONSE_ALREADY_SENT;
  } catch (error) {
    session?.[Symbol.dispose]();
    return refusal(c, error);
  }
}

function leave(session: Session): void {
  session.close("left");
}

function stream(session: Session, begun: FlvPlayback, { ctx, viewers, lateTracks }: PlayDeps, socket: Socket): void {
  const { playback, header, selection } = begun;
  const watching = lateTracks.watch(session, begun);
  socket.write(answerStart(header));
  const viewer = viewers.add({
    socket,
    session,
    playback,
    subscription: playback.read(flvFormat(selection)),
    onEnd: (closed) => session.close(closed.reason, closed.message),
  });
  closeWith(socket, session);
  session.onClose(({ reason }) => {
    viewers.remove(viewer);
    watching[Symbol.dispose]();
    if (reason === "too-slow") socket.destroy();
    else endSocket(socket, ctx.clock, ctx.stallMs);
  });
}

const RESPONSE_HEAD = new TextEncoder().encode([
  "HTTP/1.1 200 OK",
  ...Object.entries(FLV_HEADERS).map(([name, value]) => `${name}: ${value}`),
  "Connection: close",
  "\r\n",
].join("\r\n"));

/** The byte of an FLV header in which headers differ: the flags. */
const FLAGS_AT = 4;

const starts = new Map<number, Uint8Array>();

/** The answer's head and the FLV header in one piece, made once for each kind of header: thousands may come at once. */
function answerStart(header: Uint8Array): Uint8Array {
  const flags = header[FLAGS_AT];
  let start = starts.get(flags);
  if (!start) starts.set(flags, start = concat([RESPONSE_HEAD, header]));
  return start;
}
