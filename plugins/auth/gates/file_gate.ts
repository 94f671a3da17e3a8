import type { Context, MiddlewareHandler } from "hono";
import type { HttpEnv } from "../../../kernel/front/front.ts";
import { BadNameError, DEFAULT_VHOST, isName, streamId, type StreamKey, streamKey } from "../../../kernel/names.ts";
import { addressOfRequest } from "../../../kernel/front/peer_address.ts";
import { problemAnswer } from "../../../kernel/front/problem.ts";
import { servedPath } from "../../shared/recordings/served_path.ts";
import { CORS } from "../../shared/serving/answer.ts";
import {
  issueViewerPass,
  isViewerPassOld,
  type PassIssuer,
  VIEWER_PASS_NAME,
  VIEWER_PASS_SECONDS,
} from "../../shared/viewer_pass.ts";
import type { Authorizer } from "../authorizer.ts";
import type { Peer } from "../ways/way.ts";

/** A file below the data directory, as far as it matters who may have it. */
interface Asked {
  readonly key: StreamKey;
  /** Where all files of the stream lie that are of the same kind; undefined for what is alone. */
  readonly folder?: string;
}

/** How a live HLS stream's own files are called: those of recorded sessions lie deeper, but for this one. */
const HLS_ALIAS = "record.m3u8";

/**
 * Lets only those have a stream's files who may play the stream: recordings, and segments on the disk.
 *
 * What belongs together is many files with plain addresses, so whoever was let in gets a pass in a cookie. Live HLS is left
 * to those who serve it: they ask with the first playlist.
 */
export function fileGate(authorizer: Authorizer, issuer: PassIssuer): MiddlewareHandler<HttpEnv> {
  return gate(authorizer, issuer, (c) => c.req.method === "OPTIONS" ? undefined : fileOf(c));
}

/** Lets only those know whether a stream is live, by HEAD, who may play it: no session begins there that could be asked. */
export function headGate(authorizer: Authorizer, issuer: PassIssuer): MiddlewareHandler<HttpEnv> {
  return gate(authorizer, issuer, (c) => c.req.method === "HEAD" ? liveOf(c) : undefined);
}

type Find = (c: Context<HttpEnv>) => Asked | "unknown" | undefined;

function gate(authorizer: Authorizer, issuer: PassIssuer, find: Find): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const asked = find(c);
    if (asked === undefined) return await next();
    if (asked === "unknown") return refused(c, "The server cannot tell which stream this is a file of");
    const { key, folder } = asked;
    const stream = streamId(key.vhost, key.app, key.name);
    const session = peerOf(c);
    const verdict = await authorizer.decide("play", { session, key, stream });
    if (verdict && "deny" in verdict) return refused(c, verdict.deny, verdict.challenge);
    const isGranted = verdict !== undefined;
    if (isGranted && folder !== undefined) handOut(c, folder, issueIfOld(session, stream, issuer));
    await next();
  };
}

/** Undefined for what is no file of a stream, or live HLS; a path that is not made of app and stream is unknown. */
function fileOf(c: Context<HttpEnv>): Asked | "unknown" | undefined {
  const parts = servedPath(c.env?.incoming?.url ?? new URL(c.req.url).pathname);
  if (!parts) return undefined;
  const [top, ...rest] = parts;
  // A live stream of an app of that name, which is asked about as every stream is.
  if (rest.length === 1 && rest[0].endsWith(".flv")) return undefined;
  const isVhost = !isName(rest[0]);
  const [vhost, app, name, ...file] = isVhost ? rest : [DEFAULT_VHOST, ...rest];
  if (file.length === 0 || !isName(app) || !isName(name)) return "unknown";
  if (top === "hls" && file.length === 1 && file[0] !== HLS_ALIAS) return undefined;
  return { key: { vhost, app, name }, folder: `/${[top, ...(isVhost ? [vhost] : []), app, name].join("/")}/` };
}

/** What is no stream's name is for others to refuse. */
function liveOf(c: Context<HttpEnv>): Asked | undefined {
  const [app = "", file = ""] = [c.req.param("app"), c.req.param("file")];
  try {
    return { key: streamKey(app, file.replace(/\.flv$/, ""), new URL(c.req.url).searchParams) };
  } catch (error) {
    if (error instanceof BadNameError) return undefined;
    throw error;
  }
}

/** Who asks; what is presented may stand in the query, in a header, or be a pass in a cookie. */
function peerOf(c: Context<HttpEnv>): Peer {
  const url = new URL(c.req.url);
  const pass = cookieOf(c.req.header("cookie"));
  if (pass !== undefined && !url.searchParams.has(VIEWER_PASS_NAME)) url.searchParams.set(VIEWER_PASS_NAME, pass);
  return {
    id: "",
    protocol: "http",
    remote: c.env?.incoming ? addressOfRequest(c.env.incoming) : "unknown:0",
    params: url.searchParams,
    info: {
      url: url.pathname,
      authorization: c.req.header("authorization"),
      referer: c.req.header("referer") ?? c.req.header("origin"),
      userAgent: c.req.header("user-agent"),
    },
    onClose: () => {},
    offClose: () => {},
  };
}

function cookieOf(header: string | undefined): string | undefined {
  for (const pair of header?.split(/; */) ?? []) {
    const [name, value] = pair.split(/=(.*)/s, 2);
    if (name === VIEWER_PASS_NAME) return value;
  }
}

function issueIfOld({ params }: Peer, stream: string, issuer: PassIssuer): string | undefined {
  const isOld = isViewerPassOld(params.get(VIEWER_PASS_NAME) ?? "", issuer.clock.date());
  return isOld ? issueViewerPass(issuer, stream) : undefined;
}

/** Caches that serve many must not give one viewer's answer to another; some answers are written past the context. */
function handOut(c: Context<HttpEnv>, folder: string, pass: string | undefined): void {
  const cookie = `${VIEWER_PASS_NAME}=${pass}; Path=${folder}; Max-Age=${VIEWER_PASS_SECONDS}; HttpOnly; SameSite=Lax`;
  c.env?.outgoing?.setHeader("Vary", "Cookie, Authorization");
  if (pass !== undefined) c.env?.outgoing?.setHeader("Set-Cookie", cookie);
}

function refused(c: Context<HttpEnv>, why: string, challenge?: string): Response {
  if (challenge === undefined) return problemAnswer(c, 403, why, CORS);
  return problemAnswer(c, 401, why, { ...CORS, "WWW-Authenticate": challenge });
}
