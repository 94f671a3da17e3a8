import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { errorText } from "../../kernel/error_text.ts";
import type { PluginContext } from "../../kernel/plugin/plugin.ts";
import type { Publication } from "../../kernel/streams/publication.ts";
import { Closed, whenAborted } from "../../kernel/reasons.ts";
import type { Session } from "../../kernel/sessions/session.ts";
import { FlvDemuxer } from "../../media/flv/demuxer.ts";
import type { MergedReads } from "../shared/merged_reads.ts";
import { closeFor } from "./close_codes.ts";
import { WebSocketConnection } from "./connection.ts";
import { withSession } from "./session.ts";

/** Takes binary messages of one FLV byte stream, for as long as they come; their borders mean nothing. */
export async function publish(
  { ctx, reads }: { readonly ctx: PluginContext; readonly reads: MergedReads },
  request: IncomingMessage,
  socket: Socket,
  head: Uint8Array,
): Promise<void> {
  const connection = new WebSocketConnection(request, socket, head, ctx.clock);
  await withSession(ctx, request, connection, async (session, key) => {
    const publication = await ctx.publish(session, key);
    reads.count(publication);
    receive(connection, session, publication, reads);
    connection.read();
  });
}

function receive(
  connection: WebSocketConnection,
  session: Session,
  publication: Publication,
  reads: MergedReads,
): void {
  const demuxer = new FlvDemuxer();
  connection.onBinary = (bytes) => {
    if (session.closed) return;
    session.bytesIn += bytes.length;
    try {
      for (const packet of demuxer.packets(bytes)) publication.write(packet);
      publication.flush();
      if (!publication.stream.isWatched) reads.rest(connection.socket, bytes.length);
    } catch (error) {
      session.close("protocol-error", errorText(error));
    }
  };
  connection.onClosing = (code) => {
    if (code === 1000) publication.end();
    else session.close("left");
  };
  session.onClose((closed) => closeFor(connection, closed));
  whenAborted(publication.signal, () => {
    const { reason, message } = Closed.of(publication.signal);
    session.close(reason, message);
  });
}
