import type { IncomingMessage } from "node:http";
import { type StreamKey, streamKey } from "../../kernel/names.ts";
import { addressOfRequest } from "../../kernel/front/peer_address.ts";
import { addHops, HOPS_HEADER } from "../../kernel/sessions/hops.ts";
import { Refusal } from "../../kernel/reasons.ts";
import type { SessionInfo } from "../../kernel/sessions/session.ts";

/** What an HTTP request says of the peer and of the stream it wants. */
export interface StreamHttpRequest {
  readonly info: SessionInfo;
  readonly key: StreamKey;
}

/**
 * Reads `/{app}/{stream}[.flv]` and who asks for it.
 *
 * @throws {Refusal} when the path names no stream
 */
export function streamHttpRequest(protocol: string, incoming: IncomingMessage): StreamHttpRequest {
  const { url: target = "/" } = incoming;
  const url = target.includes("#") ? null : URL.parse(target, "http://localhost");
  const [, app = "", file = "", ...more] = url?.pathname.split("/") ?? [];
  if (!url || more.length > 0) throw new Refusal("bad-name", "A stream's address is /APP/STREAM.flv");
  addHops(url.searchParams, incoming.headers[HOPS_HEADER] as string | undefined);
  return {
    info: {
      protocol,
      remote: addressOfRequest(incoming),
      params: url.searchParams,
      url: url.pathname,
      authorization: incoming.headers.authorization,
      // Browsers send no referer with a WebSocket.
      referer: incoming.headers.referer ?? incoming.headers.origin,
      userAgent: incoming.headers["user-agent"],
    },
    key: streamKey(app, file.replace(/\.flv$/, ""), url.searchParams),
  };
}
