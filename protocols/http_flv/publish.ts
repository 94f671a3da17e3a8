import type { Context } from "hono";
import type { IncomingMessage } from "node:http";
import type { HttpEnv } from "../../kernel/front.ts";
import type { PluginContext } from "../../kernel/plugin.ts";
import type { Publication } from "../../kernel/publication.ts";
import { Closed } from "../../kernel/reasons.ts";
import type { Session } from "../../kernel/session.ts";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import { streamHttpRequest } from "../shared/http_request.ts";
import { CORS, refusal } from "./answers.ts";

/** How long a refused upload is read on, so that the answer reaches a client that is still sending. */
const LINGER_MS = 2000;

/** Takes an upload of FLV, however it is cut, for as long as it lasts. */
export async function publish(c: Context<HttpEnv>, ctx: PluginContext): Promise<Response> {
  const { incoming } = c.env;
  let session: Session | undefined;
  try {
    const { info, key } = streamHttpRequest("http-flv", incoming);
    session = await ctx.open(info);
    using publication = await ctx.publish(session, key);
    const closed = await receive(incoming, session, publication);
    session.close(closed.reason, closed.message);
    if (closed.reason === "left") return c.json({ stream: publication.stream.id, bytes: session.bytesIn }, 200, CORS);
    linger(incoming, ctx);
    return c.json({ error: closed.message }, closed.reason === "protocol-error" ? 400 : 409, CLOSE);
  } catch (error) {
    session?.[Symbol.dispose]();
    linger(incoming, ctx);
    const answer = refusal(c, error);
    answer.headers.set("Connection", "close");
    return answer;
  }
}

const CLOSE = { ...CORS, "Connection": "close" };

/** Writes what arrives into the stream; settles with why it is over. */
function receive(incoming: IncomingMessage, session: Session, publication: Publication): Promise<Closed> {
  const { promise, resolve } = Promise.withResolvers<Closed>();
  const demuxer = new FlvDemuxer();
  incoming.on("data", (bytes: Uint8Array) => {
    if (publication.signal.aborted) return;
    session.bytesIn += bytes.length;
    try {
      for (const packet of demuxer.read(bytes)) publication.write(packet);
      publication.flush();
    } catch (error) {
      resolve(new Closed("protocol-error", error instanceof Error ? error.message : String(error)));
    }
  });
  incoming.once("end", () => {
    publication.end();
    resolve(new Closed("left", "the upload is complete"));
  });
  incoming.once("error", () => resolve(new Closed("left", "the upload broke off")));
  incoming.once("close", () => resolve(new Closed("left", "the upload broke off")));
  publication.signal.addEventListener("abort", () => resolve(Closed.of(publication.signal)), { once: true });
  session.signal.addEventListener("abort", () => resolve(Closed.of(session.signal)), { once: true });
  return promise;
}

/** Lets the client go on sending for a moment: closing under it would lose the answer. */
function linger(incoming: IncomingMessage, ctx: PluginContext): void {
  incoming.removeAllListeners("data");
  incoming.resume();
  const timer = ctx.clock.setTimeout(() => incoming.socket.destroy(), LINGER_MS);
  incoming.socket.once("close", () => timer[Symbol.dispose]());
}
