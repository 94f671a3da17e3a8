/** Where a stream is published to or played from. */
export interface RtmpAddress {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** True for `rtmps://`. */
  readonly isTls: boolean;
  /** What `connect` asks for: all parts of the path but the last, usually one. */
  readonly app: string;
  /** The whole address but the stream, as `connect` wants it. */
  readonly tcUrl: string;
  /** The last part of the path, with the query: what `publish` and `play` ask for. Holds the key, if there is one. */
  readonly streamName: string;
  /** Who logs in, and with what, where the address says it: `rtmp://USER:PASSWORD@HOST…`. */
  readonly user?: string;
  readonly password?: string;
  /** `host:port`: all of the address that may be shown. */
  readonly shown: string;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "rtmp:": 1935, "rtmps:": 443 };

const SHAPE = "rtmp://[USER:PASSWORD@]HOST[:PORT]/APP/STREAM[?QUERY]";

/**
 * Takes apart `rtmp://[user:password@]host[:port]/app/stream[?query]` or the same with `rtmps`; the ports are 1935 and 443 by default.
 *
 * An app with a query of its own, `rtmp://host/app?vhost=example/stream`, is understood too. The errors show nothing of
 * the address but its scheme, since the rest may be a key.
 *
 * @throws {TypeError} when the address is not of this shape
 */
export function parseRtmpAddress(address: string | URL): RtmpAddress {
  const url = parsed(address);
  const defaultPort = DEFAULT_PORTS[url.protocol];
  if (!defaultPort) throw new TypeError(`The address begins with ${url.protocol}// and is not one of RTMP: ${SHAPE}`);
  const [app, streamName] = cutStream(url);
  if (!url.hostname || !app || !streamName) throw new TypeError(`The address names no host, app or stream: ${SHAPE}`);
  const port = Number(url.port) || defaultPort;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port,
    isTls: url.protocol === "rtmps:",
    app,
    tcUrl: `${url.protocol}//${url.host}/${app}`,
    streamName,
    ...(url.username && { user: decoded(url.username), password: decoded(url.password) }),
    shown: `${url.hostname}:${port}`,
  };
}

function parsed(address: string | URL): URL {
  try {
    return new URL(address);
  } catch {
    throw new TypeError(`The address is not a URL: ${SHAPE}`);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function cutStream({ pathname, search }: URL): [app: string, streamName: string] {
  const path = pathname.replace(/^\/+|\/+$/g, "");
  const at = path.lastIndexOf("/");
  if (at >= 0) return [path.slice(0, at), path.slice(at + 1) + search];
  const inQuery = search.lastIndexOf("/");
  return inQuery < 0 ? [path, ""] : [path + search.slice(0, inQuery), search.slice(inQuery + 1)];
}
