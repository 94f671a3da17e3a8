import type { Context } from "hono";
import type { HttpEnv } from "../../../kernel/front/front.ts";
import { BadNameError, streamId, type StreamKey, streamKey } from "../../../kernel/names.ts";
import { addressOfRequest } from "../../../kernel/front/peer_address.ts";
import type { SessionInfo } from "../../../kernel/sessions/session.ts";
import { VIEWER_PASS_NAME } from "../../shared/viewer_pass.ts";
import { ALIAS_NAME } from "../recording/recording_names.ts";
import type { ViewerRequest } from "./viewers.ts";

/** What a request for something of a stream's HLS says. */
export interface HlsRequest extends ViewerRequest {
  /** The stream's id. */
  readonly id: string;
  /** What is asked for: the last part of the path. */
  readonly file: string;
  readonly params: URLSearchParams;
  /** The query without delivery directives and passes. */
  readonly credentials: string;
  /** What the addresses of other playlists of the same viewer have as their query. */
  readonly handedOn: string;
}

/** Delivery directives (draft-pantos-hls-rfc8216bis, 6.2.5): they concern one request, and do not make another viewer. */
const DIRECTIVE = /^_HLS_/;

/**
 * Reads a request for `/hls/{app}/{stream}/{file}`.
 *
 * @throws {BadNameError} when the path names no stream
 */
export function hlsRequest(c: Context<HttpEnv>): HlsRequest {
  const url = new URL(c.req.url);
  const key = keyOf(c, url);
  const own = without(url.searchParams, (name) => DIRECTIVE.test(name));
  const handedOn = own.toString();
  const info: SessionInfo = {
    protocol: "hls",
    // Players ask again; and what is kept of a stream that has ended should not come late.
    waitSeconds: 0,
    remote: c.env?.incoming ? addressOfRequest(c.env.incoming) : "local:0",
    params: own,
    url: url.pathname,
    authorization: c.req.header("authorization"),
    referer: c.req.header("referer") ?? c.req.header("origin"),
    userAgent: c.req.header("user-agent"),
  };
  const id = streamId(key.vhost, key.app, key.name);
  const credentials = without(own, (name) => name === VIEWER_PASS_NAME).toString();
  return {
    info,
    key,
    id,
    query: credentials || handedOn,
    credentials,
    handedOn,
    file: c.req.param("file") ?? "",
    params: url.searchParams,
  };
}

/** The stream that such a request is about; undefined for what needs none: a recording, or a path that names no stream. */
export function streamOfRequest(c: Context<HttpEnv>): StreamKey | undefined {
  if (c.req.param("file") === ALIAS_NAME) return undefined;
  try {
    return keyOf(c, new URL(c.req.url));
  } catch (error) {
    if (error instanceof BadNameError) return undefined;
    throw error;
  }
}

function keyOf(c: Context<HttpEnv>, { searchParams }: URL): StreamKey {
  return streamKey(c.req.param("app") ?? "", c.req.param("stream") ?? "", searchParams);
}

function without(params: URLSearchParams, isLeftOut: (name: string) => boolean): URLSearchParams {
  if (params.size === 0) return params;
  return new URLSearchParams([...params].filter(([name]) => !isLeftOut(name)));
}
