import type { Context } from "hono";
import type { IncomingMessage } from "node:http";
import { errorText } from "../../kernel/error_text.ts";
import type { HttpEnv } from "../../kernel/front/front.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Publication } from "../../kernel/streams/publication.ts";
import { Closed, whenAborted } from "../../kernel/reasons.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import type { MergedReads } from "../shared/merged_reads.ts";
import { streamHttpRequest } from "../shared/http_request.ts";
import { closeWith } from "../shared/session_socket.ts";
import { CORS, ended, refusal } from "./answers.ts";

/** Takes an upload of FLV, however it is cut, for as long as it lasts. */
export async function publish(c: Context<HttpEnv>, ctx: PluginContext, reads: MergedReads): Promise<Response> {
  const { incoming } = c.env;
  let session: Session | undefined;
  try {
    const { info, key } = streamHttpRequest("http-flv", incoming);
    session = await ctx.open(info);
    using _left = closeWith(incoming.socket, session);
    const publication = await ctx.publish(session, key);
    reads.count(publication);
    const closed = await receive(incoming, session, publication, reads);
    session.close(closed.reason, closed.message);
    if (closed !== COMPLETE) return whileSending(c.env, ended(c, closed));
    return c.json({ stream: publication.stream.id, bytes: session.bytesIn }, 200, CORS);
  } catch (error) {
    session?.[Symbol.dispose]();
    return whileSending(c.env, refusal(c, error));
  }
}

/**
 * Lets the answer reach a client that is still sending: the HTTP server then drops what comes for a moment before it
 * closes. A client that asked for the connection to be closed would have it closed at once, which loses the answer.
 */
function whileSending({ incoming, outgoing }: HttpEnv["Bindings"], answer: Response): Response {
  if (!incoming.complete) outgoing.shouldKeepAlive = true;
  return answer;
}

/** The client has sent all that it wanted to. */
const COMPLETE = new Closed("left", "the upload is complete");

/** Writes what arrives into the stream; settles with why it is over. */
function receive(
  incoming: IncomingMessage,
  session: Session,
  publication: Publication,
  reads: MergedReads,
): Promise<Closed> {
  const { promise, resolve } = Promise.withResolvers<Closed>();
  const demuxer = new FlvDemuxer();
  incoming.on("data", (bytes: Uint8Array) => {
    if (publication.signal.aborted) return;
    session.bytesIn += bytes.length;
    try {
      for (const packet of demuxer.packets(bytes)) publication.write(packet);
      publication.flush();
      if (!publication.stream.isWatched) reads.rest(incoming.socket, bytes.length);
    } catch (error) {
      session.close("protocol-error", errorText(error));
    }
  });
  incoming.once("end", () => {
    if (!demuxer.header) return session.close("protocol-error", "Not an FLV stream: it ended before its header");
    resolve(COMPLETE);
    publication.end();
  });
  incoming.once("error", () => session.close("left", "the upload broke off"));
  whenAborted(publication.signal, () => resolve(Closed.of(publication.signal)));
  session.onClose(resolve);
  return promise;
}
